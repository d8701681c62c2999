/** One timer for all that has to happen about now: heartbeats, deadlines, expiry. */
export interface Ticker {
  /** Starts ticking, if it does not tick yet. */
  readonly start: () => void
  readonly stop: () => void
}

/** Calls `tick` every `interval` milliseconds once started. Never keeps the process alive. */
export function createTicker(interval: number, tick: () => void): Ticker {
  let timer: ReturnType<typeof setInterval> | undefined
  return {
    start() {
      if (timer !== undefined) return
      timer = setInterval(tick, interval)
      // Only Node, Bun and Deno know unref; elsewhere nothing is kept alive by a timer.
      ;(timer as { unref?: () => void }).unref?.()
    },
    stop() {
      clearInterval(timer)
      timer = undefined
    },
  }
}
