import { StreamError } from '../errors'
import type { Frame } from '../frame'
import type { Outcome, Protocol } from '../protocols/protocol'
import { remember } from './overlap'
import type { Place } from './place'
import type { Signal } from './transition'

/** What one network read says. */
export interface Batch<TPart> {
  readonly signals: readonly Signal<TPart>[]
  readonly heartbeat?: number | undefined
  readonly hint?: number | undefined
  readonly failure?: StreamError
}

/** The signals of one network read. Parts are joined, and cut only where something else happens between them. */
export function read<TPart, TData>(
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
    if (parts.length + duplicates > 0 || cursor !== committed)
      signals.push({
        type: 'received',
        parts,
        cursor,
        ...(duplicates > 0 && { duplicates }),
        ...(place.behind?.(cursor) && { behind: true }),
      })
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
    let decoded: ReturnType<typeof protocol.decode>
    try {
      decoded = frame.event === '' ? undefined : protocol.decode(frame, cursor)
    } catch (cause) {
      flush()
      return { signals, heartbeat, hint, failure: StreamError.from(cause, 'decode') }
    }
    if (repeated) remember(place.seen, frame)
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
      // Nobody is shown the moment between what was lost and what stands in its place.
      if (signals.at(-1)?.type === 'reset') signals.pop()
      signals.push({ ...control, cursor })
    } else if (control?.type === 'hello') {
      heartbeat = control.heartbeat
      place.behind = control.behind
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
