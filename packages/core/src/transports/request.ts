import { StreamError } from '../errors'
import { check } from '../option'
import { locateAt } from './location'

/** A value, or a function that is asked for it again at each attempt. */
export type Provided<T> = T | (() => T | Promise<T>)

export interface RequestOptions {
  /** Where to connect. A function is asked again at each attempt; all of one answer must stay with one origin. */
  readonly url?: Provided<string | URL>
  /** Sent with each request. A function is asked again at each attempt, so that a token can be fresh. */
  readonly headers?: Provided<HeadersInit>
  /**
   * Makes what a start sends from its input, as the protocol has completed it. Default: the input itself. Strings, forms,
   * blobs and bytes go as they are, the rest as JSON.
   */
  readonly body?: (input: unknown) => unknown
  /** As of `fetch`. Default `same-origin`. */
  readonly credentials?: RequestCredentials
  /** What to call instead of the global `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
}

/** Relative ones are of the page, where there is one. */
export function parseUrl(url: string | URL): URL | undefined {
  try {
    return new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href)
  } catch {
    return undefined
  }
}

/** Where to ask: at `location`, where it is known, else at the address of the option. */
export async function resolveUrl(option: RequestOptions['url'], location?: string): Promise<string> {
  const url = typeof option === 'function' ? await option() : option
  check(typeof url === 'string' || url instanceof URL, 'url', url, 'the address of an endpoint that streams')
  const resolved = parseUrl(url as string)
  // `localhost:3000/api` parses, with `localhost:` as its scheme and without a host.
  if (resolved?.host) return locateAt(location, resolved.href, resolved.href, undefined) ?? resolved.href
  const sentence = `Option \`url\` is "${url}". It must begin with https:// or http://; only in a page it may be relative.`
  throw new StreamError('option', sentence)
}

export async function resolveHeaders(option: RequestOptions['headers']): Promise<Headers> {
  const given = typeof option === 'function' ? await option() : option
  try {
    return new Headers(given)
  } catch (cause) {
    const sentence = `Option \`headers\` holds what HTTP does not allow. ${(cause as Error).message}`
    throw new StreamError('option', sentence, { cause })
  }
}

/** The body for `value`; sets its content type where `fetch` would not know it. */
export function encodeBody(value: unknown, headers: Headers): BodyInit | null {
  if (value === undefined) return null
  // What has a type of its own, such as a form, a blob or bytes, knows how it wants to be sent.
  const plain = /^\[object (Object|Array|Number|Boolean|Null)]$/.test(Object.prototype.toString.call(value))
  if (!plain) return value as BodyInit
  if (!headers.has('content-type')) headers.set('content-type', 'application/json')
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw new StreamError('option', `The input cannot be sent as JSON. ${(cause as Error).message}`, { cause })
  }
}

/** Calls `fetch`. Where that does not even get an answer, it is a `network` error. */
export async function send(
  { fetch = globalThis.fetch, credentials = 'same-origin' }: RequestOptions,
  url: string,
  init: RequestInit,
): Promise<Response> {
  if (!fetch) throw new StreamError('unsupported', 'There is no `fetch` here. Give one as the option `fetch`.')
  try {
    return await fetch(url, { cache: 'no-store', credentials, ...init })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new StreamError('network', `There is no connection to ${url}.`, { cause })
  }
}
