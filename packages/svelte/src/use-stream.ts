import { type Held, hold, type Snapshot, type Stream, type StreamOptions } from '@keepstream/core'
import type { Readable } from 'svelte/store'
import { useOptions } from './defaults'
import { toStore } from './reactivity'
import { useHeld, useSource } from './source'

/** What `createStream` takes, or a function of it, which may read runes: what they change never restarts a stream. */
export type UseStreamOptions<TPart, TData> = StreamOptions<TPart, TData> | (() => StreamOptions<TPart, TData>)

type Answer<TPart, TData> = Snapshot<TData> &
  Pick<Stream<TPart, TData>, 'start' | 'stop' | 'resume' | 'detach' | 'reset'> & {
    /** What answers, for statistics and events. */
    readonly stream: Stream<TPart, TData>
  }

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
  const read = useOptions(options)
  const held = useHeld<Held<TPart, TData>>((before) => {
    const { given, registry } = read()
    const next = hold(given, before, registry)
    next.stream.update(given)
    return next
  })
  const part = useSource(held, ({ stream }) => stream)
  const stream = () => held.get().stream
  const snapshot = part((all) => all)
  const status = part((all) => all.status)
  const data = part((all) => all.data)
  const connection = part((all) => all.connection)
  const error = part((all) => all.error)
  const cursor = part((all) => all.cursor)
  const actions = {
    start: (input?: unknown) => held.latest().stream.start(input),
    stop: () => held.latest().stream.stop(),
    resume: () => held.latest().stream.resume(),
    detach: () => held.latest().stream.detach(),
    reset: () => held.latest().stream.reset(),
  }
  const answer = {
    ...actions,
    get status() {
      return status()
    },
    get data() {
      return data()
    },
    get connection() {
      return connection()
    },
    get error() {
      return error()
    },
    get cursor() {
      return cursor()
    },
    get stream() {
      return stream()
    },
    subscribe: toStore(() => ({ ...snapshot(), ...actions, stream: stream() })).subscribe,
  }
  // The getters of one snapshot belong together as its fields do, which their types cannot say.
  return answer as UseStreamReturn<TPart, TData>
}
