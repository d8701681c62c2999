import type { IncomingMessage } from 'node:http'
import { bodyErrors } from '../body'
import { type Exchange, httpError } from '../exchange'
import { readAddress, readHeader, webHeaders } from '../node-request'
import { isHeaderValue, type Operation } from './client-message'

/** What every operation on a socket shares: the request that opened it, and who speaks. */
export interface Caller {
  readonly handshake: IncomingMessage
  /** The token of the last `auth`. It stands where an `Authorization` header of HTTP would. */
  readonly token: string | undefined
}

// Of the handshake, and not of what is asked for on the socket.
const handshakeOnly = /^(accept|connection|content-.*|idempotency-key|last-event-id|upgrade|sec-websocket-.*)$/

/** The handshake's own headers, with the token, in the platform's form: what a hook is asked about. */
export function callerRequest({ handshake, token }: Caller, method = 'GET', url = handshake.url ?? '/'): Request {
  const headers = webHeaders(handshake)
  for (const name of [...headers.keys()]) if (handshakeOnly.test(name)) headers.delete(name)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  return new Request(readAddress(url), { method, headers })
}

/** The operation as the request of HTTP that it stands for, so that the rules for it exist once. */
export function operationExchange(operation: Operation, caller: Caller, onGone: Exchange['onGone']): Exchange {
  const { method, address, headers } = translate(operation)
  const { pathname, searchParams, href } = address
  return {
    method,
    path: pathname,
    query: searchParams,
    header(name) {
      if (Object.hasOwn(headers, name)) return headers[name]
      if (name === 'authorization' && caller.token !== undefined) return `Bearer ${caller.token}`
      return handshakeOnly.test(name) ? undefined : readHeader(caller.handshake, name)
    },
    get request() {
      const request = callerRequest(caller, method, href)
      for (const [name, value] of Object.entries(headers)) if (value !== undefined) request.headers.set(name, value)
      return request
    },
    body: async (limit) => encode(operation, limit),
    address: caller.handshake.socket.remoteAddress,
    overSocket: true,
    onGone,
  }
}

type Headers = Readonly<Record<string, string | undefined>>

function translate(operation: Operation): {
  readonly method: string
  readonly address: URL
  readonly headers: Headers
} {
  const accept = 'text/event-stream'
  if (operation.type === 'read') {
    const { location, after } = operation
    // What no header can carry is no position either, and is told so as any other.
    const position = after && !isHeaderValue(after) ? 'unknown' : after
    return { method: 'GET', address: readAddress(location), headers: { accept, 'last-event-id': position } }
  }
  if ('location' in operation) {
    const address = readAddress(operation.location)
    address.pathname += '/stop'
    return { method: 'POST', address, headers: { accept } }
  }
  const { type, route, key } = operation
  const address = readAddress(route)
  if (type === 'stop') address.pathname += '/stop'
  return { method: 'POST', address, headers: { accept, 'content-type': 'application/json', 'idempotency-key': key } }
}

function encode(operation: Operation, limit: number): Uint8Array {
  if (operation.type !== 'start') return new Uint8Array(0)
  let text: string
  try {
    text = JSON.stringify(operation.input)
  } catch {
    // It was JSON: only its depth can be too much.
    throw httpError(400, 'invalid_json', 'The input is nested too deep.')
  }
  const bytes = new TextEncoder().encode(text)
  if (bytes.length > limit) throw bodyErrors.tooLarge(limit)
  return bytes
}
