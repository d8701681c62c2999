/** The time, as often as it is shown. */
export interface Clock {
  /** As of the last tick, so that all who look in between see the same. */
  readonly get: () => number
  /** Ticks for as long as somebody listens. */
  readonly subscribe: (listener: () => void) => () => void
}

/** A clock of `performance.now()`, which is what streams are measured by. `interval` in milliseconds. */
export function createClock(interval: number): Clock {
  let now = performance.now()
  let timer: ReturnType<typeof setInterval> | undefined
  const listeners = new Set<() => void>()

  function tick(): void {
    now = performance.now()
    for (const listener of listeners) listener()
  }

  return {
    get: () => now,
    subscribe(listener) {
      listeners.add(listener)
      timer ??= setInterval(tick, interval)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}

/** Ten times a second: bars glide from one tick to the next by themselves. */
export const clock = createClock(100)

export const still: Clock = { get: clock.get, subscribe: () => () => {} }
