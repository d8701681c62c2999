import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import {
  createHandler,
  createHub,
  type HandlerOptions,
  type Hub,
  type HubOptions,
  memoryLog,
  type Producer,
} from '@keepstream/server'
import { serverOptions, toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'
import { until } from './until'

export interface GuardedOptions {
  readonly produce: Producer
  readonly hub?: Partial<HubOptions>
  readonly handler?: HandlerOptions
  readonly headersTimeout?: number
}

/** A server as the guide to security has it: every bound in place, and a WebSocket beside. */
export interface Guarded extends AsyncDisposable {
  readonly hub: Hub
  readonly port: number
  readonly url: string
  readonly sockets: () => number
  /** A start with JSON, which nobody reads unless `accept` says so. */
  readonly start: (headers?: Record<string, string>, init?: RequestInit) => Promise<Response>
  readonly get: (address: string, init?: RequestInit) => Promise<Response>
  /** A connection that says whatever it likes, and what it has heard. */
  readonly raw: (bytes: string | Uint8Array) => Raw
  /** Waits until nothing is left of anybody. */
  readonly settled: () => Promise<void>
}

export interface Raw {
  readonly socket: Socket
  readonly heard: () => string
  /** All that was heard, once the server has closed. */
  readonly closed: Promise<string>
}

export async function guarded({
  produce,
  hub: given,
  handler: options,
  headersTimeout = 15_000,
}: GuardedOptions): Promise<Guarded> {
  const hub = createHub({ log: memoryLog(), retry: { min: 20, max: 20 }, ...given })
  const handler = createHandler(hub, { '/api/chat': produce }, options)
  const server = createServer(serverOptions(handler, { headersTimeout }), toNodeListener(handler))
  const attached = attachWebSocket(server, handler, { path: '/api/socket', origins: options?.origins ?? [] })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const url = `http://127.0.0.1:${port}`
  const get = (address: string, init?: RequestInit) => fetch(url + address, init)
  const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))
  return {
    hub,
    port,
    url,
    get,
    sockets: () => attached.sockets,
    start: (headers = {}, init = {}) =>
      get('/api/chat', {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        ...init,
      }),
    raw(bytes) {
      const socket = connect(port, '127.0.0.1')
      let said = ''
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        said += chunk
      })
      socket.write(bytes)
      return { socket, heard: () => said, closed: new Promise((resolve) => socket.once('close', () => resolve(said))) }
    },
    async settled() {
      await until(() => ({ ...hub.counts(), sockets: attached.sockets }), { generations: 0, readers: 0, sockets: 0 })
      server.closeIdleConnections()
      let left = await connections()
      for (let tries = 0; left > 0 && tries < 500; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        server.closeIdleConnections()
        left = await connections()
      }
      if (left > 0) throw new Error(`${left} connections are left.`)
    },
    async [Symbol.asyncDispose]() {
      await attached.close()
      await hub.close({ drainTimeout: 1 })
      server.closeAllConnections()
      server.close()
    },
  }
}
