import { StreamError } from '../errors'
import type { Frame } from '../frame'
import type { Outcome, Protocol } from '../protocols/protocol'
import type { HostBudget } from '../retry/budget'
import type { Connection, OpenRequest, Transport } from '../transports/transport'
import { unlessAborted } from '../wait'
import { type Clocks, type Watch, watch } from './clocks'
import { overlap, remember } from './overlap'
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
    const connection = yield* open(transport, request, clock, place)
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

/** Opens a connection. A request that waits in a queue says where it stands; its waiting is not the server's fault. */
async function* open(
  transport: Transport,
  request: OpenRequest,
  clock: Watch,
  { failures }: Place,
): AsyncGenerator<Signal<never>, Connection> {
  let position: number | undefined
  let shown: number | undefined
  let settled = false
  let moved = () => {}
  const waits = (place: number | undefined) => {
    if (place === undefined) clock.pulled()
    else clock.held()
    position = place
    moved()
  }
  const opening = unlessAborted(transport({ ...request, waits }), request.signal)
  const settle = () => {
    settled = true
    moved()
  }
  opening.then(settle, settle)
  while (!settled) {
    if (position === shown) {
      await new Promise<void>((resolve) => {
        moved = resolve
      })
      continue
    }
    shown = position
    yield shown ? { type: 'queued', position: shown } : { type: 'connecting', attempt: failures + 1 }
  }
  return opening
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
  place: Place,
  protocol: Protocol<TPart, TData>,
  repeated: ((frame: Frame) => boolean) | undefined,
): Batch<TPart> {
  const signals: Signal<TPart>[] = []
  let committed = place.cursor
  let cursor = committed
  let parts: TPart[] = []
  let duplicates = 0
  let heartbeat: number | undefined
  let hint: number | undefined
  const flush = () => {
    const received = { type: 'received', parts, cursor } as const
    if (duplicates > 0) signals.push({ ...received, duplicates })
    else if (parts.length > 0 || cursor !== committed) signals.push(received)
    parts = []
    duplicates = 0
    committed = cursor
  }

  for (const frame of frames) {
    hint = frame.retry ?? hint
    if (repeated?.(frame)) {
      duplicates++
      continue
    }
    if (repeated) remember(place.seen, frame)
    let decoded: ReturnType<typeof protocol.decode>
    try {
      decoded = frame.event === '' ? undefined : protocol.decode(frame, cursor)
    } catch (cause) {
      flush()
      return { signals, heartbeat, hint, failure: StreamError.from(cause, 'decode') }
    }
    const control = decoded && 'type' in decoded ? decoded : undefined
    if (control?.type === 'duplicate') {
      duplicates++
      continue
    }
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
