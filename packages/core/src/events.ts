import type { StreamError } from './errors'
import type { Cursor } from './frame'
import { type Inspected, type Inspection, inspect } from './inspect'
import type { Status } from './session/transition'

/** What an application may want to log of a stream. `at` is in milliseconds of `performance.now()`. */
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
  | { readonly type: 'end'; readonly status: Status; readonly error: StreamError | undefined }
)

/** Calls `listener` for what happens to `stream`, in order; returns how to leave. */
export function watchEvents(stream: Inspected, listener: (event: StreamEvent) => void): () => void {
  let dropped = false
  return inspect((inspection) => {
    if (inspection.stream.get !== stream.get) return
    const { signal } = inspection
    for (const event of eventsOf(inspection, dropped)) listener(event)
    if (signal.type === 'dropped') dropped = true
    if (signal.type === 'started' || (signal.type === 'received' && signal.parts.length > 0)) dropped = false
  })
}

function eventsOf({ signal, snapshot, at }: Inspection, dropped: boolean): readonly StreamEvent[] {
  switch (signal.type) {
    case 'connecting':
    case 'queued':
    case 'reset':
      return [{ at, ...signal }]
    case 'opened': {
      const { carrier } = signal
      const { cursor } = snapshot
      return [cursor === undefined ? { at, type: 'open', carrier } : { at, type: 'resumed', cursor, carrier }]
    }
    case 'dropped':
      return [{ at, type: 'retry-scheduled', attempt: signal.attempt, retryAt: signal.retryAt, error: signal.error }]
    case 'ended':
    case 'stopped':
      return [{ at, type: 'end', status: snapshot.status, error: undefined }]
    case 'interrupted':
    case 'failed': {
      const { error } = signal
      const end = { at, type: 'end', status: snapshot.status, error } as const
      return dropped ? [{ at, type: 'retry-exhausted', error }, end] : [end]
    }
    default:
      return []
  }
}
