import type { Memory } from './address'
import { check, settings } from './option'
import type { Protocol } from './protocols/protocol'
import { type BackoffOptions, backoff } from './retry/backoff'
import { type Clocks, readClocks } from './session/clocks'
import { type FetchOptions, fetchTransport } from './transports/fetch'
import { type Renew, renewing } from './transports/renew'
import { parseUrl } from './transports/request'
import type { Transport, Wrapper } from './transports/transport'

export interface StreamOptions<TPart, TData> extends FetchOptions {
  /** What the events mean: `keepstream()`, `openaiChat()`, `text()`, or one of your own. */
  readonly protocol: Protocol<TPart, TData>
  /** How to connect. Default: `fetch` to `url`. */
  readonly transport?: Transport
  /** What the transport goes through, the first outermost: a pool, tabs that share a connection, a recorder. */
  readonly via?: readonly Wrapper[]
  /**
   * Called when the server answers 401; the request is sent once more when it has settled. That costs no retry. Streams
   * that share one function are renewed by one call. Where it throws, or where 401 is answered again, the answer fails.
   */
  readonly onUnauthorized?: Renew
  /** Remembers where a running answer lives, so that a page that is loaded again rejoins it at its first subscriber. */
  readonly persist?: Memory
  /**
   * What to do when an answer is cut and its server cannot go on from the cursor: `fail` keeps the text and says
   * `interrupted`; `restart` asks again from the start; `continue` asks the model to go on after the text so far, where the
   * protocol knows how. The last two are billed again, at most `retry.maxRetries` times. Default `fail`.
   */
  readonly interruption?: 'fail' | 'restart' | 'continue'
  /** How often to try again, and after how long. */
  readonly retry?: BackoffOptions
  /** How long to wait for what. */
  readonly clocks?: Partial<Clocks>
  /** How long to stay connected after the last subscriber has left, in milliseconds. Default 5,000. */
  readonly linger?: number
  /** When to publish text that grows: calls `notify` later, once. Default: in every second animation frame at most. */
  readonly schedule?: (notify: () => void) => void
  /** Streams with the same key are one stream, for all who ask the registry for it. Default: a stream of its own. */
  readonly key?: string
}

type Settings = { readonly [K in keyof Required<StreamOptions<unknown, unknown>>]: unknown }

/** Every option there is. */
export const streamDefaults: Settings = {
  url: undefined,
  method: 'POST',
  headers: undefined,
  body: undefined,
  credentials: undefined,
  fetch: undefined,
  maxEventSize: 1_048_576,
  protocol: undefined,
  transport: undefined,
  via: [],
  onUnauthorized: undefined,
  persist: undefined,
  interruption: 'fail',
  retry: undefined,
  clocks: undefined,
  linger: 5_000,
  schedule: undefined,
  key: undefined,
}

/** Returns `options` as they are, or throws a `StreamError` that names the option and the remedy. */
export function checkOptions<TPart, TData>(options: StreamOptions<TPart, TData>): StreamOptions<TPart, TData> {
  const { maxEventSize } = settings('', streamDefaults, options)
  const { url, transport, protocol, method = 'POST', interruption = 'fail', key = '', via = [], persist } = options
  check(url !== undefined || transport, 'url', url, 'the address of an endpoint that streams')
  check(
    typeof protocol === 'object' && protocol,
    'protocol',
    protocol,
    'what the endpoint speaks, such as keepstream()',
  )
  check(typeof key === 'string', 'key', key, 'a string')
  check(typeof protocol.accept === 'string', 'protocol.accept', protocol.accept, 'a string')
  for (const name of ['decode', 'initial', 'reduce'] as const) {
    check(typeof protocol[name] === 'function', `protocol.${name}`, protocol[name], 'a function')
  }
  for (const name of ['body', 'fetch', 'transport', 'schedule', 'onUnauthorized'] as const) {
    const value = options[name]
    check(value === undefined || typeof value === 'function', name, value, 'a function')
  }
  check(/^(GET|POST)$/.test(method), 'method', method, "'POST' to begin answers or 'GET' to read a stream")
  check(
    /^(fail|restart)$/.test(interruption) || (interruption === 'continue' && protocol.continue),
    'interruption',
    interruption,
    "'fail', 'restart', or 'continue' with a protocol that can do that",
  )
  const wrappers = Array.isArray(via) && via.every((wrapper) => typeof wrapper === 'function')
  check(wrappers, 'via', via, 'an array of functions, each from a transport to a transport')
  check(
    /^(omit|same-origin|include|undefined)$/.test(`${options.credentials}`),
    'credentials',
    options.credentials,
    'what `fetch` takes',
  )
  const remembers = typeof persist?.load === 'function' && typeof persist.save === 'function'
  check(!persist || remembers, 'persist', persist, 'persistent(key), or an object with `load` and `save`')
  const bytes = Number.isSafeInteger(maxEventSize) && maxEventSize !== 0
  check(bytes, 'maxEventSize', maxEventSize, 'a whole number of bytes, at least 1')
  backoff(options.retry)
  readClocks(options.clocks)
  return options
}

/** The host that `options` lead to, where that is known before a connection is. */
export function hostOf<TPart, TData>(
  { url, transport }: StreamOptions<TPart, TData>,
  location: string | undefined,
): string | undefined {
  const address = location ?? (transport || typeof url === 'function' ? undefined : url)
  return address === undefined ? undefined : parseUrl(address)?.host
}

export function transportOf<TPart, TData>(options: StreamOptions<TPart, TData>): Transport {
  const { protocol, onUnauthorized, via = [] } = options
  const { accept, durable, parser, stored } = protocol
  const plain = options.transport ?? fetchTransport({ ...options, accept, durable, parser, stored })
  const transport = via.reduceRight((inner, wrap) => wrap(inner), plain)
  // Outermost, so that it hears of every way that the wrappers take.
  return onUnauthorized ? renewing(transport, onUnauthorized) : transport
}
