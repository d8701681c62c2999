import { type Held, hold, type Snapshot, type Stream, type StreamOptions, withDefaults } from '@keepstream/core'
import { useMemo } from 'react'
import { useDefaults } from './defaults'
import { shown, useHeld, useSource, useUpdate } from './source'

/** What `createStream` takes. The object may be made anew for each render: that never restarts a stream. */
export type UseStreamOptions<TPart, TData> = StreamOptions<TPart, TData>

/** The snapshot and what a person can do. The same object until something changes; the functions stay the same. */
export type UseStreamReturn<TPart, TData> = Snapshot<TData> &
  Pick<Stream<TPart, TData>, 'start' | 'stop' | 'resume' | 'detach' | 'reset'> & {
    /** What answers, for statistics and events. */
    readonly stream: Stream<TPart, TData>
  }

/**
 * Shows a stream in a component. A server render connects nothing; an unmount does not stop the answer.
 *
 * Streams with one `key` are one stream, also after an unmount; without a key the component has a stream of its own.
 * Another `key`, or without one another `url` of a `GET`, is another stream; every other option counts from the next start.
 * With `select`, the component is rendered only when what that returns is no longer equal to what it returned before.
 * Throws a `StreamError` with the code `option` where an option is wrong.
 */
export function useStream<TPart, TData>(options: UseStreamOptions<TPart, TData>): UseStreamReturn<TPart, TData>
export function useStream<TPart, TData, TSelected>(
  options: UseStreamOptions<TPart, TData>,
  select: (answer: UseStreamReturn<TPart, TData>) => TSelected,
  isEqual?: (before: TSelected, after: TSelected) => boolean,
): TSelected
export function useStream<TPart, TData>(
  options: UseStreamOptions<TPart, TData>,
  select?: (answer: UseStreamReturn<TPart, TData>) => unknown,
  isEqual?: (before: unknown, after: unknown) => boolean,
): unknown {
  const defaults = useDefaults()
  const given = withDefaults(options, defaults)
  const { stream } = useHeld<Held<TPart, TData>>((before) => hold(given, before, defaults.registry))
  const update = useUpdate(stream.update, given)
  const source = useMemo(() => {
    const own = () => {
      update()
      return stream
    }
    const { detach, reset } = stream
    const start = (input?: unknown) => own().start(input)
    const stop = () => own().stop()
    const resume = () => own().resume()
    return shown(stream, (snapshot) => ({ ...snapshot, start, stop, resume, detach, reset, stream }))
  }, [stream, update])
  return useSource(source, select, isEqual)
}
