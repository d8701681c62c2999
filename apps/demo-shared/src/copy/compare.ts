/** What the page "compare" says. */
export interface CompareCopy {
  readonly heading: string
  readonly lead: string

  readonly question: string
  /** The question that stands there to begin with. */
  readonly example: string
  readonly ask: string
  readonly stopAll: string
  readonly hint: string

  readonly models: string
  readonly modelsHint: string
  readonly describe: (description: { readonly en: string; readonly ko: string }) => string
  readonly loading: string
  readonly loadFailed: string
  readonly loadAgain: string

  readonly atOnce: string
  readonly atOnceHint: string

  readonly times: string
  readonly legs: { readonly queued: string; readonly waiting: string; readonly writing: string }
  readonly rank: (rank: number) => string
  readonly figures: {
    readonly firstToken: string
    readonly rate: string
    readonly tokens: string
    readonly cost: string
  }
  readonly mark: (milliseconds: number) => string
  readonly seconds: (milliseconds: number) => string
  readonly perSecond: (tokens: number) => string
  readonly count: (tokens: number) => string
  /** Of a figure that is not counted yet. */
  readonly atLeast: (figure: string) => string
  readonly cost: (amount: number, currency: string) => string

  readonly answers: string
  readonly states: {
    readonly idle: string
    readonly pending: string
    readonly thinking: string
    readonly streaming: string
    readonly done: string
    readonly stopped: string
    readonly interrupted: string
    readonly failed: string
  }
  readonly reasoning: string
  readonly tool: string
  /** What a button says to whoever does not see where it stands. Begins with what it shows. */
  readonly stop: (model: string) => string
  readonly stopShort: string
  readonly askAgain: (model: string) => string
  readonly askAgainShort: string
  readonly kept: string
  readonly details: string

  readonly announce: {
    readonly under: (over: number, asked: number) => string
    readonly over: (asked: number, first: string) => string
    readonly none: string
  }
}
