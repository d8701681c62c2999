import type { Subject } from './subject'

/** One thing that a server does. */
export interface Check {
  readonly clauses: readonly string[]
  /** As a fact: "begins each event stream with `hello`". */
  readonly title: string
  /** Why it does not apply to this server, or nothing where it does. */
  readonly unless?: (subject: Subject) => string | undefined
  /** Whether it fills the server up to a bound, which others would meet. Default false: several are at work at once. */
  readonly alone?: boolean
  /** Throws a mismatch where the server does otherwise. */
  readonly run: (subject: Subject) => Promise<void>
}

export const needsScripts = ({ scripted }: Subject) =>
  scripted ? undefined : 'the route does not run the scripts of the suite'

export const needsOther = ({ settings }: Subject) =>
  settings.otherHeaders ? undefined : '`otherHeaders` does not say who else there is'

/** What a check found out in the middle: that it says nothing about this server. */
export interface Unsuited extends Error {
  readonly unsuited: true
}

export const unsuited = (why: string): Unsuited => Object.assign(new Error(why), { unsuited: true as const })
export const isUnsuited = (error: unknown): error is Unsuited => error instanceof Error && 'unsuited' in error
