import { httpError } from './exchange'
import type { Principal } from './hub-options'
import type { Limits } from './limits'
import { networkOf } from './network'
import { personOf } from './seats'

/** Who reads, as far as the bounds on readers have to know. */
export interface Visitor extends Principal {
  /** The address that the connection comes from. */
  readonly address?: string | undefined
}

/** Why there is no room: a status, one word for code, a sentence, and when to come back, in milliseconds. */
export interface Refusal {
  readonly status: 429 | 503
  readonly reason: string
  readonly message: string
  readonly after: number
}

/** Everybody who holds a connection: readers, and polls that wait. */
export interface Visitors {
  readonly refusal: (visitor: Visitor) => Refusal | undefined
  /** Counts one in, for whom there has to be room. */
  readonly enter: (visitor: Visitor) => void
  /** Counts out who was counted in. */
  readonly leave: (visitor: Visitor) => void
}

export function createVisitors(
  { connections, connectionsPerUser, connectionsPerAddress }: Limits,
  retryDelay: () => number,
): Visitors {
  const bounds = [
    {
      limit: connections,
      keyOf: () => 'everybody',
      refusal: {
        status: 503,
        reason: 'overloaded',
        message: 'The server holds too many connections. Try again shortly.',
      },
    },
    {
      limit: connectionsPerUser,
      keyOf: personOf,
      refusal: tooMany(`You have ${connectionsPerUser} connections open, and may have no more`),
    },
    {
      limit: connectionsPerAddress,
      keyOf: ({ address }: Visitor) => (address === undefined ? undefined : networkOf(address)),
      refusal: tooMany('There are too many connections from your address'),
    },
  ] as const
  // What has no bound is not counted.
  const counted = bounds
    .filter(({ limit }) => Number.isFinite(limit))
    .map((bound) => ({ ...bound, counts: new Map<string, number>() }))

  function count(visitor: Visitor, change: 1 | -1): void {
    for (const { counts, keyOf } of counted) {
      const key = keyOf(visitor)
      if (key === undefined) continue
      const total = (counts.get(key) ?? 0) + change
      if (total > 0) counts.set(key, total)
      else counts.delete(key)
    }
  }

  return {
    refusal(visitor) {
      const bound = counted.find(({ counts, limit, keyOf }) => (counts.get(keyOf(visitor) ?? '') ?? 0) >= limit)
      return bound && { ...bound.refusal, after: retryDelay() }
    },
    enter: (visitor) => count(visitor, 1),
    leave: (visitor) => count(visitor, -1),
  }
}

/** The same as the reply to a request. */
export const refusalError = ({ status, reason, message, after }: Refusal) => httpError(status, reason, message, after)

function tooMany(what: string) {
  return { status: 429, reason: 'too_many_connections', message: `${what}. Close one, or try again later.` } as const
}
