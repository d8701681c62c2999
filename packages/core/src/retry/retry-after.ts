/**
 * Milliseconds that a `Retry-After` header asks for, or `undefined` where it says nothing usable.
 * Both forms of RFC 9110 §10.2.3: seconds, and a date (a date in the past is 0), which is always of the zone GMT, also in
 * its old form that does not say so. `now` is a time of `Date.now()`.
 */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  if (!value) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000
  // Date.parse takes much for a date ("-5", "1.5"); an HTTP-date begins with the name of a day.
  const date = /^\s*[A-Z][a-z]{2}/.test(value) ? Date.parse(/GMT\s*$/.test(value) ? value : `${value} GMT`) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
