/**
 * `passing`: the same command may succeed later, and to send it again is harmless because every write names its term
 * and its number. `full`: Redis has reached its `maxmemory` and may not evict. `permanent`: to repeat it is in vain.
 */
export type Failure = 'passing' | 'full' | 'permanent'

/** The codes with which Redis refuses for now: it loads, fails over, or is busy with a script. */
const passing = new Set([
  'LOADING',
  'READONLY',
  'BUSY',
  'TRYAGAIN',
  'MOVED',
  'ASK',
  'CLUSTERDOWN',
  'MASTERDOWN',
  'NOREPLICAS',
  'MISCONF',
  'UNBLOCKED',
])

/** Errors of Redis itself begin with a code in capitals, by its protocol (RESP). All others are of the connection. */
const replyCode = /^[A-Z][A-Z0-9]+(?= |$)/

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error ? replyCode.exec(error.message)?.[0] : undefined

export function classify(error: unknown): Failure {
  const code = codeOf(error)
  if (code === undefined || passing.has(code)) return 'passing'
  return code === 'OOM' ? 'full' : 'permanent'
}
