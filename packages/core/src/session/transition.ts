import type { StreamError } from '../errors'
import type { Cursor } from '../frame'

/** What the engine reports, in the order in which it happens: the only input of `transition`. */
export type Signal<TPart> =
  /** A new run: everything of the run before is void. */
  | { readonly type: 'started' }
  | { readonly type: 'connecting'; readonly attempt: number }
  | { readonly type: 'opened' }
  | { readonly type: 'received'; readonly parts: readonly TPart[]; readonly cursor: Cursor | undefined }
  | { readonly type: 'reset'; readonly reason: string; readonly cursor: Cursor | undefined }
  | { readonly type: 'dropped'; readonly error: StreamError; readonly retryAt: number }
  | { readonly type: 'detached' }
  | { readonly type: 'ended' }
  | { readonly type: 'interrupted'; readonly error: StreamError }
  | { readonly type: 'failed'; readonly error: StreamError }
  | { readonly type: 'stopped' }

/** What the answer is. Never merged with what the wire is doing: an answer that is reconnecting is still `streaming`. */
export type Status = 'idle' | 'pending' | 'streaming' | 'done' | 'interrupted' | 'failed' | 'stopped'

/** What the wire is doing. `attempt` counts from 1 since the last progress; `retryAt` is a time of `Date.now()`. */
export type ConnectionState =
  | { readonly state: 'idle' | 'closed'; readonly attempt: 0; readonly retryAt?: undefined; readonly error?: undefined }
  | { readonly state: 'connecting' | 'open'; readonly attempt: number; readonly retryAt?: undefined; readonly error?: undefined }
  | { readonly state: 'waiting'; readonly attempt: number; readonly retryAt: number; readonly error: StreamError }

interface Common<TData> {
  readonly data: TData
  readonly connection: ConnectionState
  /** Where to read on. */
  readonly cursor: Cursor | undefined
}

/** An immutable picture of a stream. */
export type Snapshot<TData> = Common<TData> &
  (
    | { readonly status: 'idle' | 'pending' | 'streaming' | 'done' | 'stopped'; readonly error?: undefined }
    | { readonly status: 'interrupted' | 'failed'; readonly error: StreamError }
  )
