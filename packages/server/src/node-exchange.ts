import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyErrors } from './body'
import { startDeadline } from './deadline'
import type { Exchange } from './exchange'
import { onDeparture } from './node-departure'
import { readAddress, readHeader, readPlain, webHeaders } from './node-request'

/** What is known of a request. */
interface Fields {
  readonly __proto__: Methods
  readonly method: string
  readonly path: string
  /** What stands behind the question mark. */
  readonly search: string
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
}

type Methods = Omit<Exchange, 'method' | 'path'>

/** One record whose functions all requests share: in a storm of readers there are thousands in a second. */
interface NodeExchange extends Fields, Methods {}

/** A request of `node:http` as the routes see it. */
export function nodeExchange(incoming: IncomingMessage, response: ServerResponse): Exchange {
  const { method = 'GET', url = '/' } = incoming
  const plain = readPlain(url)
  const { pathname, search } = plain ?? readAddress(url)
  const fields: Fields = { __proto__: methods, method, path: pathname, search, incoming, response }
  return fields as NodeExchange
}

const methods: Methods & ThisType<NodeExchange> = {
  get query() {
    return new URLSearchParams(this.search)
  },
  header(name) {
    return readHeader(this.incoming, name)
  },
  get address() {
    return this.incoming.socket.remoteAddress
  },
  body(limit, timeout) {
    return readBody(this.incoming, limit, timeout)
  },
  get request() {
    const { method, incoming } = this
    return new Request(readAddress(incoming.url ?? '/'), { method, headers: webHeaders(incoming) })
  },
  onGone(listener) {
    return onDeparture(this.response, listener)
  },
}

function readBody(request: IncomingMessage, limit: number, timeout: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let size = 0
    if (request.readableEnded) return reject(bodyErrors.taken())
    if (request.destroyed) return reject(bodyErrors.cut())
    if (Number(request.headers['content-length'] ?? 0) > limit) return reject(bodyErrors.tooLarge(limit))
    const callOff = startDeadline(timeout, () => settle(() => reject(bodyErrors.tooSlow(timeout))))
    const cut = () => settle(() => reject(bodyErrors.cut()))

    function settle(outcome: () => void): void {
      callOff()
      request.off('data', take).off('end', end).off('error', cut).off('close', cut)
      // Its error may come later than ours, and what is left of the body is of no use to anybody.
      request.on('error', () => undefined).resume()
      outcome()
    }
    function take(chunk: Uint8Array): void {
      size += chunk.length
      if (size > limit) settle(() => reject(bodyErrors.tooLarge(limit)))
      else chunks.push(chunk)
    }
    const end = () => settle(() => resolve(Buffer.concat(chunks)))
    request.on('data', take).on('end', end).on('error', cut).on('close', cut)
  })
}
