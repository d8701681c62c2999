import {
  type ConnectionState,
  type Cursor,
  type Held,
  hold,
  type Status,
  type Stream,
  type StreamError,
  type StreamOptions,
} from '@keepstream/core'
import { type ComputedRef, computed, type MaybeRefOrGetter } from 'vue'
import { useOptions } from './defaults'
import { useHeld, useSource } from './source'

/** What `createStream` takes, or a ref or getter of it. What it reads may change: that never restarts a stream. */
export type UseStreamOptions<TPart, TData> = MaybeRefOrGetter<StreamOptions<TPart, TData>>

/** The snapshot as refs, which may be destructured, and what a person can do. */
export interface UseStreamReturn<TPart, TData>
  extends Pick<Stream<TPart, TData>, 'start' | 'stop' | 'resume' | 'detach' | 'reset'> {
  readonly status: ComputedRef<Status>
  readonly data: ComputedRef<TData>
  readonly connection: ComputedRef<ConnectionState>
  readonly error: ComputedRef<StreamError | undefined>
  readonly cursor: ComputedRef<Cursor | undefined>
  /** What answers, for statistics and events. */
  readonly stream: ComputedRef<Stream<TPart, TData>>
}

/**
 * Shows a stream in a component, or in any effect scope. A server render connects nothing; an unmount does not stop the answer.
 *
 * Streams with one `key` are one stream, also after an unmount; without a key the scope has a stream of its own.
 * Another `key`, or without one another `url` of a `GET`, is another stream; every other option counts from the next start.
 * Throws a `StreamError` with the code `option` where an option is wrong.
 */
export function useStream<TPart, TData>(options: UseStreamOptions<TPart, TData>): UseStreamReturn<TPart, TData> {
  const read = useOptions(options)
  const { held, latest } = useHeld<Held<TPart, TData>>((before) => {
    const { given, registry } = read()
    const next = hold(given, before, registry)
    next.stream.update(given)
    return next
  })
  const snapshot = useSource(() => held().stream)
  return {
    status: computed(() => snapshot.value.status),
    data: computed(() => snapshot.value.data),
    connection: computed(() => snapshot.value.connection),
    error: computed(() => snapshot.value.error),
    cursor: computed(() => snapshot.value.cursor),
    stream: computed(() => held().stream),
    start: (input) => latest().stream.start(input),
    stop: () => latest().stream.stop(),
    resume: () => latest().stream.resume(),
    detach: () => latest().stream.detach(),
    reset: () => latest().stream.reset(),
  }
}
