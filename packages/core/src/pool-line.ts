import { StreamError } from './errors'
import { adapt, firstAllowance, type Lesson, type Limits } from './pool-limits'
import type { Connection, OpenRequest, Transport } from './transports/transport'
import { createTurns } from './turns'

/** How many streams of one key run and wait, and how many may run. */
export interface PoolKeySnapshot {
  readonly running: number
  readonly queued: number
  /** How many may run at once, as far as the server's refusals have taught. */
  readonly limit: number
  /** Nothing is sent before this time of `Date.now()`, because the server refused; absent where it did not. */
  readonly heldUntil: number | undefined
}

export interface LineOptions {
  readonly key: string
  readonly limits: Limits
  readonly maxQueued: number
  readonly random: () => number
  /** Monotonic, in milliseconds. */
  readonly now: () => number
  readonly changed: () => void
}

/** The streams of one key. */
export interface Line {
  readonly open: (transport: Transport, request: OpenRequest, priority: number) => Promise<Connection>
  readonly get: () => PoolKeySnapshot
}

// Too many requests, overload (RFC 9110 §15.6.4), and what Anthropic answers when it is overloaded.
const refusals: readonly unknown[] = [429, 503, 529]

export function createLine({ key, limits, maxQueued, random, now, changed }: LineOptions): Line {
  let allowance = firstAllowance(limits)
  let timer: ReturnType<typeof setTimeout> | undefined

  const limit = () => (now() < allowance.heldUntil ? 0 : Math.floor(allowance.limit))
  const turns = createTurns(limit, () => {
    clearTimeout(timer)
    const left = allowance.heldUntil - now()
    if (left > 0 && turns.count().queued > 0) timer = setTimeout(turns.poke, left)
    changed()
  })

  function learn(lesson: Lesson): void {
    allowance = adapt(allowance, limits, lesson, now())
    turns.poke()
  }

  function bound({ attempt }: OpenRequest): void {
    const { running, queued } = turns.count()
    // Whoever was let in once may come back: an answer is not lost because others began meanwhile.
    if (attempt > 1 || queued < maxQueued || running < limit()) return
    const sentence = `${queued} streams wait for "${key}" already. Start fewer at once, or give a larger \`maxQueued\`.`
    throw new StreamError('network', sentence, { retryable: false, reason: 'queue-full' })
  }

  return {
    async open(transport, request, priority) {
      const { signal, waits, cursor, location } = request
      bound(request)
      // An answer that has begun goes before those that have not, since a person is in the middle of it.
      const begun = cursor !== undefined || location !== undefined
      const release = await turns.take({ signal, waits, priority: begun ? priority + 0.5 : priority })
      const sentAt = now()
      let connection: Connection
      try {
        connection = await transport(request)
      } catch (cause) {
        // First, so that nobody steps into the place that becomes free.
        if (cause instanceof StreamError && refusals.includes(cause.status)) {
          learn({ type: 'refused', sentAt, retryAfter: cause.retryAfter, jitter: random() })
        }
        release()
        throw cause
      }
      learn({ type: 'admitted', running: turns.count().running })
      if (connection.exhausted) release()
      return { ...connection, [Symbol.asyncIterator]: () => readThrough(connection, release) }
    },
    get() {
      const left = allowance.heldUntil - now()
      const heldUntil = left > 0 ? Date.now() + left : undefined
      return { ...turns.count(), limit: Math.floor(allowance.limit), heldUntil }
    },
  }
}

/** The signal gives the turn back too, but not everybody aborts what has ended. */
async function* readThrough(connection: Connection, release: () => void) {
  try {
    yield* connection
  } finally {
    release()
  }
}
