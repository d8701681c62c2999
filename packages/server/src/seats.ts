/** Counts what is held on behalf of each key, up to a bound. What holds nothing is forgotten. */
export interface Seats {
  /** Whether there is no place left for `holder`, who has none yet. Nobody in particular, `undefined`, is never full. */
  readonly full: (key: string | undefined, holder?: unknown) => boolean
  readonly take: (key: string | undefined, holder: unknown) => void
  readonly leave: (key: string | undefined, holder: unknown) => void
}

/** `limit`: places for each key, or `Infinity`. To take a place twice is to have it once. */
export function createSeats(limit: number): Seats {
  const taken = new Map<string, Set<unknown>>()
  return {
    full(key, holder) {
      const holders = key === undefined ? undefined : taken.get(key)
      return holders !== undefined && holders.size >= limit && !holders.has(holder)
    },
    take(key, holder) {
      if (key === undefined) return
      const holders = taken.get(key)
      if (holders) holders.add(holder)
      else taken.set(key, new Set([holder]))
    },
    leave(key, holder) {
      const holders = key === undefined ? undefined : taken.get(key)
      if (holders?.delete(holder) && holders.size === 0) taken.delete(key!)
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
