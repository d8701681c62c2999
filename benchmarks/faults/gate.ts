// Above 150 lines: one middlebox, for event streams and for WebSockets.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type Cutter, createCutter } from './cutter'

/** Milliseconds between two heartbeats of the servers. Several come before the fault, so that a client can learn it. */
export const heartbeat = 150

/** What becomes of the first answer, when `count` tokens have passed. Later answers pass whole. */
export interface Hold {
  readonly count: number
  /** Whether the first half of the next token's event passes too. */
  readonly half: boolean
  /** Whether heartbeats still pass. */
  readonly heartbeats: boolean
}

export interface GateOptions {
  readonly origin: string
  /** Told of every request that is let through. */
  readonly onRequest?: (() => void) | undefined
  /** Whether the gate looks at credentials. */
  readonly guards: boolean
  /** What ends an event of this protocol. */
  readonly eventEnd: RegExp
  /** Whether comments are sent as heartbeats, where the server behind sends none itself. */
  readonly comments: boolean
  /** `end`: the whole answer passes, and its connection is not closed. */
  readonly hold: Hold | 'end' | undefined
}

/** A middlebox between the fault proxy and a server, which knows events and tokens where the proxy knows bytes. */
export interface Gate {
  readonly url: string
  /** Resolves when the first answer is held. */
  readonly held: Promise<void>
  /** The credential that is let through; others are answered with 401. */
  credential: string
  /** How many requests came, and how many of them had another credential. */
  readonly requests: { total: number; refused: number }
  readonly close: () => void
}

export async function createGate({ origin, onRequest, guards, eventEnd, comments, hold }: GateOptions): Promise<Gate> {
  const target = new URL(origin)
  let resolveHeld = () => {}
  const held = new Promise<void>((resolve) => {
    resolveHeld = resolve
  })
  let answers = 0
  const server = createServer((request, response) => {
    if (admit(request)) return forward(request, response)
    request.resume()
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"The token has run out."}')
  })
  const gate: Gate = {
    url: '',
    held,
    credential: 'Bearer one',
    requests: { total: 0, refused: 0 },
    close: () => {
      server.closeAllConnections()
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
  const sockets = new Set<Socket>()

  function admit(request: IncomingMessage): boolean {
    gate.requests.total++
    const known = !guards || request.headers.authorization === gate.credential
    if (known) onRequest?.()
    else gate.requests.refused++
    return known
  }

  /** How the next answer is cut up: only the first is held. */
  function nextCutter(kind: 'events' | 'frames'): Cutter {
    const first = answers++ === 0
    return createCutter({ kind, eventEnd, hold: first && typeof hold === 'object' ? hold : undefined })
  }

  function forward(request: IncomingMessage, response: ServerResponse): void {
    const { host: _, ...headers } = request.headers
    const { hostname, port } = target
    const ahead = send({ hostname, port, path: request.url, method: request.method, headers, agent: false })
    request.pipe(ahead)
    ahead.on('error', () => response.destroy())
    response.once('close', () => ahead.destroy())
    ahead.on('response', (answer) => {
      const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...fields } = answer.headers
      const events = `${fields['content-type']}`.startsWith('text/event-stream')
      response.writeHead(answer.statusCode ?? 502, events ? fields : answer.headers)
      answer.on('error', () => response.destroy())
      if (!events) return void answer.pipe(response)
      response.flushHeaders()
      passEvents(answer, response)
    })
  }

  function passEvents(answer: IncomingMessage, response: ServerResponse): void {
    const kept = hold === 'end' && answers === 0
    const cutter = nextCutter('events')
    const beats = setInterval(() => {
      if (comments && cutter.passes !== 'nothing') response.write(':\n\n')
    }, heartbeat)
    response.once('close', () => clearInterval(beats))
    answer.on('data', (bytes) => {
      const passed = cutter.feed(bytes)
      if (passed.length > 0) response.write(passed)
      if (cutter.passes !== 'everything') resolveHeld()
    })
    answer.on('end', () => {
      if (kept) return resolveHeld()
      if (cutter.passes === 'everything') response.end()
    })
  }

  server.on('upgrade', (request: IncomingMessage, client: Socket, head: Buffer) => {
    if (!admit(request))
      return void client.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    const ahead = connect(Number(target.port), target.hostname)
    for (const socket of [client, ahead]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        client.destroy()
        ahead.destroy()
      })
    }
    const lines = Array.from({ length: request.rawHeaders.length / 2 }, (_, index) =>
      request.rawHeaders.slice(2 * index, 2 * index + 2).join(': '),
    )
    ahead.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    ahead.write(head)
    const cutter = nextCutter('frames')
    client.on('data', (bytes) => {
      // In silence a pong would be a sign of life.
      if (cutter.passes !== 'nothing') ahead.write(bytes)
    })
    ahead.on('data', (bytes: Buffer) => {
      const passed = cutter.feed(bytes)
      if (passed.length > 0) client.write(passed)
      if (cutter.passes !== 'everything') resolveHeld()
    })
  })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return Object.assign(gate, { url: `http://127.0.0.1:${port}${target.pathname === '/' ? '' : target.pathname}` })
}
