import { StreamError } from '../errors'

/** Closes that are announced, and when to return, in milliseconds, where the reason says no number. Never 0: that is ours to say. */
const returns: Readonly<Record<number, number>> = { 1012: 1, 1013: 1_000, 4408: 1, 4429: 1_000 }

/**
 * What the close of a socket means for each stream on it. Most codes from 4400 on are a status of HTTP and 4000 more.
 * `authorized`: its credentials were good, so that a 4401 says that they have expired; a new socket asks for fresh ones.
 */
export function closed(code: number, reason: string, authorized: boolean): StreamError {
  const said = /^\d+$/.test(reason)
  const expired = code === 4401 && authorized
  const status = code > 4400 && code < 4500 && code !== 4408 && !expired ? code - 4000 : undefined
  const announced = expired ? 1 : returns[code]
  const retryAfter = announced && said ? Math.max(1, Number(reason)) : announced
  const why = reason && !said ? `: ${reason}` : ''
  // 1006: nobody said anything.
  const sentence = code === 1006 ? 'The connection broke.' : `The server closed the socket (${code}${why}).`
  return new StreamError(status ? 'http' : 'network', sentence, { status, retryAfter })
}
