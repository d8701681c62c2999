import type { StreamError } from '../errors'
import { check, settings } from '../option'

export interface BackoffOptions {
  /** Failures in a row, without progress between them, after which to give up. Default 8; `Infinity` never gives up. */
  readonly maxRetries?: number
  /** The first delay, in milliseconds; a server's `retry:` takes its place. Default 500. */
  readonly baseDelay?: number
  /** The longest delay, in milliseconds, before the jitter. Default 15,000. */
  readonly maxDelay?: number
  /** How much longer each delay is than the one before. Default 2. */
  readonly backoffFactor?: number
  /**
   * How far a delay strays from its middle: 0.2 is 20 % either way. Default `full`: anywhere between nothing and the
   * delay, which spreads returning clients best
   * ("Exponential Backoff And Jitter", M. Brooker, AWS Architecture Blog, 2015).
   */
  readonly jitterFactor?: number | 'full'
  /** The statuses that are worth another attempt. Default 408, 425, 429, 500, 502, 503, 504. */
  readonly retryableStatuses?: readonly number[]
  /** The longest `Retry-After` that is waited for, in milliseconds; a longer one is cut to this. Default 300,000. */
  readonly maxRetryAfter?: number
  /** Numbers from 0 up to 1. Default `Math.random`. */
  readonly random?: () => number
}

export interface Failure {
  readonly error: StreamError
  /** Failures in a row without progress between them, this one counted. */
  readonly failures: number
  /** The server's latest `retry:`, in milliseconds. */
  readonly hint?: number | undefined
}

/** How many milliseconds to wait before the next attempt, or `undefined` to give up. Pure: no clock, no timer, no socket. */
export type RetryPolicy = (failure: Failure) => number | undefined

const defaults: Required<BackoffOptions> = {
  maxRetries: 8,
  baseDelay: 500,
  maxDelay: 15_000,
  backoffFactor: 2,
  jitterFactor: 'full',
  retryableStatuses: [408, 425, 429, 500, 502, 503, 504],
  maxRetryAfter: 300_000,
  random: () => Math.random(),
}

// `retry: 0` would turn an outage into a busy loop.
const leastDelay = 100

/** Exponential backoff with jitter, drawn for each wait. */
export function backoff(options: BackoffOptions = {}): RetryPolicy {
  const all = settings('retry.', defaults, options)
  const { maxRetries, baseDelay, maxDelay, backoffFactor, jitterFactor, retryableStatuses, maxRetryAfter, random } = all
  const jitter = jitterFactor === 'full' || (jitterFactor >= 0 && jitterFactor <= 1)
  check(jitter, 'retry.jitterFactor', jitterFactor, "'full' or a number from 0 to 1")
  check(Array.isArray(retryableStatuses), 'retry.retryableStatuses', retryableStatuses, 'an array of HTTP statuses')

  return ({ error, failures, hint = baseDelay }) => {
    const retryable = error.code === 'http' ? retryableStatuses.includes(error.status!) : error.retryable
    if (!retryable || failures > maxRetries) return undefined
    const first = Math.max(hint, Math.min(baseDelay, leastDelay))
    // Told when to return, everybody would return at once: the jitter goes on top.
    if (error.retryAfter !== undefined) {
      // What is negative or no number comes from the wire, and is no wish.
      const asked = error.retryAfter > 0 ? Math.min(error.retryAfter, maxRetryAfter) : 0
      return asked + random() * Math.min(first, maxDelay)
    }
    // The power may overflow to Infinity, which `min` takes back; but zero times Infinity is no number.
    const delay = Math.min(maxDelay, first && first * backoffFactor ** (failures - 1))
    return jitterFactor === 'full' ? random() * delay : delay * (1 + jitterFactor * (2 * random() - 1))
  }
}
