import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import type { Frame } from '@keepstream/core'
import { createParser } from '@keepstream/core/sse'
import {
  createHandler,
  createHub,
  type Handler,
  type HandlerOptions,
  type Hub,
  type HubEvent,
  type HubOptions,
  memoryLog,
  type Routes,
} from '../src/index'
import { toNodeListener } from '../src/node'

/** The two ways in which a handler can be served. Whatever holds for one has to hold for the other. */
export const paths = ['node', 'web'] as const
export type Path = (typeof paths)[number]

export interface Served extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly hub: Hub
  readonly handler: Handler
  readonly events: readonly HubEvent[]
  readonly server: Server
  readonly sockets: ReadonlySet<Socket>
  /** `fetch` of an address below the server's. */
  readonly get: (address: string, init?: RequestInit) => Promise<Response>
  /** A start with a JSON body. */
  readonly start: (input?: unknown, headers?: Record<string, string>, init?: RequestInit) => Promise<Response>
}

/** A handler behind a real socket, mounted at `/api/chat` where only a producer is given. */
export async function serve(
  path: Path,
  routes: Routes | Routes[string],
  options: Partial<HubOptions> = {},
  handling?: HandlerOptions,
): Promise<Served> {
  const events: HubEvent[] = []
  const hub = createHub({ log: memoryLog(), onEvent: (event) => void events.push(event), ...options })
  const single = typeof routes === 'function' || 'produce' in routes
  const handler = createHandler(hub, single ? { '/api/chat': routes as Routes[string] } : (routes as Routes), handling)
  const server = createServer(path === 'node' ? toNodeListener(handler) : toWebListener(handler))
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const get = (address: string, init?: RequestInit) => fetch(url + address, init)
  return {
    url,
    port,
    hub,
    handler,
    events,
    server,
    sockets,
    get,
    start: (input = {}, headers = {}, init = {}) =>
      get('/api/chat', {
        method: 'POST',
        body: JSON.stringify(input),
        headers: { 'content-type': 'application/json', ...headers },
        ...init,
      }),
    async [Symbol.asyncDispose]() {
      await hub.close({ drainTimeout: 1 })
      server.closeAllConnections()
      server.close()
    },
  }
}

/** What a framework does that only knows Web requests. */
function toWebListener(handler: Handler): (request: IncomingMessage, response: ServerResponse) => void {
  return async (incoming, outgoing) => {
    const gone = new AbortController()
    outgoing.on('close', () => gone.abort())
    outgoing.on('error', () => undefined)
    const { method = 'GET' } = incoming
    const body = method === 'GET' || method === 'HEAD' ? null : (Readable.toWeb(incoming) as ReadableStream)
    const headers = new Headers()
    for (const [name, values = []] of Object.entries(incoming.headersDistinct))
      for (const value of values) headers.append(name, value)
    const init = { method, headers, body, signal: gone.signal, duplex: 'half' }
    const response = await handler(new Request(`http://127.0.0.1${incoming.url}`, init))
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    if (!response.body) return void outgoing.end()
    try {
      for await (const chunk of response.body as NodeReadableStream<Uint8Array>) {
        if (!outgoing.write(chunk)) await once(outgoing, 'drain', { signal: gone.signal })
      }
      outgoing.end()
    } catch {
      outgoing.destroy()
    }
  }
}

/** The events of a response, as they arrive, comments left out. */
export async function* eventsOf(response: Response): AsyncGenerator<Frame, void> {
  const parser = createParser()
  for await (const chunk of response.body as unknown as NodeReadableStream<Uint8Array>) yield* parser.feed(chunk)
  yield* parser.end()
}

export async function allEvents(response: Response): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const frame of eventsOf(response)) frames.push(frame)
  return frames
}

/** The text that a reader would see. */
export const textOf = (frames: readonly Frame[]) =>
  frames
    .filter(({ event }) => event === 'text')
    .map(({ data }) => JSON.parse(data) as string)
    .join('')

/** The numbers of the entries that these events stand for, the joined ones among them one by one. */
export const numbersOf = (frames: readonly Pick<Frame, 'id'>[]) =>
  frames.flatMap(({ id = '' }) => {
    const [first = Number.NaN, last = first] = id
      .slice(id.lastIndexOf('-') + 1)
      .split('..')
      .map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })

export const dataOf = (frame: Frame | undefined) => JSON.parse(frame?.data ?? 'null')

/** What a server says on one connection to `bytes`, until it closes it, and after how many milliseconds it did. */
export async function converse(port: number, bytes: string): Promise<{ said: string; took: number }> {
  const began = performance.now()
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  let said = ''
  socket.on('data', (chunk) => {
    said += chunk
  })
  socket.on('error', () => undefined)
  await once(socket, 'close')
  return { said, took: performance.now() - began }
}

/** A promise and how to settle it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open!: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** Resolves once `condition` holds; fails after thirty seconds, before its test does. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
