import { registry } from './registry'
import { createStream, type Stream } from './stream'
import type { StreamOptions } from './stream-options'

/** Which stream a component shows: what all bindings share. */
export interface Held<TPart, TData> {
  readonly stream: Stream<TPart, TData>
  /** The key, or the address of a `GET` stream without one: where it differs, it is another stream. */
  readonly identity: string
  /** Hands over the latest options, which count from the next start. The last one to call it wins, whoever created the stream. */
  readonly update: (options: StreamOptions<TPart, TData>) => void
}

interface Latest {
  options: unknown
}

// A stream of the registry outlives the component that created it, and must not go on asking that one for its options.
const latestOf = new WeakMap<object, Latest>()

/**
 * The stream that `options` mean: that of the registry for their key, or one of the caller's own.
 * Returns `before` where they mean the same, so that an options object made anew for each render changes nothing.
 */
export function hold<TPart, TData>(
  options: StreamOptions<TPart, TData>,
  before?: Held<TPart, TData>,
): Held<TPart, TData> {
  const identity = identify(options)
  if (before?.identity === identity) return before
  const created: Latest = { options }
  const read = () => created.options as StreamOptions<TPart, TData>
  const stream = options.key === undefined ? createStream(read) : registry.get(read)
  const latest = latestOf.get(stream) ?? created
  latestOf.set(stream, latest)
  return {
    stream,
    identity,
    update(next) {
      latest.options = next
    },
  }
}

function identify<TPart, TData>({ key, method, url }: StreamOptions<TPart, TData>): string {
  if (key !== undefined) return `key ${key}`
  return method === 'GET' && typeof url !== 'function' ? `url ${url}` : ''
}
