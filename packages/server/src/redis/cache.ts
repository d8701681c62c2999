/** What holds memory that it can do without: Redis has the same. */
export interface Cached {
  readonly capacity: number
  /** Drops its oldest entries, where nobody needs them but late readers. Tells whether there were any to drop. */
  readonly dropOldest: () => boolean
}

/** The count of the memory that all streams of this process hold, and its bound. */
export interface Cache {
  readonly hold: (cached: Cached) => void
  readonly release: (cached: Cached) => void
  /** The first to go, and whole: nobody uses it just now. `drop` tells whether that still holds, and lets go of it. */
  readonly spare: (cached: Cached, drop: () => boolean) => void
  /** Runs a change of what is held and keeps the count true. */
  readonly counted: <T>(cached: Cached, change: () => T) => T
  /** Frees memory until `bytes` more fit. Tells whether they do. */
  readonly makeRoom: (bytes: number) => boolean
}

/** What a stream costs beside its entries, so that a flood of empty streams is bounded too. An estimate, in bytes. */
export const streamCost = 2048

export function createCache(maxBytes: number): Cache {
  const held = new Set<Cached>()
  /** In the order in which they were offered. */
  const spares = new Map<Cached, () => boolean>()
  let total = 0

  function counted<T>(cached: Cached, change: () => T): T {
    const before = cached.capacity
    const result = change()
    if (held.has(cached)) total += cached.capacity - before
    return result
  }

  function shrink(): boolean {
    for (const [cached, drop] of spares) {
      spares.delete(cached)
      if (drop()) return true
    }
    // Whoever has nothing to drop goes last, so that the next search does not begin with the same.
    for (let left = held.size; left > 0; left--) {
      const [cached] = held as Iterable<Cached> as [Cached]
      if (counted(cached, cached.dropOldest)) return true
      held.delete(cached)
      held.add(cached)
    }
    return false
  }

  return {
    hold(cached) {
      if (held.has(cached)) return
      held.add(cached)
      total += streamCost + cached.capacity
    },
    release(cached) {
      spares.delete(cached)
      if (held.delete(cached)) total -= streamCost + cached.capacity
    },
    spare(cached, drop) {
      if (held.has(cached)) spares.set(cached, drop)
    },
    counted,
    makeRoom(bytes) {
      while (total + bytes > maxBytes) if (!shrink()) return false
      return true
    },
  }
}
