import { StreamError } from '../errors'
import type { Protocol } from '../protocols/protocol'
import type { RetryPolicy } from '../retry/backoff'
import type { StartRequest, Transport } from '../transports/transport'
import { wait } from '../wait'
import { attempt } from './attempt'
import type { Clocks } from './clocks'
import { beginning, canContinue, type Place } from './place'
import type { Signal } from './transition'

export interface ReconnectOptions<TPart, TData> {
  readonly transport: Transport
  readonly protocol: Protocol<TPart, TData>
  readonly retry: RetryPolicy
  readonly clocks: Clocks
  readonly place: Place
  /** What to ask instead of an answer that was cut for good; absent to leave it `interrupted`. */
  readonly again: (() => StartRequest | undefined) | undefined
  readonly signal: AbortSignal
}

// How long a connection has to last, in milliseconds, for its announced end to be no failure.
const leastVisit = 5_000

/** Turns many attempts into one sequence of signals. The only loop, and the only place where a failure is judged. */
export async function* reconnect<TPart, TData>(
  options: ReconnectOptions<TPart, TData>,
): AsyncGenerator<Signal<TPart>, void> {
  const { protocol, retry, clocks, place, again, signal } = options
  const began = performance.now()
  const totalLeft = () => clocks.total - (performance.now() - began)

  for (let number = 1; !signal.aborted; number++) {
    const attemptBegan = performance.now()
    yield { type: 'connecting', attempt: place.failures + 1 }
    try {
      return yield* attempt({ ...options, number, totalLeft: totalLeft() })
    } catch (cause) {
      if (signal.aborted) return
      const error = StreamError.from(cause, 'network')
      // The request went out, and an endpoint that keeps nothing may be at work on it: to ask again may be a second bill.
      if (error.code === 'timeout' && place.start && !protocol.durable) place.opened = true
      // A leave that the server announced is no failure; but one that says nothing else is no use either.
      const announced = error.code === 'network' && error.retryAfter !== undefined
      const counts = !announced || performance.now() - attemptBegan < leastVisit
      if (counts) place.failures++
      // What the server has lost is not to be had from it; but it may be asked for again.
      const lost = error.code === 'gone' && place.start !== undefined
      const goesOn = !lost && canContinue(protocol.durable, place)
      const judged = lost && again ? new StreamError('interrupted', error.message, { cause, retryable: true }) : error
      const delay = retry({ error: judged, failures: counts ? place.failures : 0, hint: place.hint })
      if (delay === undefined || !(goesOn || again)) {
        // What has arrived is right as far as it goes, where it failed for a reason that passes, however often it did.
        const cut = place.opened && (error.code === 'gone' || retry({ error, failures: 0 }) !== undefined)
        yield cut
          ? { type: 'interrupted', error: goesOn || lost ? error : cannotContinue(error) }
          : { type: 'failed', error }
        return
      }
      yield { type: 'dropped', error, attempt: place.failures + 1, retryAt: Date.now() + delay }
      await wait(Math.min(delay, totalLeft()), signal)
      if (goesOn || !again || signal.aborted) continue
      const { failures } = place
      yield { type: 'reset', reason: 'restart', cursor: undefined }
      Object.assign(place, { ...beginning(again()), failures, restarts: failures })
    }
  }
}

function cannotContinue(cause: StreamError): StreamError {
  const sentence = 'The answer was cut, and this endpoint cannot go on from there. What has arrived is kept.'
  return new StreamError('interrupted', `${sentence} (${cause.message})`, { cause, reason: cause.code })
}
