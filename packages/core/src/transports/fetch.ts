import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { check } from '../option'
import type { FrameParser } from '../protocols/protocol'
import { parseRetryAfter } from '../retry/retry-after'
import { createParser } from '../sse/parse'
import type { Connection, OpenRequest, StopRequest, Transport } from './transport'

type Provided<T> = T | (() => T | Promise<T>)

export interface FetchOptions {
  /** Where to connect. A function is asked again for each attempt. */
  readonly url?: Provided<string | URL>
  /** `POST` begins an answer with `start(input)`; `GET` reads a stream that is there. Default `POST`. */
  readonly method?: 'GET' | 'POST'
  /** Sent with each request. A function is asked again for each attempt, so that a token can be fresh. */
  readonly headers?: Provided<HeadersInit>
  /** What a start sends, made from its input. Default: the input, or what the protocol makes of it. Strings and forms go as they are, the rest as JSON. */
  readonly body?: (input: unknown) => unknown
  /** As of `fetch`. Default `same-origin`. */
  readonly credentials?: RequestCredentials
  /** What to call instead of the global `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** The largest event, in bytes. Default 1 MiB. */
  readonly maxEventSize?: number
}

export interface FetchTransportOptions extends FetchOptions {
  /** See `Protocol.accept` and `Protocol.parser`. */
  readonly accept: string
  readonly parser?: (() => FrameParser) | undefined
}

/** Streams over `fetch`, which can send any method, header and body. */
export function fetchTransport(options: FetchTransportOptions): Transport {
  const { accept, method = 'POST' } = options

  async function open(request: OpenRequest): Promise<Connection> {
    const { cursor, start, location, signal } = request
    const creates = start !== undefined && location === undefined && method === 'POST'
    const url = location ?? (await resolveUrl(options.url))
    const headers = await resolveHeaders(options.headers)
    headers.set('accept', accept)
    if (cursor !== undefined) headers.set('last-event-id', cursor)
    if (creates) headers.set('idempotency-key', start.key)
    const body = creates ? encodeBody(start.input, options.body, headers) : undefined
    const response = await send(url, {
      method: creates ? 'POST' : 'GET',
      headers,
      signal,
      ...(body !== undefined && { body }),
    })

    if (response.status === 204 && !creates) return { exhausted: true, ...empty }
    if (response.status !== 200 && response.status !== 201) throw await refusal(response, !creates)
    if (!accept.split(/,\s*/).includes(mediaType(response)) || !response.body) throw wrongType(response, accept)
    const frames = readFrames(response.body, signal, options)
    return { location: locate(response, url), [Symbol.asyncIterator]: () => frames }
  }

  async function stop({ location, start, signal }: StopRequest): Promise<void> {
    const url = new URL(location ?? (await resolveUrl(options.url)))
    url.pathname = `${url.pathname.replace(/\/$/, '')}/stop`
    const headers = await resolveHeaders(options.headers)
    if (start) headers.set('idempotency-key', start.key)
    // keepalive: a stop that is sent while the page closes still arrives.
    const response = await send(url.href, { method: 'POST', headers, signal, keepalive: true })
    if (!response.ok) throw await refusal(response, true)
    await response.body?.cancel()
  }

  async function send(url: string, init: RequestInit): Promise<Response> {
    const { fetch = globalThis.fetch, credentials } = options
    try {
      return await fetch(url, { cache: 'no-store', ...(credentials && { credentials }), ...init })
    } catch (cause) {
      if (init.signal?.aborted) throw cause
      throw new StreamError('network', `There is no connection to ${url}.`, { cause })
    }
  }

  return Object.assign(open, { stop })
}

const empty = { async *[Symbol.asyncIterator](): AsyncGenerator<readonly Frame[]> {} }

async function resolveUrl(option: FetchOptions['url']): Promise<string> {
  const url = typeof option === 'function' ? await option() : option
  check(typeof url === 'string' || url instanceof URL, 'url', url, 'the address of an endpoint that streams')
  try {
    return new URL(url as string, globalThis.location?.href).href
  } catch (cause) {
    const sentence = `Option \`url\` is ${JSON.stringify(url)}. Outside a page it must be absolute.`
    throw new StreamError('option', sentence, { cause })
  }
}

async function resolveHeaders(option: FetchOptions['headers']): Promise<Headers> {
  const given = typeof option === 'function' ? await option() : option
  try {
    return new Headers(given)
  } catch (cause) {
    const sentence = `Option \`headers\` holds what HTTP does not allow. ${(cause as Error).message}`
    throw new StreamError('option', sentence, { cause })
  }
}

function encodeBody(input: unknown, make: FetchOptions['body'], headers: Headers): BodyInit | undefined {
  const value = make ? make(input) : input
  if (value === undefined) return undefined
  // What has a type of its own, such as a form, a blob or bytes, knows how it wants to be sent.
  const plain = /^\[object (Object|Array|Number|Boolean|Null)]$/.test(Object.prototype.toString.call(value))
  if (!plain) return value as BodyInit
  if (!headers.has('content-type')) headers.set('content-type', 'application/json')
  return JSON.stringify(value)
}

const mediaType = (response: Response) =>
  (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()

/** Where the started stream lives. Never at another origin: the next request carries this one's headers. */
function locate(response: Response, requested: string): string | undefined {
  const location = response.headers.get('location')
  if (!location) return undefined
  const url = new URL(location, response.url || requested)
  if (url.origin === new URL(response.url || requested).origin) return url.href
  throw new StreamError(
    'http',
    `The server placed the stream at another origin, ${url.origin}. Serve it from the origin that was asked.`,
    { status: response.status },
  )
}

/** The error for a status that is no stream, with the sentence that the server gave for people, where it gave one. */
async function refusal(response: Response, reads: boolean): Promise<StreamError> {
  const { status, headers } = response
  const retryAfter = parseRetryAfter(headers.get('retry-after'), Date.now())
  const said = await sentence(response)
  if (reads && (status === 404 || status === 410)) {
    return new StreamError('gone', 'The server does not hold this answer any more. What has arrived is kept.', {
      status,
    })
  }
  return new StreamError('http', `The server answered ${status}${said ? `: ${said}` : '.'}`, { status, retryAfter })
}

/** `error.message` of a small JSON body. Only its first read is looked at: an error page without end must not hold us up. */
async function sentence(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader()
  try {
    if (!reader || mediaType(response) !== 'application/json') return undefined
    const { value } = await reader.read()
    const { error } = JSON.parse(new TextDecoder().decode(value)) as { error?: { message?: unknown } }
    return typeof error?.message === 'string' ? error.message.slice(0, 500) : undefined
  } catch {
    return undefined
  } finally {
    reader?.cancel().catch(() => {})
  }
}

function wrongType(response: Response, accept: string): StreamError {
  response.body?.cancel().catch(() => {})
  const { status, url } = response
  const type = mediaType(response)
  const what = type === 'text/html' ? 'a page, perhaps of a proxy or to sign in,' : type || 'no content type'
  return new StreamError('content-type', `${url} answered ${status} with ${what} where ${accept} was expected.`, {
    status,
  })
}

/** The frames of a body, one array for each network read. Ends the connection however it is left. */
async function* readFrames(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  { parser, maxEventSize }: FetchTransportOptions,
): AsyncGenerator<readonly Frame[], void> {
  const { feed, end } = parser ? parser() : createEventParser(maxEventSize)
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw signal.aborted ? cause : new StreamError('network', 'The connection broke.', { cause })
      })
      if (done) return yield end()
      yield feed(value)
    }
  } finally {
    // Not awaited: a server that does not take note must not hold us up.
    reader.cancel().catch(() => {})
  }
}

/** A parser of event streams that also tells of blocks without data: those have no frame, but their id and their retry count. */
function createEventParser(maxEventSize: number | undefined): FrameParser {
  const parser = createParser(maxEventSize === undefined ? {} : { maxEventSize })
  let id = ''
  let retry: number | undefined
  return {
    feed(chunk) {
      const frames = parser.feed(chunk)
      id = frames.at(-1)?.id ?? id
      if (parser.lastEventId === id && parser.retry === retry) return frames
      id = parser.lastEventId
      retry = parser.retry
      return [...frames, { event: '', data: '', id, ...(retry !== undefined && { retry }) }]
    },
    end: parser.end,
  }
}
