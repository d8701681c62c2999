/** What the page "chat" says. */
export interface ChatCopy {
  /** The name of the page, for those who do not see it. */
  readonly heading: string
  readonly welcome: {
    readonly heading: string
    readonly lead: string
    readonly suggestionsLabel: string
    readonly suggestions: readonly string[]
  }

  readonly conversationLabel: string
  readonly you: string
  readonly assistant: string
  readonly thinking: string
  readonly jumpToEnd: string
  readonly copyAnswer: string
  readonly copied: string

  readonly reasoning: { readonly running: string; readonly over: string }

  readonly tool: {
    readonly running: string
    readonly over: string
    readonly result: string
    /** What the tool made: an event, when it begins and how long it takes. */
    readonly event: (title: string, start: Date, minutes: number) => string
    /** That the model knows of the result. */
    readonly told: string
    readonly save: string
  }

  readonly edit: {
    readonly begin: string
    readonly label: string
    readonly send: string
    readonly cancel: string
    /** What comes of it. */
    readonly hint: string
  }

  readonly composer: {
    readonly label: string
    readonly placeholder: string
    readonly send: string
    readonly stop: string
    readonly hintIdle: string
    readonly hintBusy: string
    readonly clear: string
  }

  readonly settings: {
    readonly open: string
    readonly heading: string
    readonly lead: string
    readonly model: string
    readonly modelLoading: string
    readonly modelNone: string
    readonly temperature: string
    readonly temperatureHint: string
    readonly maxTokens: string
    readonly maxTokensHint: string
    readonly system: string
    readonly systemHint: string
    /** Where nothing is chosen. */
    readonly unset: string
    readonly reset: string
    readonly done: string
  }

  readonly outcome: {
    readonly done: string
    readonly asked: (times: number) => string
    readonly drops: (times: number) => string
    readonly stopped: string
    readonly stopConfirmed: string
    readonly stopping: string
    readonly stopUnconfirmed: string
    readonly interrupted: string
    readonly interruptedGone: string
    readonly interruptedNetwork: string
    readonly interruptedAway: string
    readonly interruptedLeft: string
    /** The engine's own sentence has no part in it. */
    readonly left: string
    readonly failed: string
    readonly failedNetwork: string
    readonly failedServer: string
    readonly details: string
    readonly resume: string
    readonly askAgain: string
  }

  readonly usage: {
    readonly tokens: (count: number) => string
    readonly cost: (amount: number, currency: string) => string
  }

  readonly faults: {
    readonly label: string
    readonly hint: string
    readonly cut: { readonly name: string; readonly effect: string; readonly announced: string }
    readonly stall: { readonly name: string; readonly effect: string; readonly announced: string }
    readonly refuse: { readonly name: string; readonly effect: string; readonly announced: string }
    readonly unreachable: string
  }

  readonly announce: {
    readonly pending: string
    readonly waiting: string
    readonly back: string
    readonly done: string
  }
}
