import { StreamError } from '../errors'
import type { Cursor, Frame } from '../frame'
import type { Outcome, Protocol } from '../protocols/protocol'
import type { Transport } from '../transports/transport'
import { unlessAborted } from '../wait'
import { type Clocks, watch } from './clocks'
import type { Place } from './place'
import type { Signal } from './transition'

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
  signal,
}: AttemptOptions<TPart, TData>): AsyncGenerator<Signal<TPart>, void> {
  const controller = new AbortController()
  const abort = () => controller.abort(signal.reason)
  const clock = watch(clocks, totalLeft, (error) => controller.abort(error))
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()

  try {
    const { start, location, cursor } = place
    const request = { start, location, cursor, attempt: number, signal: controller.signal }
    const connection = await unlessAborted(transport(request), controller.signal)
    clock.opened()
    place.opened = true
    place.location = connection.location ?? location
    yield { type: 'opened', location: place.location }
    if (connection.exhausted) return yield { type: 'ended' }

    for await (const frames of connection) {
      const { signals, heartbeat, hint, failure } = read(frames, place.cursor, protocol)
      if (heartbeat) clock.promised(heartbeat)
      place.hint = hint ?? place.hint
      const progress = signals.some((report) => report.type === 'received' && report.parts.length > 0)
      clock.arrived(progress)
      // A part, not a mere connection, proves the link healthy.
      if (progress) Object.assign(place, { received: true, failures: place.restarts })
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
    controller.abort()
  }
}

interface Batch<TPart> {
  readonly signals: readonly Signal<TPart>[]
  readonly heartbeat?: number | undefined
  readonly hint?: number | undefined
  readonly failure?: StreamError
}

/** The signals of one network read. Parts are joined, and cut only where something else happens between them. */
function read<TPart, TData>(
  frames: readonly Frame[],
  committed: Cursor | undefined,
  protocol: Protocol<TPart, TData>,
): Batch<TPart> {
  const signals: Signal<TPart>[] = []
  let cursor = committed
  let parts: TPart[] = []
  let heartbeat: number | undefined
  let hint: number | undefined
  const flush = () => {
    if (parts.length > 0 || cursor !== committed) signals.push({ type: 'received', parts, cursor })
    parts = []
    committed = cursor
  }

  for (const frame of frames) {
    hint = frame.retry ?? hint
    let decoded: ReturnType<typeof protocol.decode>
    try {
      decoded = frame.event === '' ? undefined : protocol.decode(frame, cursor)
    } catch (cause) {
      flush()
      return { signals, heartbeat, hint, failure: StreamError.from(cause, 'decode') }
    }
    const control = decoded && 'type' in decoded ? decoded : undefined
    if (control?.type === 'duplicate') continue
    if (control?.type === 'reset') flush()
    // A reader that has seen the end is told that nothing is left, as if all were well: so its id is no place to go on from.
    // And a server that begins before the cursor must not take it back.
    const moves = control?.type !== 'end' && !(control?.type === 'hello' && cursor !== undefined)
    if (frame.id !== undefined && moves) cursor = frame.id || undefined
    if (control?.type === 'reset') {
      committed = cursor
      signals.push({ ...control, cursor })
    } else if (control?.type === 'hello') {
      heartbeat = control.heartbeat
    } else {
      for (const part of control?.parts ?? (decoded as readonly TPart[] | undefined) ?? []) parts.push(part)
      if (!control) continue
      flush()
      signals.push(ended(control.outcome))
      break
    }
  }
  flush()
  return { signals, heartbeat, hint }
}

const ended = ({ state, error }: Outcome): Signal<never> =>
  error ? { type: state, error } : { type: state === 'done' ? 'ended' : 'stopped' }
