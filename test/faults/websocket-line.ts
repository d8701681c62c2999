// Above 150 lines: the line of harness.ts and the wire of wire.ts, both over a WebSocket.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { keepstream, type Message, type MessagePart, type StreamOptions } from '@keepstream/core'
import { createParser } from '@keepstream/core/sse'
import { createSocket, type Socket, type SocketOptions } from '@keepstream/core/websocket'
import { createHandler, createHub, type Hub, memoryLog, relay } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket, type WebSocketOptions } from '@keepstream/server/websocket'
import { createFaultProxy, createScriptedModel } from '@keepstream/testing'
import WebSocket, { type ServerOptions, WebSocketServer } from 'ws'
import { answer, keepstreamLine, type Line, type LineOptions } from './harness'
import { type Observed, observe } from './observed'
import type { Cases } from './table'
import { until } from './until'

type ClientOptions = Partial<StreamOptions<MessagePart, Message>>

const route = '/api/chat'
const impatient = { baseDelay: 10, maxDelay: 100 }

/** The WebSocket of `ws`, which waits less long for a peer that does not take leave. */
class NodeWebSocket extends WebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol, { closeTimeout: 200 } as never)
  }
}

/** A socket through `url`, which closes soon after its last stream. */
export const socketTo = (url: string, options: Partial<SocketOptions> = {}): Socket =>
  createSocket({ url: new URL('/api/socket', url), WebSocket: NodeWebSocket, linger: 20, ...options })

export interface WebSocketLineOptions extends LineOptions {
  readonly socket?: Partial<WebSocketOptions>
}

export interface WebSocketLine extends Line {
  readonly hub: Hub
  /** How many sockets the server holds. */
  readonly sockets: () => number
  /** Past the proxy. */
  readonly direct: string
  /** A client that is watched from the beginning; `socket` and `via` make its own, unless it shares `over`. */
  readonly open: (
    options?: ClientOptions & { readonly socket?: Partial<SocketOptions>; readonly over?: Socket },
  ) => Observed
}

/** `keepstream()` over a WebSocket → proxy → `@keepstream/server` → scripted model. */
export async function webSocketLine({
  hub: given,
  relay: relayed,
  produce,
  socket: mounted,
  ...script
}: WebSocketLineOptions = {}): Promise<WebSocketLine> {
  const model = await createScriptedModel({ answer, ...script })
  const hub = createHub({ log: memoryLog(), retry: { min: 20, max: 20 }, ...given })
  const upstream = relay({ baseUrl: model.url, apiKey: false, models: ['scripted'], ...relayed })
  const handler = createHandler(hub, { [route]: produce ?? upstream })
  const server = createServer(toNodeListener(handler))
  const attached = attachWebSocket(server, handler, { path: '/api/socket', origins: [], ...mounted })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const direct = `http://127.0.0.1:${(server.address() as { port: number }).port}${route}`
  const proxy = await createFaultProxy({ target: direct })
  const input = (prompt: string) => ({ messages: [{ role: 'user', content: prompt }] })
  return {
    model,
    hub,
    proxy,
    direct,
    url: proxy.url,
    sockets: () => attached.sockets,
    open: ({ socket, over = socketTo(proxy.url, socket), ...options } = {}) =>
      observe({ transport: over.transport(route), protocol: keepstream(), retry: impatient, ...options }, input),
    async settled() {
      await proxy.refuse()
      await until(() => ({ ...hub.counts(), sockets: attached.sockets }), { generations: 0, readers: 0, sockets: 0 })
      await until(() => proxy.connections, 0)
      await model.idle()
    },
    async whole() {
      await using line = await keepstreamLine({ ...script, tokensPerSecond: 0, firstTokenDelay: 0 })
      return (await line.open().ask()).data
    },
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await attached.close()
      await hub.close({ drainTimeout: 1 })
      server.closeAllConnections()
      server.close()
      await model.close()
    },
  }
}

/** The columns of chapters whose rows are the same on both transports. */
export const transports = { fetch: 'Keepstream over `fetch`', webSocket: 'Keepstream over a WebSocket' } as const

/** What both lines to a Keepstream server have. */
export interface HubLine extends Line {
  readonly hub: Hub
  readonly direct: string
}

/** One test, over `fetch` and over a WebSocket. */
export const onBoth = (
  title: string,
  run: (lineOf: (options?: LineOptions) => Promise<HubLine>) => Promise<string>,
): Cases<keyof typeof transports> => ({
  fetch: [title, () => run(keepstreamLine)],
  webSocket: [title, () => run(webSocketLine)],
})

/** A message of a client. */
export interface Asked {
  readonly type: string
  readonly id: number
  readonly [field: string]: unknown
}

/** What a script can say to one request. */
export interface Reply {
  readonly opened: (status?: number, location?: string) => Reply
  /** The frames of these bytes of an event stream, as one message. */
  readonly events: (bytes: string) => Reply
  readonly closed: () => Reply
  readonly refused: (status: number, retryAfter?: number) => Reply
  readonly say: (message: object) => Reply
  /** Sends what is no message of this protocol. */
  readonly raw: (data: string | Buffer, binary: boolean) => Reply
  /** Closes the socket. */
  readonly close: (code: number, reason?: string) => void
  readonly reset: () => void
}

export type SocketAnswer = (reply: Reply, message: Asked) => unknown

export interface SocketWire extends AsyncDisposable {
  readonly url: string
  /** Each start, read and stop, oldest first. */
  readonly requests: readonly Asked[]
  /** How many exchanges neither side has ended. */
  readonly open: () => number
  readonly accepted: () => number
  /** What the latest socket agreed on. */
  readonly extensions: () => string
  readonly client: (options?: ClientOptions & { readonly socket?: Partial<SocketOptions> }) => Observed
}

/** A server of sockets that says exactly what a test tells it to. The last answer stands for all that follow. */
export async function serveSocketWire(
  ...given: readonly SocketAnswer[] | readonly [ServerOptions, ...SocketAnswer[]]
): Promise<SocketWire> {
  const [options, ...others] = given
  const answers = (typeof options === 'object' ? others : given) as readonly SocketAnswer[]
  const requests: Asked[] = []
  const exchanges = new Set<string>()
  const sockets: Socket[] = []
  const http = createServer()
  const server = new WebSocketServer({ ...(typeof options === 'object' && options), server: http })
  let accepted = 0
  let extensions = ''
  server.on('connection', (connection, { socket }) => {
    const number = ++accepted
    extensions = connection.extensions
    connection.on('error', () => {})
    connection.on('close', () => {
      for (const name of exchanges) if (name.startsWith(`${number}:`)) exchanges.delete(name)
    })
    connection.on('message', (data) => {
      const message = JSON.parse(String(data)) as Asked
      const name = `${number}:${message.id}`
      if (message.type === 'leave') exchanges.delete(name)
      if (!/^(start|read|stop)$/.test(message.type)) return
      exchanges.add(name)
      const say = (said: object) => {
        connection.send(JSON.stringify({ id: message.id, ...said }))
        return reply
      }
      const finish = (said: object) => {
        exchanges.delete(name)
        return say(said)
      }
      const reply: Reply = {
        say,
        raw(data, binary) {
          connection.send(data, { binary })
          return reply
        },
        opened: (status = 200, location) => say({ type: 'opened', status, location }),
        events: (bytes) => say({ type: 'events', events: createParser().feed(Buffer.from(bytes)) }),
        closed: () => finish({ type: 'closed' }),
        refused: (status, retryAfter) => finish({ type: 'refused', status, code: 'no', message: 'No.', retryAfter }),
        close: (code, reason) => connection.close(code, reason),
        reset: () => void socket.resetAndDestroy(),
      }
      const play = answers[Math.min(requests.length, answers.length - 1)]!
      requests.push(message)
      void play(reply, message)
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const url = `http://127.0.0.1:${(http.address() as { port: number }).port}`
  return {
    url,
    requests,
    open: () => exchanges.size,
    accepted: () => accepted,
    extensions: () => extensions,
    client({ socket, ...options } = {}) {
      const over = socketTo(url, socket)
      sockets.push(over)
      return observe(
        {
          transport: over.transport(route),
          protocol: keepstream(),
          retry: { baseDelay: 5, maxDelay: 20 },
          ...options,
        },
        (prompt) => ({ prompt }),
      )
    },
    async [Symbol.asyncDispose]() {
      await until(() => exchanges.size, 0)
      for (const socket of sockets) socket.close()
      await until(() => server.clients.size, 0)
      server.close()
      http.close()
    },
  }
}

export const place = '/api/chat/streams/one'

/** Answers a start or a read with these bytes of an event stream, and closes it properly. */
export const sends =
  (bytes: string): SocketAnswer =>
  (reply, { type }) =>
    reply
      .opened(type === 'start' ? 201 : 200, place)
      .events(bytes)
      .closed()
