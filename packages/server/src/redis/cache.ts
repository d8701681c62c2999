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
  /** Runs a change of what is held and keeps the count true. */
  readonly counted: <T>(cached: Cached, change: () => T) => T
  /** Frees memory until `bytes` more fit. Tells whether they do. */
  readonly makeRoom: (bytes: number) => boolean
}

/** What a stream costs beside its entries, so that a flood of empty streams is bounded too. An estimate, in bytes. */
export const streamCost = 2048

export function createCache(maxBytes: number): Cache {
  const held = new Set<Cached>()
  let total = 0

  function counted<T>(cached: Cached, change: () => T): T {
    const before = cached.capacity
    const result = change()
    if (held.has(cached)) total += cached.capacity - before
    return result
  }

  function shrink(): boolean {
    for (const cached of held) if (counted(cached, cached.dropOldest)) return true
    return false
  }

  return {
    hold(cached) {
      if (held.has(cached)) return
      held.add(cached)
      total += streamCost + cached.capacity
    },
    release(cached) {
      if (held.delete(cached)) total -= streamCost + cached.capacity
    },
    counted,
    makeRoom(bytes) {
      while (total + bytes > maxBytes) if (!shrink()) return false
      return true
    },
  }
}
