/** What the page "task" says. */
export interface TaskCopy {
  readonly heading: string
  readonly lead: string
  /** What the report is written in. */
  readonly language: 'en' | 'ko'

  readonly topic: string
  /** The topic that stands there to begin with. */
  readonly example: string
  readonly speed: string
  readonly speeds: { readonly slow: string; readonly normal: string; readonly fast: string }
  readonly fail: string
  readonly start: string
  readonly startAgain: string
  readonly resume: string

  readonly empty: string
  readonly running: string
  readonly begins: string
  readonly step: (step: number, steps: number) => string
  readonly percent: (percent: number) => string
  readonly timeLeft: (milliseconds: number) => string
  readonly progress: string
  readonly parts: string
  readonly ends: {
    readonly done: string
    readonly stopped: string
    readonly failed: string
    readonly interrupted: string
  }

  readonly log: string
  readonly logEmpty: string
  readonly time: (milliseconds: number) => string
  readonly warning: string

  readonly cancel: string
  readonly cancelling: string
  readonly confirm: {
    readonly heading: string
    readonly sentence: string
    readonly yes: string
    readonly no: string
  }
  readonly cancelled: string
  readonly cancelledSentence: string
  readonly cancelUnconfirmed: string

  readonly done: string
  readonly doneSentence: string
  readonly result: string
  readonly findings: string
  readonly sources: string
  readonly pages: string

  readonly failed: string
  readonly refused: string
  readonly refusedNetwork: string
  readonly interrupted: string
  readonly interruptedGone: string
  readonly interruptedNetwork: string
  readonly lost: string
}
