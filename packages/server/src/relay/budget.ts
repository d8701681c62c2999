/** How many retries a relay may still make: they must not multiply the load of a provider that is in trouble. */
export interface RetryBudget {
  /** Notes a request that is no retry. */
  readonly deposit: () => void
  /** Takes one retry out. Tells whether there was one. */
  readonly withdraw: () => boolean
}

/** Lets one request in `1 / ratio` be retried, and `reserve` more after a quiet time. */
export function createRetryBudget({ ratio = 0.1, reserve = 10 } = {}): RetryBudget {
  let left = reserve
  return {
    deposit() {
      left = Math.min(reserve, left + ratio)
    },
    withdraw() {
      if (left < 1) return false
      left--
      return true
    },
  }
}
