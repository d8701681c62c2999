import { StreamError } from '../errors'

/** Close codes that stand for an HTTP status, which nothing will change by itself. */
const refusals: Readonly<Record<number, number>> = { 4401: 401, 4403: 403, 4404: 404, 4409: 409, 4429: 429 }

/** Closes that are announced, and when to return, in milliseconds, where the reason says no number. Never 0: that is ours to say. */
const returns: Readonly<Record<number, number>> = { 1012: 1, 1013: 1_000, 4408: 1, 4429: 1_000 }

/**
 * What the close of a socket means for each stream on it. `authorized`: its credentials were good, so that a 4401 says that
 * they have expired meanwhile; a new socket asks for fresh ones.
 */
export function closed(code: number, reason: string, authorized: boolean): StreamError {
  const said = /^\d+$/.test(reason)
  const expired = code === 4401 && authorized
  const status = expired ? undefined : refusals[code]
  const retryAfter = expired ? 1 : code in returns && said ? Math.max(1, Number(reason)) : returns[code]
  const sentence = `The server closed the socket (${code}${reason && !said ? `: ${reason}` : ''}).`
  return new StreamError(status ? 'http' : 'network', sentence, { status, retryAfter })
}
