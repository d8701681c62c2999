import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import type { SocketLike } from '../src/transports/websocket-link'

/** What a client sends, as far as a script looks at it. */
export interface Sent {
  readonly type: string
  readonly id: number
  readonly [field: string]: unknown
}

/** One socket, as its server sees it. */
export interface ServedSocket {
  readonly request: IncomingMessage
  /** All that the client has sent, oldest first. */
  readonly sent: readonly Sent[]
  readonly say: (message: object | string) => void
  readonly close: (code?: number, reason?: string) => void
  /** Resets the connection. */
  readonly cut: () => void
}

const running: (() => void)[] = []

afterEach(() => {
  for (const stop of running.splice(0)) stop()
})

/** A server that says on each socket what a script tells it to, until the end of the test. */
export async function serveSockets(
  play: (message: Sent, socket: ServedSocket, number: number) => void,
  { greet, refuse }: { greet?: (socket: ServedSocket, number: number) => void; refuse?: () => number | undefined } = {},
) {
  const http = createServer()
  const server = new WebSocketServer({ noServer: true })
  const sockets: ServedSocket[] = []
  http.on('upgrade', (request, stream, head) => {
    const status = refuse?.()
    if (status) return stream.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    server.handleUpgrade(request, stream, head, (connection) => {
      const sent: Sent[] = []
      const socket: ServedSocket = {
        request,
        sent,
        say: (message) => connection.send(typeof message === 'string' ? message : JSON.stringify(message)),
        close: (code, reason) => connection.close(code, reason),
        cut: () => stream.destroy(),
      }
      const number = sockets.push(socket)
      connection.on('error', () => {})
      connection.on('message', (data) => {
        const message = JSON.parse(String(data)) as Sent
        sent.push(message)
        play(message, socket, number)
      })
      greet?.(socket, number)
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  running.push(() => {
    for (const connection of server.clients) connection.terminate()
    http.closeAllConnections()
    http.close()
  })
  const { port } = http.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/socket`,
    origin: `http://127.0.0.1:${port}`,
    sockets,
    live: () => server.clients.size,
  }
}

/** The WebSocket of `ws`, which waits less long for a peer that does not take leave. */
export class NodeWebSocket extends WebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol, { closeTimeout: 200 } as never)
  }
}

/** A socket without a wire, played by a test. */
export interface FakeSocket extends SocketLike {
  readonly url: string
  readonly sent: readonly Sent[]
  readonly closed: boolean
  readonly open: (protocol?: string) => void
  readonly say: (message: object | string) => void
  readonly lose: (code?: number, reason?: string) => void
}

/** A constructor of fake sockets, and those that it made. */
export function fakeSockets(made?: (socket: FakeSocket) => void) {
  const sockets: FakeSocket[] = []
  function Constructor(this: unknown, url: string, offered: string): FakeSocket {
    const sent: Sent[] = []
    let protocol = ''
    let closed = false
    const call = (name: 'onopen' | 'onmessage' | 'onclose', event: object) =>
      (socket[name] as ((event: object) => void) | null)?.(event)
    const socket: FakeSocket = {
      url,
      sent,
      get protocol() {
        return protocol
      },
      get closed() {
        return closed
      },
      onopen: null,
      onmessage: null,
      onerror: null,
      onclose: null,
      send: (data) => void sent.push(JSON.parse(data)),
      close() {
        closed = true
      },
      open(spoken = offered) {
        protocol = spoken
        call('onopen', {})
      },
      say: (message) => call('onmessage', { data: typeof message === 'string' ? message : JSON.stringify(message) }),
      lose(code = 1006, reason = '') {
        closed = true
        call('onclose', { code, reason })
      },
    }
    sockets.push(socket)
    made?.(socket)
    return socket
  }
  return { WebSocket: Constructor as unknown as new (url: string, protocol: string) => FakeSocket, sockets }
}
