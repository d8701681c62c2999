import type { Group } from './checks'

export type Outcome = 'pass' | 'fail' | 'not-applicable'

export interface CheckResult {
  readonly group: Group
  /** The numbers of the clauses in PROTOCOL.md, such as `R16`. */
  readonly clauses: readonly string[]
  /** What the server does, as a fact. */
  readonly title: string
  readonly outcome: Outcome
  /** What was expected, where it failed. */
  readonly expected?: string
  /** What was seen where it failed, or why it does not apply. */
  readonly seen?: string
  readonly milliseconds: number
}

export interface Report {
  readonly url: string
  readonly passed: number
  readonly failed: number
  readonly notApplicable: number
  /** What may be wrong with the call of the suite, where it is not the server. */
  readonly note?: string
  readonly checks: readonly CheckResult[]
}

export function createReport(url: string, checks: readonly CheckResult[], note?: string): Report {
  const count = (outcome: Outcome) => checks.filter((check) => check.outcome === outcome).length
  const counts = { passed: count('pass'), failed: count('fail'), notApplicable: count('not-applicable') }
  return { url, ...counts, ...(note !== undefined && { note }), checks }
}

const words: Record<Outcome, string> = { pass: 'pass', fail: 'FAIL', 'not-applicable': 'n/a ' }

/** The report as a table for people, with what was expected and seen below each check that failed. */
export function formatReport({ url, passed, failed, notApplicable, note, checks }: Report): string {
  const width = Math.max(...checks.map(({ clauses }) => clauses.join(' ').length), 0)
  const lines = checks.flatMap(({ clauses, title, outcome, expected, seen }) => {
    const indent = ' '.repeat(width + 8)
    const details = outcome === 'fail' ? [`${indent}expected ${expected}`, `${indent}saw      ${seen}`] : []
    const reason = outcome === 'not-applicable' ? ` (${seen})` : ''
    return [`${words[outcome]}  ${clauses.join(' ').padEnd(width)}  ${title}${reason}`, ...details]
  })
  const totals = `${passed} passed, ${failed} failed, ${notApplicable} not applicable`
  return [url, '', ...lines, '', totals, ...(note === undefined ? [] : [note])].join('\n')
}
