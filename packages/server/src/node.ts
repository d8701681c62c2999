import type { IncomingMessage, ServerResponse } from 'node:http'
import { StreamError } from '@keepstream/core'
import { startDeadline } from './deadline'
import type { Reply } from './exchange'
import type { Handler } from './handler'
import { hasDeparted } from './node-departure'
import { nodeExchange } from './node-exchange'
import { readAddress } from './node-request'
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
    void answer(handler, request, response)
  }
}

async function answer(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const reply = await handler.reply(nodeExchange(request, response))
    if (!request.complete && !request.destroyed) leaveBehind(request, handler.hub.limits.bodyTimeout)
    send(handler, reply, response)
  } catch (error) {
    const { method = '', url = '' } = request
    handler.hub.report({ type: 'request-failed', method, path: readAddress(url).pathname, error })
    if (!(error instanceof StreamError && error.code === 'unsupported')) response.destroy()
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
  const headers = reply.headers.connection ? ofVersion(response, reply.headers) : reply.headers
  if (!('stream' in reply)) {
    // By its length whoever reads it knows when half of it is missing; a chunked one may look whole.
    const length = reply.body !== undefined && { 'content-length': Buffer.byteLength(reply.body) }
    return void response.writeHead(reply.status, { ...headers, ...length }).end(reply.body)
  }
  response.writeHead(reply.status, headers)
  const sink = nodeSink(response, hub.limits.stallTimeout)
  hub.attach(reply.stream, reply.place, reply.written?.(sink) ?? sink, reply.visitor)
}

/** HTTP/2 knows no such header. */
function ofVersion({ req }: ServerResponse, { connection, ...headers }: Reply['headers']): Reply['headers'] {
  return req.httpVersionMajor === 1 && connection ? { connection, ...headers } : headers
}
