import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import {
  createHandler,
  createHub,
  createOperations,
  type Handler,
  type HubOptions,
  memoryLog,
  type Producer,
} from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'
import { conformanceProducer } from '@keepstream/testing/conformance'

export type Handle = (request: Request) => Promise<Response>

export interface ServeOptions extends Partial<HubOptions> {
  readonly produce?: Producer
  /** How the handler meets the connection. Default: that of `@keepstream/server/node`. */
  readonly listener?: (handler: Handler) => RequestListener
}

/** A page that is served. */
const origin = 'https://chat.example'

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** A server whose route runs the scripts of the conformance suite. */
export async function serve({
  produce = conformanceProducer,
  listener = toNodeListener,
  ...options
}: ServeOptions = {}) {
  const authorize: HubOptions['authorize'] = ({ request }) => ({ user: request.headers.get('x-user') ?? undefined })
  const hub = createHub({ log: memoryLog(), heartbeat: 200, authorize, ...options })
  const handler = createHandler(hub, { '/api/chat': produce }, { origins: [origin] })
  const operations = createServer(toNodeListener(createOperations(hub)))
  const server = createServer(listener(handler))
  attachWebSocket(server, handler, { path: '/api/socket', origins: [origin], streams: 20 })
  const servers = [server, operations]
  for (const each of servers) {
    each.listen(0, '127.0.0.1')
    await once(each, 'listening')
  }
  async function close(): Promise<void> {
    await hub.close({ drainTimeout: 0 })
    for (const each of servers) {
      each.closeAllConnections()
      each.close()
    }
  }
  return {
    hub,
    baseUrl: `${originOf(server)}/api/chat`,
    operations: originOf(operations),
    origin,
    headers: { 'x-user': 'ann' },
    limits: { exchanges: 20 },
    // What a busy machine may need. Nothing here waits for so long.
    patience: 15_000,
    otherHeaders: { 'x-user': 'bob' },
    drain: () => void hub.close({ drainTimeout: 200 }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Serves Web requests over `node:http`, as frameworks on the Web standard do. */
export const webListener =
  (handle: Handle): RequestListener =>
  (incoming, outgoing) => {
    answer(handle, incoming, outgoing).catch(() => outgoing.destroy())
  }

async function answer(handle: Handle, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort()).on('error', () => undefined)
  const { method = 'GET', url = '/' } = incoming
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
  const body = method === 'GET' || method === 'HEAD' ? {} : { body: Readable.toWeb(incoming), duplex: 'half' }
  const request = new Request(new URL(url, 'http://localhost'), {
    method,
    headers,
    signal: gone.signal,
    ...body,
  } as RequestInit)
  const response = await handle(request)
  incoming.resume()
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.flushHeaders()
  if (!response.body) return void outgoing.end()
  const reader = response.body.getReader()
  outgoing.on('close', () => void reader.cancel().catch(() => undefined))
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    if (!outgoing.write(piece.value)) await once(outgoing, 'drain')
  }
  outgoing.end()
}
