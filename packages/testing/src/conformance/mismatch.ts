/** What a clause wants and what the server did instead. */
export interface Mismatch extends Error {
  readonly expected: string
  readonly seen: string
}

/** Ends a check: the server does not do what the clause says. */
export function mismatch(expected: string, seen: unknown): Mismatch {
  const shown = typeof seen === 'string' ? seen : (JSON.stringify(seen) ?? 'nothing')
  const details = { expected, seen: shown.length > 400 ? `${shown.slice(0, 400)} …` : shown }
  return Object.assign(new Error(`Expected ${expected}. Saw ${details.seen}.`), details)
}

export function demand(holds: boolean, expected: string, seen: unknown): asserts holds {
  if (!holds) throw mismatch(expected, seen)
}

export const isMismatch = (error: unknown): error is Mismatch =>
  error instanceof Error && 'expected' in error && 'seen' in error

/** Whether two values are the same JSON, whatever the order of their fields. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other
  const names = Object.keys(one)
  return (
    Array.isArray(one) === Array.isArray(other) &&
    names.length === Object.keys(other).length &&
    names.every((name) => sameJson((one as Fields)[name], (other as Fields)[name]))
  )
}

/** What is known of an object that somebody else has made. */
export type Fields = Readonly<Record<string, unknown>>
