import { check, settings } from './option'
import type { Registry } from './registry'
import type { StreamOptions } from './stream-options'
import { resolveHeaders } from './transports/request'

/** What the streams of one endpoint or one part of it have of their own. */
type Own = 'protocol' | 'transport' | 'interruption' | 'method' | 'body' | 'persist' | 'key'

/** What a page gives once, for all of its streams. */
export interface StreamDefaults extends Omit<StreamOptions<never, never>, Own> {
  /**
   * Where streams with a key live. Default: the one registry of the page. A server gives each request one of its own, from
   * `createRegistry()`, so that streams of people do not meet.
   */
  readonly registry?: Registry
}

const names: { readonly [K in keyof Required<StreamDefaults>]: undefined } = {
  url: undefined,
  headers: undefined,
  credentials: undefined,
  fetch: undefined,
  maxEventSize: undefined,
  via: undefined,
  onUnauthorized: undefined,
  retry: undefined,
  clocks: undefined,
  linger: undefined,
  schedule: undefined,
  registry: undefined,
}

/** `given` over the defaults around them. Throws a `StreamError` with the code `option` for one that there is not. */
export function readDefaults(given: StreamDefaults, around: StreamDefaults = {}): StreamDefaults {
  settings<Record<string, unknown>>('defaults.', names, given && { ...given })
  const { registry } = given
  check(!registry || typeof registry.get === 'function', 'defaults.registry', registry, 'what createRegistry() returns')
  return over(given, around)
}

/**
 * The options of a stream over the defaults of its page. What the options have counts; of `retry`, `clocks` and `headers`
 * each field does by itself. Who has an own `transport` needs no address, and gets none.
 */
export function withDefaults<TOptions extends object>(options: TOptions, defaults: StreamDefaults = {}): TOptions {
  const { registry, ...shared } = defaults
  if ('stream' in options && options.stream) return options
  if (!('transport' in options && options.transport)) return over(options, shared) as TOptions
  const { url, ...rest } = shared
  return over(options, rest) as TOptions
}

type Merged = Pick<StreamDefaults, 'headers' | 'retry' | 'clocks'>

export function over<T extends object>(given: T & Merged, around: StreamDefaults): T & StreamDefaults {
  const present = presentOf(given)
  return { ...around, ...present, ...mergeFields('retry'), ...mergeFields('clocks'), ...mergeHeaders() }

  function mergeFields(name: 'retry' | 'clocks') {
    const [outer, inner] = [around[name], present[name]]
    // What is no object is refused by the stream.
    return typeof inner === 'object' && inner && outer && { [name]: { ...outer, ...presentOf(inner) } }
  }

  function mergeHeaders() {
    const [outer, inner] = [around.headers, present.headers]
    if (outer === undefined || inner === undefined) return undefined
    const headers = async () => {
      const merged = await resolveHeaders(outer)
      for (const [name, value] of await resolveHeaders(inner)) merged.set(name, value)
      return merged
    }
    return { headers }
  }
}

const presentOf = <T extends object>(given: T) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
