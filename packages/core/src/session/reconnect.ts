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

/** Turns many attempts into one sequence of signals. The only loop, and the only place where a failure is judged. */
export async function* reconnect<TPart, TData>(
  options: ReconnectOptions<TPart, TData>,
): AsyncGenerator<Signal<TPart>, void> {
  const { protocol, retry, clocks, place, again, signal } = options
  const began = performance.now()
  const totalLeft = () => clocks.total - (performance.now() - began)

  for (let number = 1; !signal.aborted; number++) {
    yield { type: 'connecting', attempt: place.failures + 1 }
    try {
      return yield* attempt({ ...options, number, totalLeft: totalLeft() })
    } catch (cause) {
      if (signal.aborted) return
      const error = StreamError.from(cause, 'network')
      // A leave that the server announced is no failure.
      const announced = error.code === 'network' && error.retryAfter !== undefined
      if (!announced) place.failures++
      const delay = retry({ error, failures: announced ? 0 : place.failures, hint: place.hint })
      const goesOn = canContinue(protocol.durable, place)
      if (delay === undefined || !(goesOn || again)) {
        // What has arrived is right as far as it goes, where it was the connection that failed.
        const cut = place.opened && (delay !== undefined || error.retryable || error.code === 'gone')
        yield cut ? { type: 'interrupted', error: goesOn ? error : cannotContinue(error) } : { type: 'failed', error }
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
