import { StreamError } from '../errors'
import type { Protocol } from '../protocols/protocol'
import type { HostBudget } from '../retry/budget'
import type { Transport } from '../transports/transport'
import { read } from './batch'
import { type Clocks, watch } from './clocks'
import { open } from './opening'
import { overlap } from './overlap'
import { canContinue, type Place } from './place'
import type { Signal } from './transition'
import type { Wake } from './wake'

export interface AttemptOptions<TPart, TData> {
  readonly transport: Transport
  readonly protocol: Protocol<TPart, TData>
  readonly clocks: Clocks
  /** What is left of the `total` clock, in milliseconds. */
  readonly totalLeft: number
  /** Where to go on; kept up to date. */
  readonly place: Place
  /** The number of this attempt in its run, from 1. */
  readonly number: number
  readonly wake: Wake
  readonly host?: HostBudget | undefined
  readonly signal: AbortSignal
}

/**
 * One connection, from its opening until the stream is over. Whatever comes in between is an exception, thrown after the
 * signals of all that arrived before it.
 */
export async function* attempt<TPart, TData>({
  transport,
  protocol,
  clocks,
  totalLeft,
  place,
  number,
  wake,
  host,
  signal,
}: AttemptOptions<TPart, TData>): AsyncGenerator<Signal<TPart>, void> {
  const controller = new AbortController()
  const abort = () => controller.abort(signal.reason)
  const clock = watch(clocks, totalLeft, (error) => controller.abort(error))
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  const sleepless = wake.watch((event) => {
    // What cannot be gone on with is left to its clocks: a request on its way may be at work already.
    if (event === 'back' || !canContinue(protocol, { ...place, opened: true })) return
    controller.abort(
      new StreamError('network', 'The page was away, and connects anew.', { reason: 'wake', retryAfter: 0 }),
    )
  })

  try {
    const { start, location, cursor } = place
    const request = { start, location, cursor, attempt: number, signal: controller.signal }
    const connection = yield* open(transport, request, clock, place.failures)
    clock.opened()
    place.opened = true
    place.location = connection.location ?? location
    const { carrier, bytes } = connection
    yield { type: 'opened', location: place.location, carrier, bytes }
    if (connection.exhausted) return yield { type: 'ended' }

    let healthy = false
    const repeated = protocol.durable ? undefined : overlap(place.seen)
    for await (const frames of connection) {
      const { signals, heartbeat, hint, failure } = read(frames, place, protocol, repeated)
      if (heartbeat) clock.promised(heartbeat)
      place.hint = hint ?? place.hint
      const progress = signals.some((report) => report.type === 'received' && report.parts.length > 0)
      clock.arrived(progress)
      // A part, not a mere connection, proves the link healthy.
      if (progress) {
        Object.assign(place, { received: true, failures: place.restarts })
        if (!healthy) host?.succeeded(performance.now())
        healthy = true
      }
      clock.held()
      for (const report of signals) {
        yield report
        if ('cursor' in report) place.cursor = report.cursor
        else return // Only the end has none.
      }
      clock.pulled()
      if (failure) throw failure
    }
    controller.signal.throwIfAborted()
    if (protocol.terminated) throw new StreamError('network', 'The connection closed before the answer ended.')
    yield { type: 'ended' }
  } catch (cause) {
    // A clock that ran out shows in the transport as some abort error: the reason is the truth.
    throw StreamError.from(controller.signal.aborted ? controller.signal.reason : cause, 'network')
  } finally {
    clock.close()
    signal.removeEventListener('abort', abort)
    sleepless()
    controller.abort()
  }
}
