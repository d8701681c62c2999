/** Everything that the pages say, in one language. */
export interface Copy {
  /** The name of this language in itself. */
  readonly name: string
  readonly title: string
  readonly tagline: string
  readonly languageLabel: string

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

  readonly wire: {
    readonly label: string
    readonly ready: string
    readonly connecting: string
    readonly connected: string
    readonly reconnecting: (attempt: number) => string
    readonly waiting: (attempt: number, seconds: number) => string
    readonly offline: string
    readonly queued: (position: number) => string
    readonly broken: string
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

  readonly lab: {
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
