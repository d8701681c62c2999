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

  readonly composer: {
    readonly label: string
    readonly placeholder: string
    readonly send: string
    readonly stop: string
    readonly hintIdle: string
    readonly hintBusy: string
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
    readonly failed: string
    readonly failedNetwork: string
    readonly failedServer: string
    readonly details: string
    readonly resume: string
    readonly askAgain: string
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
