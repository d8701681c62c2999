/** How many requests a key can always take, and how many at most. */
export type Limits = readonly [low: number, high: number]

/** What is known about how many requests a key takes at once. All times are milliseconds of one clock. */
export interface Allowance {
  /** How many may run at once; only whole ones do. Between the two limits. */
  readonly limit: number
  /** Nothing is sent before. */
  readonly heldUntil: number
  /** When the limit was last lowered. */
  readonly loweredAt: number
  /** Refusals in a row. */
  readonly refusals: number
}

/** What a request has taught. */
export type Lesson =
  /** It was let in, when so many ran at once, itself counted. */
  | { readonly type: 'admitted'; readonly running: number }
  /** It was one too many. `sentAt`: when it began; `jitter`: a number from 0 to 1, drawn for this refusal. */
  | {
      readonly type: 'refused'
      readonly sentAt: number
      readonly retryAfter: number | undefined
      readonly jitter: number
    }

// Where the server does not say how long to wait, in milliseconds: twice as long after each refusal in a row.
const firstPause = 1_000
const longestPause = 30_000
// Longer than a server may stop us: as `retry.maxRetryAfter`.
const longestHold = 300_000

/**
 * Begins at the low limit: what was said to be safe. The first burst is the worst moment to find out about more, since
 * all of it would be refused together.
 */
export const firstAllowance = ([low]: Limits): Allowance => ({
  limit: low,
  heldUntil: -Infinity,
  loweredAt: -Infinity,
  refusals: 0,
})

/**
 * Additive increase, multiplicative decrease, as TCP finds the width of a link: one more for each full round that was let
 * in, half after a refusal (D. Chiu and R. Jain, "Analysis of the Increase and Decrease Algorithms for Congestion
 * Avoidance", 1989). Pure.
 */
export function adapt(allowance: Allowance, [low, high]: Limits, lesson: Lesson, now: number): Allowance {
  const { limit, heldUntil, loweredAt } = allowance
  if (lesson.type === 'admitted') {
    // A limit that was not reached has proved nothing (RFC 7661).
    const grown = lesson.running < Math.floor(limit) ? limit : Math.min(high, limit + 1 / limit)
    return grown === limit && allowance.refusals === 0 ? allowance : { ...allowance, limit: grown, refusals: 0 }
  }
  // Those that were already on their way when the limit was lowered tell nothing about the new one.
  const news = lesson.sentAt > loweredAt
  const refusals = allowance.refusals + (news ? 1 : 0)
  const pause = Math.min(longestPause, firstPause * 2 ** (Math.max(1, refusals) - 1))
  // "Return at once" from a server that refuses would send the whole queue through its refusals.
  const asked = lesson.retryAfter! > 0 ? Math.min(longestHold, Math.max(firstPause, lesson.retryAfter!)) : pause
  return {
    limit: news ? Math.max(low, limit / 2) : limit,
    // Told when to return, everybody would return at once: the jitter goes on top.
    heldUntil: Math.max(heldUntil, now + asked + lesson.jitter * Math.min(asked, firstPause)),
    loweredAt: news ? now : loweredAt,
    refusals,
  }
}
