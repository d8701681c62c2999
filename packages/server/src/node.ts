import type { IncomingMessage, ServerResponse } from 'node:http'
import { StreamError } from '@keepstream/core'
import { bodyErrors } from './body'
import { startDeadline } from './deadline'
import type { Exchange, Reply } from './exchange'
import type { Handler } from './handler'
import { hasDeparted, onDeparture } from './node-departure'
import { readAddress, readHeader, webHeaders } from './node-request'
import { checkMade } from './option'
import type { StreamReply } from './routes/route'
import { nodeSink } from './sinks/node'

export { type Closable, type CloseOnSignalOptions, closeOnSignal } from './node-shutdown'
export { type ServerOptions, serverOptions } from './server-options'

/** The handler for `node:http`: `createServer(toNodeListener(handler))`. Writes to the connection without Web streams. */
export function toNodeListener(handler: Handler): (request: IncomingMessage, response: ServerResponse) => void {
  checkMade('handler of toNodeListener', handler, 'reply', 'createHandler(…) or createOperations(…)')
  return (request, response) => {
    // A client may leave at any moment, also while its answer is being made.
    response.on('error', ignore)
    const answer = async () => {
      const reply = await handler.reply(nodeExchange(request, response))
      if (!request.complete && !request.destroyed) leaveBehind(request, handler.hub.limits.bodyTimeout)
      send(handler, reply, response)
    }
    answer().catch((error: unknown) => {
      const { method = '', url = '' } = request
      handler.hub.report({ type: 'request-failed', method, path: readAddress(url).pathname, error })
      if (!(error instanceof StreamError && error.code === 'unsupported')) response.destroy()
    })
  }
}

/** Lets the rest of a body pass by whose answer is made, but not for long: after `timeout` the connection closes. */
function leaveBehind(request: IncomingMessage, timeout: number): void {
  const callOff = startDeadline(timeout, () => request.destroy())
  request.once('end', callOff).once('close', callOff).resume()
}

const ignore = () => undefined

function send({ hub }: Handler, reply: Reply | StreamReply, response: ServerResponse): void {
  if (response.headersSent) throw new StreamError('unsupported', 'Something else has answered the request before.')
  if (hasDeparted(response)) return
  const { connection, ...headers } = reply.headers
  // HTTP/2 knows no such header.
  if (connection && response.req.httpVersionMajor === 1) response.setHeader('connection', connection)
  response.writeHead(reply.status, headers)
  if (!('stream' in reply)) return void response.end(reply.body)
  const sink = nodeSink(response, hub.limits.stallTimeout)
  hub.attach(reply.stream, reply.place, reply.written?.(sink) ?? sink, reply.visitor)
}

function nodeExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const { method = 'GET', url = '/' } = request
  const address = readAddress(url)
  return {
    method,
    path: address.pathname,
    get query() {
      return address.searchParams
    },
    header: (name) => readHeader(request, name),
    get address() {
      return request.socket.remoteAddress
    },
    body: (limit, timeout) => readBody(request, limit, timeout),
    get request() {
      return new Request(address.href, { method, headers: webHeaders(request) })
    },
    onGone: (listener) => onDeparture(response, listener),
  }
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
