// Above 150 lines: a server, and each way that an answer goes over a real connection to it.
import { getEventListeners, once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { createStream, keepstream, type Message, type MessagePart, type StreamOptions } from '@keepstream/core'
import { fetchEventSource } from '@keepstream/core/fetch-event-source'
import { pollTransport } from '@keepstream/core/poll'
import { createSocket } from '@keepstream/core/websocket'
import { createHandler, createHub, memoryLog, type Producer } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { type Cycle, survey } from './survey'

// In bytes: a stream, its entries and its requests weigh some 20,000, here and at the server.
const plan = { cycles: 100, atOnce: 10, bound: 100, rest }

const route = '/api/chat'
const responses = new Map<string, ServerResponse>()

// The server's clock stands still while there is something to do, so that no answer is forgotten too early; and it looks
// at it every 20 ms, a quarter of the shortest interval.
let time = 0
const now = () => time
const hub = createHub({ log: memoryLog({ now }), now, heartbeat: 80, retention: 1_000, retry: { min: 1, max: 1 } })

/** Lets the server forget what is over, and closes what carries nothing. */
async function rest(): Promise<void> {
  time += 2_000
  await new Promise((resolve) => setTimeout(resolve, 60))
  server.closeIdleConnections()
}

/** What the input asks for: `whole`, `cut` after the first token at the first connection, or `hang` after it. */
const produce: Producer = async ({ input, text, signal }) => {
  const { play, name } = input as { play: string; name: string }
  await text('a')
  if (play === 'cut') {
    await new Promise((resolve) => setTimeout(resolve, 5))
    responses.get(name)?.destroy()
  }
  if (play === 'hang') await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  else await text('b')
}

let server: Server
let origin: string
const handler = createHandler(hub, { [route]: produce })

beforeAll(async () => {
  const listener = toNodeListener(handler)
  server = createServer((request, response) => {
    const name = String(request.headers['x-name'])
    if (request.method === 'POST') responses.set(name, response)
    response.once('close', () => responses.delete(name))
    listener(request, response)
  })
  attachWebSocket(server, handler, { path: '/api/socket', origins: [] })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`
})

afterAll(async () => {
  await hub.close({ drainTimeout: 1 })
  server.closeAllConnections()
  server.close()
})

const connections = () => new Promise((resolve) => server.getConnections((_, count) => resolve(count)))

function open(number: number, options: Partial<StreamOptions<MessagePart, Message>> = {}) {
  const headers = { 'x-name': `${number}` }
  const retry = { baseDelay: 1, maxDelay: 1 }
  return createStream({ url: `${origin}${route}`, protocol: keepstream(), headers, retry, ...options })
}

type MessageStream = ReturnType<typeof open>

/** Resolves once the stream has said so much. */
function says(stream: MessageStream, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (stream.get().data.text !== wanted) return
      leave()
      resolve()
    }
    const leave = stream.subscribe(look)
    look()
  })
}

function demand(stream: MessageStream, status: string, text: string): readonly object[] {
  const snapshot = stream.get()
  if (snapshot.status === status && snapshot.data.text === text) return [stream, snapshot]
  throw new Error(`${snapshot.status} with "${snapshot.data.text}": ${snapshot.error}`)
}

/** One socket for all streams; it closes soon after the last. */
class NodeWebSocket extends WebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol, { closeTimeout: 200 } as never)
  }
}
const overSocket = createSocket({
  url: async () => `${origin}/api/socket`,
  WebSocket: NodeWebSocket,
  linger: 20,
}).transport(route)

// Whatever a caller keeps for its own life, and gives to thousands of calls.
const lasting = new AbortController()

async function whole(number: number, options = {}): Promise<readonly object[]> {
  const stream = open(number, options)
  await stream.start({ play: 'whole', name: `${number}` })
  return demand(stream, 'done', 'ab')
}

async function stopped(number: number, options = {}): Promise<readonly object[]> {
  const stream = open(number, options)
  stream.start({ play: 'hang', name: `${number}` })
  await says(stream, 'a')
  const { acknowledged } = await stream.stop()
  if (!acknowledged) throw new Error('The server did not acknowledge the stop.')
  return demand(stream, 'stopped', 'a')
}

async function left(number: number, options = {}): Promise<readonly object[]> {
  const stream = open(number, options)
  stream.start({ play: 'hang', name: `${number}` })
  await says(stream, 'a')
  stream.detach()
  const snapshots = demand(stream, 'streaming', 'a')
  await stream.stop()
  return snapshots
}

const socket = { transport: overSocket }

const cycles: Record<string, Cycle> = {
  'start, done': whole,
  'start, stop': stopped,
  'start, detach, stop': left,
  async 'start, cut, resume, done'(number) {
    // An address that is a function has no budget of its host, which would let ten a second try again.
    const stream = open(number, { url: () => `${origin}${route}` })
    await stream.start({ play: 'cut', name: `${number}` })
    return demand(stream, 'done', 'ab')
  },
  'start, done by long polling': (number) =>
    whole(number, { transport: pollTransport({ url: `${origin}${route}`, wait: 1_000 }) }),
  'start, done over a WebSocket': (number) => whole(number, socket),
  'start, stop over a WebSocket': (number) => stopped(number, socket),
  'start, detach, stop over a WebSocket': (number) => left(number, socket),
  async 'the drop-in, with a signal that lasts'(number) {
    const events: object[] = []
    await fetchEventSource(`${origin}${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': `drop-in-key-of-22-${number + 1_000_000}` },
      body: JSON.stringify({ play: 'whole', name: `${number}` }),
      signal: lasting.signal,
      openWhenHidden: true,
      onmessage: (event) => void events.push(event),
    })
    if (events.length < 3) throw new Error(`There were ${events.length} events.`)
    return events
  },
}

describe('over real connections', () => {
  let total = 0

  test.each(Object.entries(cycles))('%s: nothing is left, here and at the server', async (_, cycle) => {
    const remains = await survey(cycle, plan)
    total += remains.cycles
    expect(remains).toMatchObject({ survivors: 0, resources: {} })
    expect(remains.growth).toBeLessThan(plan.bound)
    expect(getEventListeners(lasting.signal, 'abort')).toHaveLength(0)
    expect(getEventListeners(hub.closing, 'abort').length).toBeLessThan(20)
    expect({ ...hub.counts(), responses: responses.size }).toEqual({ generations: 0, readers: 0, responses: 0 })
  })

  test('and in the end no connection either', async () => {
    server.closeIdleConnections()
    await expect.poll(connections).toBe(0)
    expect(total).toBeGreaterThan(2_000)
  })
})
