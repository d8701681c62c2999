import { once } from 'node:events'
import type { Frame } from '@keepstream/core'
import { type ClientOptions, WebSocket } from 'ws'
import type { HubOptions, Routes } from '../src/index'
import { type AttachedWebSocket, attachWebSocket, type WebSocketOptions } from '../src/websocket'
import { type Served, serve, until } from './served'

/** A message of the server, with whichever fields its type has. */
export interface Heard {
  readonly type: string
  readonly id?: number
  readonly status?: number
  readonly location?: string
  readonly code?: string
  readonly message?: string
  readonly retryAfter?: number
  readonly events?: readonly Frame[]
  readonly entry?: { readonly event: string; readonly data: { readonly state: string } }
  readonly [field: string]: unknown
}

/** A client that keeps all that it hears. */
export interface SocketClient {
  readonly socket: WebSocket
  readonly heard: readonly Heard[]
  readonly say: (message: unknown) => void
  /** The first message of the type, for the exchange where an id is given, once it has arrived. */
  readonly hear: (type: string, id?: number) => Promise<Heard>
  /** The events of an exchange so far. */
  readonly events: (id: number) => readonly Frame[]
  /** The events of an exchange once it is closed. */
  readonly whole: (id: number) => Promise<readonly Frame[]>
  /** How the socket was closed, once it is. */
  readonly closed: Promise<readonly [code: number, reason: string]>
}

export interface SocketServed extends Served {
  readonly attached: AttachedWebSocket
  readonly open: (options?: ClientOptions, protocol?: string) => Promise<SocketClient>
  /** The answer to a handshake that gets no socket. */
  readonly refused: (options?: ClientOptions, protocol?: string) => Promise<{ status: number; body: string }>
}

export async function serveSocket(
  routes: Routes | Routes[string],
  hub: Partial<HubOptions> = {},
  options: Partial<WebSocketOptions> = {},
): Promise<SocketServed> {
  const served = await serve('node', routes, hub)
  const attached = attachWebSocket(served.server, served.handler, { path: '/api/socket', origins: [], ...options })
  const sockets = new Set<WebSocket>()
  const connect = (given?: ClientOptions, protocol = 'keepstream.v1') => {
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}/api/socket`, protocol ? [protocol] : [], given)
    // A handshake that is refused ends with one.
    socket.on('error', () => undefined)
    sockets.add(socket)
    return socket
  }
  return {
    ...served,
    attached,
    async open(given, protocol) {
      const socket = connect(given, protocol)
      const client = listenTo(socket)
      await once(socket, 'open')
      return client
    },
    async refused(given, protocol) {
      const [, response] = await once(connect(given, protocol), 'unexpected-response')
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      return { status: response.statusCode, body: Buffer.concat(chunks).toString() }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate()
      await attached.close()
      await served[Symbol.asyncDispose]()
    },
  }
}

function listenTo(socket: WebSocket): SocketClient {
  const heard: Heard[] = []
  socket.on('message', (data: Buffer) => void heard.push(JSON.parse(data.toString())))
  const find = (type: string, id?: number) =>
    heard.find((message) => message.type === type && (id === undefined || message.id === id))
  const hear = async (type: string, id?: number) => {
    await until(() => find(type, id) !== undefined)
    return find(type, id)!
  }
  const events = (id: number) => heard.flatMap((message) => (message.id === id && message.events) || [])
  return {
    socket,
    heard,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    hear,
    events,
    async whole(id) {
      await hear('closed', id)
      return events(id)
    },
    closed: once(socket, 'close').then(([code, reason]) => [code as number, String(reason)] as const),
  }
}
