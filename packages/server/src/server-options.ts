import type { Handler } from './handler'
import { checkDuration, checkMade, checkNames } from './option'

/** Options of `createServer` of `node:http`, `node:https` and `node:http2`. */
export interface ServerOptions {
  /** Bytes. 16 KiB. Beyond it: 431. */
  readonly maxHeaderSize: number
  /** Milliseconds for the head of a request. Beyond it: 408, and the connection closes. */
  readonly headersTimeout: number
  /** Milliseconds for a request with its body: those of the head, and `limits.bodyTimeout` of the hub. 0: as long as it likes. */
  readonly requestTimeout: number
  /** How often Node looks for those that are too slow, in milliseconds. */
  readonly connectionsCheckingInterval: number
}

/**
 * What Node has to bound by itself, before a request comes to the handler: `createServer(serverOptions(handler), …)`. Its own
 * defaults are a minute for the head, five for the body, and half a minute between two looks.
 * `headersTimeout`: in milliseconds. Default 15,000.
 */
export function serverOptions(handler: Handler, options: { readonly headersTimeout?: number } = {}): ServerOptions {
  checkMade('handler of serverOptions', handler, 'reply', 'createHandler(…)')
  checkNames('serverOptions', options, ['headersTimeout'])
  const { headersTimeout = 15_000 } = options
  checkDuration('serverOptions.headersTimeout', headersTimeout)
  const { bodyTimeout } = handler.hub.limits
  // Node's word for "as long as it likes" is 0.
  const finite = (ms: number) => (Number.isFinite(ms) ? Math.ceil(ms) : 0)
  return {
    maxHeaderSize: 16 * 1024,
    headersTimeout: finite(headersTimeout),
    requestTimeout: finite(headersTimeout + bodyTimeout),
    connectionsCheckingInterval: Math.max(1, Math.min(5000, Math.ceil(headersTimeout / 4))),
  }
}
