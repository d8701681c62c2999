import { createStream, registry, type Snapshot, type Stream, type StreamOptions } from '@keepstream/core'
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
  const identity = identify(options)
  // State and not a memo, which React may forget: a stream without a key exists nowhere else.
  const [held, hold] = useState(() => open(identity, options))
  const current = held.identity === identity ? held : open(identity, options)
  if (current !== held) hold(current)

  const { stream, latest } = current
  useEffect(() => {
    latest.options = options
  })
  const snapshot = useSyncExternalStore(stream.subscribe, stream.get, stream.getInitial)
  return useMemo(() => {
    const { start, stop, resume, detach, reset } = stream
    return { ...snapshot, start, stop, resume, detach, reset }
  }, [snapshot, stream])
}

function identify<TPart, TData>({ key, method, url }: UseStreamOptions<TPart, TData>): string {
  if (key !== undefined) return `key ${key}`
  return method === 'GET' && typeof url !== 'function' ? `url ${url}` : ''
}

function open<TPart, TData>(identity: string, options: UseStreamOptions<TPart, TData>) {
  const latest = { options }
  const stream = options.key === undefined ? createStream(() => latest.options) : registry.get(() => latest.options)
  return { identity, stream, latest }
}
