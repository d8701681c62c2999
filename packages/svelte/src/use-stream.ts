import { type Held, hold, type Snapshot, type Stream, type StreamOptions } from '@keepstream/core'
import { createSubscriber } from 'svelte/reactivity'
import { type Readable, toStore } from 'svelte/store'

/** What `createStream` takes, or a function of it, which may read runes. */
export type UseStreamOptions<TPart, TData> = StreamOptions<TPart, TData> | (() => StreamOptions<TPart, TData>)

type Answer<TPart, TData> = Snapshot<TData> &
  Pick<Stream<TPart, TData>, 'start' | 'stop' | 'resume' | 'detach' | 'reset'>

/** The snapshot and what a person can do, twice: as getters, reactive wherever runes are, and as a readable store. */
export type UseStreamReturn<TPart, TData> = Answer<TPart, TData> & Readable<Answer<TPart, TData>>

/**
 * Shows a stream in whatever reads it: `answer.data.text` in a template, an effect or a derived, or `$answer.data.text`.
 * A server render connects nothing; an unmount does not stop the answer.
 *
 * Streams with one `key` are one stream, also after an unmount; without a key the caller has a stream of its own.
 * Another `key`, or without one another `url` of a `GET`, is another stream; every other option counts from the next start.
 * Throws a `StreamError` with the code `option` where an option is wrong.
 */
export function useStream<TPart, TData>(options: UseStreamOptions<TPart, TData>): UseStreamReturn<TPart, TData> {
  let held: Held<TPart, TData> | undefined
  let track = () => {}

  function stream(): Stream<TPart, TData> {
    const given = typeof options === 'function' ? options() : options
    const next = hold(given, held)
    next.stream.update(given)
    // Subscribes while an effect reads, and does nothing on a server.
    if (next !== held) track = createSubscriber((invalidate) => next.stream.subscribe(invalidate))
    held = next
    return next.stream
  }

  function snapshot(): Snapshot<TData> {
    const { get } = stream()
    track()
    return get()
  }

  const actions = {
    start: (input?: unknown) => stream().start(input),
    stop: () => stream().stop(),
    resume: () => stream().resume(),
    detach: () => stream().detach(),
    reset: () => stream().reset(),
  }
  const answer = {
    ...actions,
    get status() {
      return snapshot().status
    },
    get data() {
      return snapshot().data
    },
    get connection() {
      return snapshot().connection
    },
    get error() {
      return snapshot().error
    },
    get cursor() {
      return snapshot().cursor
    },
    subscribe: toStore(() => ({ ...snapshot(), ...actions })).subscribe,
  }
  // The getters of one snapshot belong together as its fields do, which their types cannot say.
  return answer as UseStreamReturn<TPart, TData>
}
