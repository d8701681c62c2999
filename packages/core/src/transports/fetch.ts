import type { Frame } from '../frame'
import type { Ask, Protocol } from '../protocols/protocol'
import { createEventParser, readFrames } from './frames'
import { lane } from './lanes'
import { encodeBody, type RequestOptions, resolveHeaders, resolveUrl, send } from './request'
import { locate, mediaType, readableBody, refusal } from './response'
import type { Connection, OpenRequest, StopRequest, Transport } from './transport'

export interface FetchOptions extends RequestOptions {
  /** `POST` begins an answer with `start(input)`; `GET` reads a stream that is there. Default `POST`. */
  readonly method?: 'GET' | 'POST'
  /** The largest event, in bytes. Default 1 MiB. */
  readonly maxEventSize?: number
}

export interface FetchTransportOptions extends FetchOptions {
  /** See `Protocol.accept`. */
  readonly accept: string
  /**
   * Whether starts carry their `Idempotency-Key`. Default true. An endpoint that keeps nothing has no use for it, and may
   * forbid a page of another origin to send it.
   */
  readonly durable?: boolean
  /** See `Protocol.parser`. */
  readonly parser?: Protocol<unknown, unknown>['parser']
  /** See `Protocol.stored`. */
  readonly stored?: Protocol<unknown, unknown>['stored']
}

/** Streams over `fetch`, which can send any method, header and body. */
export function fetchTransport(options: FetchTransportOptions): Transport {
  const { accept, body: make, durable = true, method = 'POST', stored, maxEventSize = 1_048_576 } = options

  async function open(request: OpenRequest): Promise<Connection> {
    const url = await resolveUrl(options.url, request.location)
    const release = await lane(url, request)
    try {
      return await openAt(url, request, release)
    } catch (error) {
      release()
      throw error
    }
  }

  async function openAt(
    url: string,
    { cursor, start, location, signal }: OpenRequest,
    release: () => void,
  ): Promise<Connection> {
    const headers = await resolveHeaders(options.headers)
    headers.set('accept', accept)
    if (cursor !== undefined && stored?.has(cursor)) {
      const ask: Ask = (to, method = 'GET') => send(options, to, { method, headers, signal })
      return connect(await stored.read(cursor, url, ask), url, signal, release)
    }
    const creates = start !== undefined && location === undefined && method === 'POST'
    if (cursor !== undefined) headers.set('last-event-id', utf8(cursor))
    const init: RequestInit = { headers, signal }
    if (creates) {
      if (durable) headers.set('idempotency-key', start.key)
      init.method = 'POST'
      init.body = encodeBody(make ? await make(start.input) : start.input, headers)
    }
    return connect(await send(options, url, init), url, signal, release, creates)
  }

  async function connect(
    response: Response,
    url: string,
    signal: AbortSignal,
    release: () => void,
    creates = false,
  ): Promise<Connection> {
    if (response.status === 204 && !creates) {
      release()
      return { exhausted: true, ...nothing }
    }
    if (response.status !== 200 && response.status !== 201) throw await refusal(response, !creates)
    const body = readableBody(response, accept)
    const parser = options.parser?.(mediaType(response), maxEventSize) ?? createEventParser(maxEventSize)
    const count = { bytes: 0 }
    const frames = readFrames(body, signal, parser, count, release)
    return {
      location: stored ? undefined : locate(response, url),
      carrier: 'fetch',
      bytes: () => count.bytes,
      [Symbol.asyncIterator]: () => frames,
    }
  }

  async function stop({ location, cursor, start, signal }: StopRequest): Promise<void> {
    const url = new URL(await resolveUrl(options.url, location))
    const headers = await resolveHeaders(options.headers)
    // keepalive: a stop that is sent while the page closes still arrives.
    const ask: Ask = (to, method = 'POST') => send(options, to, { method, headers, signal, keepalive: true })
    let response: Response
    if (cursor !== undefined && stored?.has(cursor)) response = await stored.stop(cursor, url.href, ask)
    else {
      url.pathname = `${url.pathname.replace(/\/$/, '')}/stop`
      if (start) headers.set('idempotency-key', start.key)
      response = await ask(url.href)
    }
    if (!response.ok) throw await refusal(response, true)
    // Not awaited, here and below: a server that does not take note must not hold us up.
    response.body?.cancel().catch(() => {})
  }

  return Object.assign(open, { stop })
}

/** A header is bytes, one for each character; the standard wants those of UTF-8. */
export const utf8 = (cursor: string) => String.fromCharCode(...new TextEncoder().encode(cursor))

const nothing = { async *[Symbol.asyncIterator](): AsyncGenerator<readonly Frame[]> {} }
