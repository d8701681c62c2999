import { StreamError } from '../errors'
import { settings } from '../option'
import { longest } from '../wait'

/** The longest time, in milliseconds, that each thing may take. `Infinity` switches a clock off. They run on every attempt. */
export interface Clocks {
  /**
   * Until the head of the response is there. Default 15,000 where the server keeps the stream, since such a server answers
   * at once; else 60,000, since many endpoints send the head with the first token.
   */
  readonly connect: number
  /** From the head to the first part. Heartbeats do not help. Default 60,000. */
  readonly firstEvent: number
  /** Between parts. Heartbeats do not help. Default 60,000. */
  readonly stall: number
  /** Between bytes of any kind. Default 0: twice the heartbeat that the server promised and 5,000 more; off where it promised none. */
  readonly liveness: number
  /** From the start to the end of the answer, over all attempts. Default `Infinity`. */
  readonly total: number
}

const defaults: Clocks = { connect: 15_000, firstEvent: 60_000, stall: 60_000, liveness: 0, total: Infinity }

export const readClocks = (clocks: Partial<Clocks> = {}, durable = true): Clocks =>
  settings('clocks.', durable ? defaults : { ...defaults, connect: 60_000 }, clocks, 1)

// By how much a timer that is only late may be late, and how long to listen after one that stood still, in milliseconds.
const standstill = 1_000

/** Watches one attempt. */
export interface Watch {
  /** The head of the response is there. */
  readonly opened: () => void
  /** The server promised a heartbeat each `interval` milliseconds. */
  readonly promised: (interval: number) => void
  /** Bytes arrived; `progress` says whether they held a part. */
  readonly arrived: (progress: boolean) => void
  /** Somebody here takes time, which is not the server's fault; ended by `pulled`. Meanwhile only `total` runs. */
  readonly held: () => void
  readonly pulled: () => void
  readonly close: () => void
}

/**
 * Calls `expire` once, when a clock has run out.
 * Arrivals only write a time down: one timer looks at it when it fires, and sets itself again for what is left.
 * `now` is monotonic by default, so that a jump of the wall clock expires nothing.
 */
export function watch(
  clocks: Clocks,
  totalLeft: number,
  expire: (error: StreamError) => void,
  now = () => performance.now(),
): Watch {
  const began = now()
  let phase: 'connect' | 'firstEvent' | 'stall' = 'connect'
  let progressAt = began
  let bytesAt = began
  let heldAt: number | undefined
  let missed = false
  let due = Infinity
  let liveness = clocks.liveness || Infinity
  let timer: ReturnType<typeof setTimeout> | undefined

  function look() {
    clearTimeout(timer)
    const time = now()
    // Who stood still, as a page that is frozen or a process that is stopped, hears first what has come meanwhile.
    if (time > due + standstill) {
      due = Infinity
      timer = setTimeout(look, standstill)
      return
    }
    const held = heldAt !== undefined
    missed = held // `pulled` looks at the others again.
    const limits: readonly [string, number, number][] = [
      [phase, progressAt, held ? Infinity : clocks[phase]],
      ['liveness', bytesAt, held || phase === 'connect' ? Infinity : liveness],
      ['total', began, totalLeft],
    ]
    let nearest = Infinity
    for (const [name, since, limit] of limits) {
      const left = since + limit - time
      if (left <= 0) {
        missed = false
        return expire(timeout(name, name === 'total' ? clocks.total : limit))
      }
      nearest = Math.min(nearest, left)
    }
    due = time + nearest
    if (nearest < Infinity) timer = setTimeout(look, Math.min(nearest, longest))
  }

  look()
  return {
    opened() {
      phase = 'firstEvent'
      progressAt = bytesAt = now()
      look()
    },
    promised(interval) {
      // It comes from the wire: what is no time is no promise.
      if (!(interval > 0)) return
      bytesAt = now()
      liveness = clocks.liveness || 2 * interval + 5_000
      look()
    },
    arrived(progress) {
      bytesAt = now()
      if (!progress) return
      progressAt = bytesAt
      if (phase === 'stall') return
      phase = 'stall'
      look()
    },
    held() {
      heldAt ??= now()
    },
    pulled() {
      if (heldAt === undefined) return
      const pause = now() - heldAt
      progressAt += pause
      bytesAt += pause
      heldAt = undefined
      if (missed) look()
    },
    close() {
      clearTimeout(timer)
    },
  }
}

const meanings: Record<string, string> = {
  connect: 'The server did not answer',
  firstEvent: 'The server sent no first event',
  stall: 'The server sent nothing new',
  liveness: 'The connection was silent',
  total: 'The answer was not complete',
}

function timeout(name: string, limit: number): StreamError {
  const sentence = `${meanings[name]} within ${limit / 1000} s (clock \`${name}\`).`
  return new StreamError('timeout', sentence, { retryable: name !== 'total', reason: name })
}
