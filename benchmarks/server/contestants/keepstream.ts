import { createServer } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { createHandler, createHub, memoryLog } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'
import type { Contestant } from '../contestant'

const route = '/api/chat'

/** A hub with one stream that is being produced. Only its bounds on time and size are beyond the defaults. */
async function openStream() {
  const hour = 3_600_000
  const limits = { streamEntries: 1e6, streamBytes: 2 ** 30 }
  const hub = createHub({ log: memoryLog(), limits, generationTimeout: hour, connectionAge: hour })
  let publish!: Contestant['publish']
  const { stream } = await hub.start({
    owner: { route },
    input: {},
    produce({ text, signal }) {
      publish = (said) => void text(said)
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
    },
  })
  const handler = createHandler(hub, { [route]: () => undefined })
  return { handler, publish: (text: string) => publish(text), path: `${route}/streams/${stream.id}` }
}

/** On `node:http`. */
export async function keepstream(): Promise<Contestant> {
  const { handler, publish, path } = await openStream()
  return { server: createServer(toNodeListener(handler)), path, speaks: 'events', publish }
}

/** The Web-standard handler, served by @hono/node-server. */
export async function keepstreamWeb(): Promise<Contestant> {
  const { handler, publish, path } = await openStream()
  return { server: createAdaptorServer({ fetch: handler }), path, speaks: 'events', publish }
}

/** One stream on each socket, beside what could be said with `ws` by hand. */
export async function keepstreamWebSocket(): Promise<Contestant> {
  const { handler, publish, path } = await openStream()
  const server = createServer(toNodeListener(handler))
  attachWebSocket(server, handler, { path: '/socket', origins: [] })
  return { server, path: '/socket', speaks: [JSON.stringify({ type: 'read', id: 1, location: path })], publish }
}
