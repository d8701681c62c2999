import type { FaultGroup, FaultName } from '../lab/commands'
import type { LaneState } from '../lab/lab'
import type { Runner } from '../lab/run'
import type { NoteKind } from '../lab/timeline'

/** A button that breaks something. */
export interface FaultWords {
  readonly name: string
  /** What it does and what will happen, in a sentence. */
  readonly effect: string
}

/** What the page "lab" says. */
export interface LabCopy {
  readonly heading: string
  readonly lead: string
  /** What all three are asked; the language of the question decides that of the answer. */
  readonly question: string
  readonly start: string
  readonly startAgain: string
  readonly stop: string
  readonly repair: string

  readonly lanesLabel: string
  readonly lanes: Readonly<Record<Runner, { readonly name: string; readonly how: string }>>
  readonly states: Readonly<Record<LaneState, string>>
  readonly empty: string
  readonly complete: string
  readonly incomplete: string
  readonly silent: (seconds: number) => string
  readonly correct: string
  readonly missing: string
  readonly extra: string
  readonly calls: string
  readonly unknown: string
  readonly noRivals: string

  readonly faultsLabel: string
  readonly groups: Readonly<Record<FaultGroup, string>>
  readonly faults: Readonly<Record<FaultName, FaultWords>>
  readonly backOnline: string
  readonly left: (seconds: number) => string
  /** Before the first button. */
  readonly hint: string
  readonly asking: (name: string) => string
  readonly done: (name: string) => string
  readonly over: (name: string) => string
  readonly refused: (name: string) => string
  readonly repaired: string
  readonly durable: string
  readonly volatile: string

  readonly plotLabel: string
  /** Below the line of time. */
  readonly plotSeconds: (seconds: number) => string
  readonly plotSummary: (lines: readonly string[]) => string
  readonly plotFailed: string
  readonly signs: Readonly<Record<Exclude<NoteKind, 'reset' | 'failed'>, string>>

  readonly statisticsLabel: string
  readonly statistics: {
    readonly first: string
    readonly pace: string
    readonly gap: string
    readonly reconnects: string
    readonly downtime: string
    readonly duplicates: string
    readonly bytes: string
    readonly carrier: string
  }
  /** As the language writes it. Default: no digits behind the point. */
  readonly number: (value: number, digits?: number) => string
  readonly times: (count: number) => string
  readonly perSecond: (parts: string) => string
  readonly seconds: (seconds: string) => string
  readonly none: string

  readonly logLabel: string
  readonly logEmpty: string
  readonly notes: Readonly<Record<Exclude<NoteKind, 'fault'>, (detail: string | undefined) => string>>
  readonly online: string
}
