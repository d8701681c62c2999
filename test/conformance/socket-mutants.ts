import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

type Message = Readonly<Record<string, unknown>>

/** A server whose WebSockets break the protocol in one way. */
export interface SocketMutant {
  readonly clause: string
  readonly wrong: string
  /** The clauses of each check that has to fail, in their order. */
  readonly fails: readonly string[]
  /** What the suite waits for does not come. */
  readonly silent?: boolean
  /** What becomes of a message of the server: others in its place. */
  readonly say?: (message: Message) => readonly Message[]
  readonly close?: (code: number) => number
  readonly admitsAll?: boolean
}

const of = (type: string, change: (message: Message) => readonly Message[]) => (message: Message) =>
  message.type === type ? change(message) : [message]

export const socketMutants: readonly SocketMutant[] = [
  {
    clause: 'R51',
    wrong: 'does not say its bounds',
    fails: ['R51', 'R55'],
    say: of('welcome', ({ maxPayload: _, ...rest }) => [rest]),
  },
  { clause: 'R52', wrong: 'opens a socket to every page', fails: ['R52'], admitsAll: true },
  { clause: 'R54', wrong: 'answers no ping', silent: true, fails: ['R54'], say: of('pong', () => []) },
  {
    clause: 'R54',
    wrong: 'says 200 where nothing is left',
    fails: ['R54'],
    say: of('opened', (message) => [{ ...message, status: message.status === 204 ? 200 : message.status }]),
  },
  { clause: 'R55', wrong: 'closes with 1000, whatever was said', fails: ['R55'], close: () => 1000 },
  {
    clause: 'R56',
    wrong: 'never says that a stream was closed',
    silent: true,
    fails: ['R54 R57', 'R54', 'R35 R54 R56'],
    say: of('closed', () => []),
  },
  {
    clause: 'R57',
    wrong: 'leaves the entry out of a stop',
    fails: ['R37 R54 R56 R57'],
    say: of('stopped', ({ entry: _, ...rest }) => [rest]),
  },
  { clause: 'R59', wrong: 'says nothing in a silence', silent: true, fails: ['R59'], say: of('beat', () => []) },
]

/** Stands between a client and the WebSockets at `target`, and changes what they say. */
export async function relaySockets(target: string, { say, close, admitsAll }: SocketMutant) {
  const server = createServer()
  const acceptor = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, connection, head) => {
    const headers = {
      'x-user': String(request.headers['x-user']),
      ...(!admitsAll && request.headers.origin && { origin: request.headers.origin }),
    }
    const far = new WebSocket(target, 'keepstream.v1', { headers })
    far.on('unexpected-response', (_, response) => {
      const body = '{"error":{}}'
      connection.end(
        `HTTP/1.1 ${response.statusCode} No\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
      )
      far.terminate()
    })
    far.on('error', () => undefined)
    far.on('open', () => acceptor.handleUpgrade(request, connection, head, (near) => join(near, far)))
    // What comes before the near side is there must wait for it.
    far.on('upgrade', () => far.pause())
  })

  function join(near: WebSocket, far: WebSocket): void {
    near.on('error', () => undefined)
    near.on('message', (data, binary) => far.send(data, { binary }))
    far.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message
      for (const each of say ? say(message) : [message]) near.send(JSON.stringify(each))
    })
    far.on('close', (code) => near.close(close ? close(code) : code === 1006 ? 1011 : code))
    near.on('close', () => far.terminate())
    far.resume()
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      for (const client of acceptor.clients) client.terminate()
      server.closeAllConnections()
      server.close()
    },
  }
}
