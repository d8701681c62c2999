import { checkCount, checkDuration, checkNames } from './option'

/** What one stream, one request and one person may cost. What happens at each bound is said beside it. */
export interface Limits {
  /** One entry, in bytes of its value as JSON. Default 256 KiB. Beyond it the stream ends with `too_large`. */
  readonly entryBytes: number
  /** One stream, in bytes as sent. Default 16 MiB. Beyond it the stream ends with `too_large`. */
  readonly streamBytes: number
  /** Entries of one stream. Default 50,000. Beyond it the stream ends with `too_large`. */
  readonly streamEntries: number
  /** The body of a request, in bytes. Default 1 MiB. Beyond it: 413. */
  readonly bodyBytes: number
  /** How long the body of a request may take, in milliseconds. Default 30,000. Beyond it: 408. */
  readonly bodyTimeout: number
  /**
   * How long a full connection may take not one byte, in milliseconds. Default 60,000. Beyond it, at the latest after
   * twice that time, its reader is told to go (`bye` `slow`), and two seconds later it is destroyed. One that takes bytes
   * slowly stays, as far as the kernel tells: Linux says that a full connection has taken something only once a third of
   * its send buffer is free, of 4 MiB at most by default (`tcp_wmem`). So it has to take 1.4 MB in that time where more than
   * the buffer waits for it: 24 kB a second by default, and accordingly more where the time is set shorter.
   */
  readonly stallTimeout: number
  /**
   * Connections of this process: whoever reads a stream, each stream of a WebSocket for itself, and polls that wait.
   * Default 20,000, or `Infinity`. Beyond it: 503.
   */
  readonly connections: number
  /** Those of one user, where `authorize` names one. Default 100, or `Infinity`. Beyond it: 429. */
  readonly connectionsPerUser: number
  /**
   * Those from one address, or from one /64 of IPv6. Default `Infinity`, for behind a proxy that nobody told of all
   * clients have one address: see `trustProxy` of `createHandler`. Beyond it: 429.
   */
  readonly connectionsPerAddress: number
  /** Answers under way in this process for one user, where `authorize` names one. Default 32, or `Infinity`. Beyond it: 429. */
  readonly streamsPerUser: number
  /** How long the `authorize` hook may take, in milliseconds. Default 10,000. Beyond it: 503, and what it says later counts for nothing. */
  readonly authorizeTimeout: number
  /** Requests that wait for that hook at a time. Default 10,000, or `Infinity`. Beyond it: 503. */
  readonly authorizations: number
}

const defaults: Limits = {
  entryBytes: 256 * 1024,
  streamBytes: 16 * 1024 * 1024,
  streamEntries: 50_000,
  bodyBytes: 1024 * 1024,
  bodyTimeout: 30_000,
  stallTimeout: 60_000,
  connections: 20_000,
  connectionsPerUser: 100,
  connectionsPerAddress: Number.POSITIVE_INFINITY,
  streamsPerUser: 32,
  authorizeTimeout: 10_000,
  authorizations: 10_000,
}

/** Bounds on how many there are, of which there may be no bound. */
const headcounts = ['connections', 'connectionsPerUser', 'connectionsPerAddress', 'streamsPerUser', 'authorizations']

export function resolveLimits(given: Partial<Limits> = {}): Limits {
  checkNames('limits', given, Object.keys(defaults))
  const limits = { ...defaults, ...given }
  for (const [name, value] of Object.entries(limits)) {
    if (name.endsWith('Timeout')) checkDuration(`limits.${name}`, value)
    else if (value !== Number.POSITIVE_INFINITY || !headcounts.includes(name)) checkCount(`limits.${name}`, value, 1)
  }
  return limits
}
