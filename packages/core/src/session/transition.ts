// A little above 150 lines: the signals, the snapshot and the machine between them are read together.
import type { StreamError } from '../errors'
import type { Cursor } from '../frame'

/** What the engine reports, in the order in which it happens: the only input of `transition`. */
export type Signal<TPart> =
  /** A run begins. `fresh`: from nothing; else it goes on with what is there. */
  | { readonly type: 'started'; readonly fresh: boolean }
  | { readonly type: 'connecting'; readonly attempt: number }
  /** The request is not sent yet: it is at this place of a queue, counted from 1. */
  | { readonly type: 'queued'; readonly position: number }
  /** `carrier` and `bytes` are what the transport says of itself, for statistics. */
  | {
      readonly type: 'opened'
      readonly location: string | undefined
      readonly carrier?: string | undefined
      readonly bytes?: (() => number) | undefined
    }
  /**
   * `duplicates` counts the events that were dropped because they had been seen, where there were any. `behind`: the server
   * had more when the connection opened, so that it is on its way.
   */
  | {
      readonly type: 'received'
      readonly parts: readonly TPart[]
      readonly cursor: Cursor | undefined
      readonly duplicates?: number
      readonly behind?: boolean
    }
  /**
   * What was reduced so far is void: the server lost it, or the answer is asked for again. `data`: what stands in its place,
   * of the protocol's own kind.
   */
  | { readonly type: 'reset'; readonly reason: string; readonly cursor: Cursor | undefined; readonly data?: unknown }
  /** The connection is gone; attempt number `attempt` follows at `retryAt`, or once the machine is `online` again. */
  | {
      readonly type: 'dropped'
      readonly error: StreamError
      readonly attempt: number
      readonly retryAt: number
      readonly offline?: boolean
    }
  | { readonly type: 'ended' }
  | { readonly type: 'interrupted'; readonly error: StreamError }
  | { readonly type: 'failed'; readonly error: StreamError }
  | { readonly type: 'stopped' }
  | { readonly type: 'detached' }
  /** Everything is forgotten. */
  | { readonly type: 'cleared' }

/** What the answer is. Never merged with what the wire is doing: an answer that is reconnecting is still `streaming`. */
export type Status = 'idle' | 'pending' | 'streaming' | 'done' | 'interrupted' | 'failed' | 'stopped'

/**
 * What the wire is doing. `attempt` counts from 1 since the last progress; `retryAt` is a time of `Date.now()`, `Infinity`
 * for as long as a page is hidden that would have given up; `position` counts from 1.
 */
export type ConnectionState =
  | Wire<'idle' | 'closed', 0>
  | Wire<'connecting' | 'open', number>
  | Wire<'queued', number, undefined, undefined, number>
  | Wire<'waiting', number, number, StreamError>
  | Wire<'offline', number, undefined, StreamError>

interface Wire<TState, TAttempt, TRetryAt = undefined, TError = undefined, TPosition = undefined> {
  readonly state: TState
  readonly attempt: TAttempt
  readonly retryAt: TRetryAt
  readonly error: TError
  readonly position: TPosition
}

/** An immutable picture of a stream. */
export type Snapshot<TData> = {
  readonly data: TData
  readonly connection: ConnectionState
  /** Where to read on. */
  readonly cursor: Cursor | undefined
} & (
  | { readonly status: 'idle' | 'pending' | 'streaming' | 'done' | 'stopped'; readonly error: undefined }
  | { readonly status: 'interrupted' | 'failed'; readonly error: StreamError }
)

/** How parts become data: the half of a protocol that `transition` needs. */
export interface Fold<TPart, TData> {
  readonly initial: () => TData
  readonly reduce: (data: TData, part: TPart) => TData
}

const calm = { attempt: 0, retryAt: undefined, error: undefined, position: undefined } as const
const idle: ConnectionState = { state: 'idle', ...calm }
const closed: ConnectionState = { state: 'closed', ...calm }

/** The snapshot before anything happened: `idle`, with the data that `fold` begins with. */
export function initialSnapshot<TPart, TData>(fold: Fold<TPart, TData>): Snapshot<TData> {
  return { status: 'idle', error: undefined, data: fold.initial(), cursor: undefined, connection: idle }
}

/** Whether an answer is under way. A snapshot that is over ignores every signal but a new beginning. */
export const isActive = (status: Status) => status === 'pending' || status === 'streaming'

/** The whole state machine. Pure and total; a signal that changes nothing returns the same snapshot. */
export function transition<TPart, TData>(
  snapshot: Snapshot<TData>,
  signal: Signal<TPart>,
  fold: Fold<TPart, TData>,
): Snapshot<TData> {
  const { status, connection, data, cursor } = snapshot
  if (signal.type === 'cleared') return status === 'idle' ? snapshot : initialSnapshot(fold)
  if (signal.type === 'started') {
    if (signal.fresh) return { ...initialSnapshot(fold), status: 'pending', error: undefined }
    if (isActive(status)) return snapshot
    return { data, cursor, status: 'pending', error: undefined, connection: idle }
  }
  if (!isActive(status)) {
    // An answer that was cut may still be generated, so that a person may still stop it.
    if (signal.type !== 'stopped' || status !== 'interrupted') return snapshot
    return { data, cursor, status: 'stopped', error: undefined, connection: closed }
  }
  switch (signal.type) {
    case 'connecting':
      return { ...snapshot, connection: { ...calm, state: 'connecting', attempt: signal.attempt } }
    case 'queued':
      return {
        ...snapshot,
        connection: { ...calm, state: 'queued', attempt: connection.attempt, position: signal.position },
      }
    case 'opened':
      return { ...snapshot, connection: { ...calm, state: 'open', attempt: connection.attempt } }
    case 'received':
      return receive(snapshot, signal.parts, signal.cursor, fold)
    case 'reset': {
      const data = signal.data as TData | undefined
      const status = data === undefined ? 'pending' : 'streaming'
      return { ...snapshot, status, error: undefined, data: data ?? fold.initial(), cursor: signal.cursor }
    }
    case 'dropped': {
      const { error, attempt, retryAt, offline } = signal
      const wire = { ...calm, attempt, error }
      return {
        ...snapshot,
        connection: offline ? { ...wire, state: 'offline' } : { ...wire, state: 'waiting', retryAt },
      }
    }
    case 'detached':
      return connection.state === 'idle' ? snapshot : { ...snapshot, connection: idle }
    case 'ended':
    case 'stopped': {
      const status = signal.type === 'ended' ? 'done' : signal.type
      return { ...snapshot, status, error: undefined, connection: closed }
    }
    case 'interrupted':
    case 'failed':
      return { ...snapshot, status: signal.type, error: signal.error, connection: closed }
  }
}

function receive<TPart, TData>(
  snapshot: Snapshot<TData>,
  parts: readonly TPart[],
  cursor: Cursor | undefined,
  { reduce }: Fold<TPart, TData>,
): Snapshot<TData> {
  if (parts.length === 0) return cursor === snapshot.cursor ? snapshot : { ...snapshot, cursor }
  let { data } = snapshot
  for (const part of parts) data = reduce(data, part)
  return { ...snapshot, status: 'streaming', error: undefined, data, cursor }
}
