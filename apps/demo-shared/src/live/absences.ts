import type { ConnectionState } from '@keepstream/core'

/** A time without a connection, by how many messages there were before it. */
export interface Absence {
  readonly after: number
  /** When it was over, as a time of `Date.now()`; absent while it lasts. */
  readonly until: number | undefined
}

/**
 * The absences of a reader after one more look at it: the same array where nothing changed. The first connection ends no
 * absence, for nothing was there to be missed.
 */
export function noteConnection(
  absences: readonly Absence[],
  { state }: Pick<ConnectionState, 'state'>,
  count: number,
  now: number,
): readonly Absence[] {
  const last = absences.at(-1)
  const away = last !== undefined && last.until === undefined
  if (state === 'open') return away ? [...absences.slice(0, -1), { ...last, until: now }] : absences
  const lost = state === 'waiting' || state === 'offline'
  return lost && !away ? [...absences, { after: count, until: undefined }].slice(-kept) : absences
}

// As many as a page shows messages of, about.
const kept = 50

/** Whether the message number `place`, counted from 1, was published while its reader was away. */
export const wasMissed = (absences: readonly Absence[], place: number, at: number): boolean =>
  absences.some(({ after, until = Infinity }) => place > after && at < until)
