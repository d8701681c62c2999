import { StreamError } from '@keepstream/core'
import type { TrustProxy } from './client-address'
import { checkCount, checkNames } from './option'
import { checkOrigins, type OriginOptions } from './origins'

export interface HandlerOptions {
  /**
   * Origins of the pages that may ask and read, beside those of the server itself, exactly as browsers send them, such as
   * `https://chat.example`. Requests that a browser makes for any other page are answered with 403. List your own as well
   * where it is served over plain HTTP, for there browsers do not say that a page is the server's own. Default: no list.
   * Then nothing is refused, and nothing granted: browsers let no page of another origin read an answer or send a start.
   */
  readonly origins?: readonly string[] | undefined
  /** Whether pages of these origins may send cookies (`credentials: 'include'`, `withCredentials`). Default false. */
  readonly credentials?: boolean
  /** Headers that pages of these origins may send, in addition to those of the protocol and `Authorization`. */
  readonly headers?: readonly string[]
  /** Whether a start without an `Idempotency-Key` is refused with 400. Default false: it cannot be repeated, nor stopped by key. */
  readonly requireIdempotencyKey?: boolean
  /**
   * Whose address counts for `limits.connectionsPerAddress`. 0 (the default): that of the connection, which over Web
   * requests is unknown. A number: so many proxies stand before the server, and each appends the address of its client to
   * `X-Forwarded-For`. A function: what it says of the request, where the platform knows better.
   */
  readonly trustProxy?: TrustProxy
}

/** What the routes are told to insist on. */
export interface HandlerSettings {
  readonly origins: OriginOptions | undefined
  readonly requireIdempotencyKey: boolean
  readonly trustProxy: TrustProxy
}

const names = ['origins', 'credentials', 'headers', 'requireIdempotencyKey', 'trustProxy']

/** The options with their defaults, checked. */
export function resolveHandlerOptions(options: HandlerOptions = {}): HandlerSettings {
  checkNames('createHandler', options, names)
  const { origins, credentials = false, headers = [], requireIdempotencyKey = false, trustProxy = 0 } = options
  if (origins !== undefined) checkOrigins('createHandler.origins', origins)
  else if (credentials || headers.length > 0) {
    throw fault('origins', 'missing', 'Give the origins that `credentials` and `headers` are for')
  }
  for (const [name, value] of Object.entries({ credentials, requireIdempotencyKey })) {
    if (typeof value !== 'boolean') throw fault(name, `${typeof value}, no boolean`, 'Give true or false')
  }
  if (
    !Array.isArray(headers) ||
    !headers.every((name: unknown) => typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name) && name !== '*')
  ) {
    throw fault('headers', 'no list of names of headers', 'Give names, as in ["X-Tenant"]')
  }
  if (typeof trustProxy === 'boolean') {
    throw fault('trustProxy', trustProxy, 'Give the number of proxies before the server, or a function')
  }
  if (typeof trustProxy !== 'function') checkCount('createHandler.trustProxy', trustProxy, 0)
  return { origins: origins && { origins, credentials, headers }, requireIdempotencyKey, trustProxy }
}

const fault = (name: string, what: unknown, remedy: string) =>
  new StreamError('option', `The option createHandler.${name} is ${what}. ${remedy}.`)
