import {
  type ConnectionState,
  type Cursor,
  type Held,
  hold,
  type Snapshot,
  type Status,
  type Stream,
  type StreamError,
  type StreamOptions,
} from '@keepstream/core'
import { type ComputedRef, computed, customRef, type MaybeRefOrGetter, toValue, watchPostEffect } from 'vue'

/** What `createStream` takes, or a ref or getter of it. */
export type UseStreamOptions<TPart, TData> = MaybeRefOrGetter<StreamOptions<TPart, TData>>

/** The snapshot as refs, which may be destructured, and what a person can do. */
export interface UseStreamReturn<TPart, TData>
  extends Pick<Stream<TPart, TData>, 'start' | 'stop' | 'resume' | 'detach' | 'reset'> {
  readonly status: ComputedRef<Status>
  readonly data: ComputedRef<TData>
  readonly connection: ComputedRef<ConnectionState>
  readonly error: ComputedRef<StreamError | undefined>
  readonly cursor: ComputedRef<Cursor | undefined>
}

/**
 * Shows a stream in a component, or in any effect scope. A server render connects nothing; an unmount does not stop the answer.
 *
 * Streams with one `key` are one stream, also after an unmount; without a key the scope has a stream of its own.
 * Another `key`, or without one another `url` of a `GET`, is another stream; every other option counts from the next start.
 * Throws a `StreamError` with the code `option` where an option is wrong.
 */
export function useStream<TPart, TData>(options: UseStreamOptions<TPart, TData>): UseStreamReturn<TPart, TData> {
  const held = computed<Held<TPart, TData>>((before) => {
    // A copy, so that a change within a reactive object counts, and a stream that is left keeps the options it had.
    const given = { ...toValue(options) }
    const next = hold(given, before)
    next.stream.update(given)
    return next
  })
  const stream = () => held.value.stream
  stream() // Wrong options throw here, and not in the first render.
  const snapshot = customRef<Snapshot<TData>>((track, trigger) => {
    // A post-flush effect does not run on a server.
    watchPostEffect((onCleanup) => {
      onCleanup(stream().subscribe(trigger))
      trigger() // Something may have happened between the render and this effect.
    })
    return {
      get() {
        track()
        return stream().get()
      },
      set() {},
    }
  })
  return {
    status: computed(() => snapshot.value.status),
    data: computed(() => snapshot.value.data),
    connection: computed(() => snapshot.value.connection),
    error: computed(() => snapshot.value.error),
    cursor: computed(() => snapshot.value.cursor),
    start: (input) => stream().start(input),
    stop: () => stream().stop(),
    resume: () => stream().resume(),
    detach: () => stream().detach(),
    reset: () => stream().reset(),
  }
}
