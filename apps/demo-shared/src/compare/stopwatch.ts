import type { Transport, Wrapper } from '@keepstream/core'

/** Times of `performance.now()`. */
export interface Times {
  readonly askedAt: number
  /** When the pool let it go; absent while it waits in line. */
  readonly admittedAt: number | undefined
}

/** Tells the time in a line from the time that a model takes, which the statistics of an answer count as one. */
export interface Stopwatch {
  /** These models are asked now. */
  readonly ask: (models: readonly string[]) => void
  /** For the option `via`, right after the pool: whatever comes through has had its turn. */
  readonly via: (model: string) => Wrapper
  readonly get: (model: string) => Times | undefined
}

export function createStopwatch(now: () => number = () => performance.now()): Stopwatch {
  const times = new Map<string, Times>()

  return {
    ask(models) {
      const askedAt = now()
      for (const model of models) times.set(model, { askedAt, admittedAt: undefined })
    },
    via: (model) => (transport) => {
      const open: Transport = (request) => {
        const asked = times.get(model)
        // Once: a connection that is lost and comes back waits for its turn again, but has been under way since.
        if (asked) times.set(model, { ...asked, admittedAt: asked.admittedAt ?? now() })
        return transport(request)
      }
      return Object.assign(open, transport.stop && { stop: transport.stop })
    },
    get: (model) => times.get(model),
  }
}
