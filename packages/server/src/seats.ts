/** Counts what is held on behalf of each key, up to a bound. What holds nothing is forgotten. */
export interface Seats {
  /** Whether there is no place left for `holder`. Who has one has room; nobody in particular, `undefined`, is never full. */
  readonly full: (key: string | undefined, holder?: unknown) => boolean
  /** To take a place twice is to have one, until it was left twice. */
  readonly take: (key: string | undefined, holder: unknown) => void
  readonly leave: (key: string | undefined, holder: unknown) => void
}

/** `limit`: places for each key, or `Infinity`. */
export function createSeats(limit: number): Seats {
  /** How often each holder of a place has taken it. */
  const taken = new Map<string, Map<unknown, number>>()
  return {
    full(key, holder) {
      const holders = key === undefined ? undefined : taken.get(key)
      return holders !== undefined && holders.size >= limit && !holders.has(holder)
    },
    take(key, holder) {
      if (key === undefined) return
      const holders = taken.get(key) ?? new Map<unknown, number>()
      taken.set(key, holders.set(holder, (holders.get(holder) ?? 0) + 1))
    },
    leave(key, holder) {
      if (key === undefined) return
      const holders = taken.get(key)
      const times = holders?.get(holder)
      if (!holders || times === undefined) return
      if (times > 1) holders.set(holder, times - 1)
      else holders.delete(holder)
      if (holders.size === 0) taken.delete(key)
    },
  }
}

/** The person as a key. A tenant without a user is nobody in particular: everybody in it would share one bound. */
export const personOf = ({
  tenant,
  user,
}: {
  readonly tenant?: string | undefined
  readonly user?: string | undefined
}) => (user === undefined ? undefined : JSON.stringify([tenant ?? null, user]))
