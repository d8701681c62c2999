import { hold, type Snapshot, type Stream, type StreamOptions } from '@keepstream/core'
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'

/** What `createStream` takes. The object may be made anew for each render: that never restarts a stream. */
export type UseStreamOptions<TPart, TData> = StreamOptions<TPart, TData>

/** The snapshot and what a person can do. The same object until something changes; the functions are those of the stream. */
export type UseStreamReturn<TPart, TData> = Snapshot<TData> &
  Pick<Stream<TPart, TData>, 'start' | 'stop' | 'resume' | 'detach' | 'reset'>

/**
 * Shows a stream in a component. A server render connects nothing; an unmount does not stop the answer.
 *
 * Streams with one `key` are one stream, also after an unmount; without a key the component has a stream of its own.
 * Another `key`, or without one another `url` of a `GET`, is another stream; every other option counts from the next start.
 * Throws a `StreamError` with the code `option` where an option is wrong.
 */
export function useStream<TPart, TData>(options: UseStreamOptions<TPart, TData>): UseStreamReturn<TPart, TData> {
  // State and not a memo, which React may forget: a stream without a key exists nowhere else.
  const [before, keep] = useState(() => hold(options))
  const held = hold(options, before)
  if (held !== before) keep(held)
  // In an effect, since a render may be thrown away.
  useEffect(() => held.stream.update(options))

  const { stream } = held
  const snapshot = useSyncExternalStore(stream.subscribe, stream.get, stream.getInitial)
  return useMemo(() => {
    const { start, stop, resume, detach, reset } = stream
    return { ...snapshot, start, stop, resume, detach, reset }
  }, [snapshot, stream])
}
