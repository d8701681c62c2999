import type { IncomingMessage, ServerResponse } from 'node:http'
import { StreamError } from '@keepstream/core'
import { type Exchange, httpError, type Reply } from './exchange'
import type { Handler } from './handler'
import type { StreamReply } from './routes/route'
import { nodeSink } from './sinks/node'
import { tooLarge } from './web-exchange'

/** The handler for `node:http`: `createServer(toNodeListener(handler))`. Writes to the connection without Web streams. */
export function toNodeListener(handler: Handler): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    // A client may leave at any moment, also while its answer is being made.
    response.on('error', () => undefined)
    void handler.reply(nodeExchange(request, response)).then((reply) => send(handler, reply, response))
  }
}

function send({ hub }: Handler, reply: Reply | StreamReply, response: ServerResponse): void {
  if (response.destroyed) return
  response.writeHead(reply.status, { ...reply.headers })
  if ('stream' in reply) hub.attach(reply.stream, reply.place, nodeSink(response))
  else response.end(reply.body)
}

function nodeExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const { method = 'GET', url = '/' } = request
  // Only path and query count; a host is needed to read them as an address, and never trusted.
  const address = url.startsWith('/') ? `http://localhost${url}` : url
  const { pathname, searchParams, href } = new URL(URL.canParse(address) ? address : 'http://localhost/')
  return {
    method,
    path: pathname,
    query: searchParams,
    header(name) {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    body: (limit) => readBody(request, limit),
    get request() {
      return new Request(href, { method, headers: webHeaders(request) })
    },
    onGone(listener) {
      response.on('close', listener)
      return () => response.off('close', listener)
    },
  }
}

function webHeaders({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value)
  return headers
}

function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let size = 0
    if (request.readableEnded) {
      const remedy = 'Mount the handler before any body parser.'
      return reject(new StreamError('unsupported', `Something else has read the body of the request. ${remedy}`))
    }
    if (Number(request.headers['content-length'] ?? 0) > limit) return reject(tooLarge(limit))
    request.on('data', (chunk: Uint8Array) => {
      size += chunk.length
      if (size <= limit) return chunks.push(chunk)
      chunks.length = 0
      reject(tooLarge(limit))
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', () => reject(httpError(400, 'body_cut', 'The body was cut.')))
  })
}
