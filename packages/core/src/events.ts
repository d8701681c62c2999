import type { StreamError } from './errors'
import type { Cursor } from './frame'
import { type Inspected, type Inspection, inspect } from './inspect'
import { check } from './option'
import { isActive, type Status } from './session/transition'

/**
 * What an application may want to log of a stream. `at` is in milliseconds of `performance.now()`. `connecting` comes again
 * for the same attempt after `queued`.
 */
export type StreamEvent = { readonly at: number } & (
  | { readonly type: 'connecting'; readonly attempt: number }
  | { readonly type: 'queued'; readonly position: number }
  | { readonly type: 'open'; readonly carrier: string | undefined }
  /** Open again, and going on from `cursor`. */
  | { readonly type: 'resumed'; readonly cursor: Cursor; readonly carrier: string | undefined }
  /** Comes again for the same attempt where the budget of its host makes the wait longer. */
  | {
      readonly type: 'retry-scheduled'
      readonly attempt: number
      /** When, a time of `Date.now()`. */
      readonly retryAt: number
      readonly error: StreamError
    }
  /** No further attempt follows after those that failed; `end` comes next. */
  | { readonly type: 'retry-exhausted'; readonly error: StreamError }
  /** What was there is void. */
  | { readonly type: 'reset'; readonly reason: string }
  /** Left without an end: the answer goes on at its server, and a later `connecting` goes on with it here. */
  | { readonly type: 'detached' }
  /** Comes a second time only where an answer that was `interrupted` was stopped after all. */
  | { readonly type: 'end'; readonly status: Status; readonly error: StreamError | undefined }
)

/** Calls `listener` for what happens to `stream`, in order; returns how to leave. */
export function watchEvents(stream: Inspected, listener: (event: StreamEvent) => void): () => void {
  check(typeof stream?.get === 'function', 'stream', stream, 'a stream, as createStream or registry.get returns it')
  check(typeof listener === 'function', 'listener', listener, 'a function')
  let before = stream.get()
  let dropped = false
  return inspect((inspection) => {
    const { signal, snapshot } = inspection
    if (inspection.stream.get !== stream.get) return
    // A signal that changed nothing was no event: a stop that is confirmed is told twice.
    const changed = snapshot !== before
    const repeated = signal.type === 'connecting' && before.connection.state === 'connecting'
    before = snapshot
    if (changed && !repeated) for (const event of eventsOf(inspection, dropped)) listener(event)
    if (signal.type === 'dropped') dropped = true
    if (signal.type === 'started' || (signal.type === 'received' && signal.parts.length > 0)) dropped = false
  })
}

function eventsOf({ signal, snapshot, at }: Inspection, dropped: boolean): readonly StreamEvent[] {
  const { status, error, cursor } = snapshot
  const end: StreamEvent = { at, type: 'end', status, error }
  switch (signal.type) {
    case 'connecting':
      return [{ at, type: 'connecting', attempt: signal.attempt }]
    case 'queued':
      return [{ at, type: 'queued', position: signal.position }]
    case 'reset':
      return [{ at, type: 'reset', reason: signal.reason }]
    case 'detached':
      return [{ at, type: 'detached' }]
    case 'opened': {
      const { carrier } = signal
      return [cursor === undefined ? { at, type: 'open', carrier } : { at, type: 'resumed', cursor, carrier }]
    }
    case 'dropped':
      return [{ at, type: 'retry-scheduled', attempt: signal.attempt, retryAt: signal.retryAt, error: signal.error }]
    default:
      if (isActive(status) || status === 'idle') return []
      return dropped && error ? [{ at, type: 'retry-exhausted', error }, end] : [end]
  }
}
