import { registry as pageRegistry, type Registry } from './registry'
import { createStream, type Stream } from './stream'
import type { StreamOptions } from './stream-options'

/** Which stream a component shows: what all bindings share. */
export interface Held<TPart, TData> {
  readonly stream: Stream<TPart, TData>
  /** The key, or the address of a `GET` stream without one: where it differs, it is another stream. */
  readonly identity: string
}

/**
 * The stream that `options` mean: that of the registry for their key, or one of the caller's own.
 * Returns `before` where they mean the same, so that an options object made anew for each render changes nothing; to hand
 * it over for the next start is `stream.update`, once the render counts.
 */
export function hold<TPart, TData>(
  options: StreamOptions<TPart, TData>,
  before?: Held<TPart, TData>,
  registry: Registry = pageRegistry,
): Held<TPart, TData> {
  const identity = identify(options)
  const own = before?.identity === identity ? before.stream : undefined
  // What was hidden for long may have been forgotten, and its key be the name of another stream by now.
  const stream = options.key === undefined ? (own ?? createStream(options)) : registry.get(options, own)
  return before && stream === own ? before : { stream, identity }
}

function identify<TPart, TData>({ key, method, url }: StreamOptions<TPart, TData>): string {
  if (key !== undefined) return `key ${key}`
  return method === 'GET' && typeof url !== 'function' ? `url ${url}` : ''
}
