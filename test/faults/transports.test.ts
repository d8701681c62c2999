import { once } from 'node:events'
import { createServer } from 'node:http'
import { createStream, fetchTransport, keepstream, StreamError, type Transport } from '@keepstream/core'
import { eventSourceTransport } from '@keepstream/core/event-source'
import { fetchEventSourceTransport } from '@keepstream/core/fetch-event-source'
import { pollTransport, whenBuffered } from '@keepstream/core/poll'
import { createSocket } from '@keepstream/core/websocket'
import { createHandler, createHub, memoryLog } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'
import { type ServedAnswers, type ServeOptions, transportContract } from '@keepstream/testing/contracts'
import { EventSource } from 'eventsource'
import { expect, onTestFinished, test } from 'vitest'
import WebSocket from 'ws'

/** `@keepstream/server` over HTTP at `/api/chat`, and over WebSockets at the same path. */
async function serve({ produce, refuse }: ServeOptions): Promise<ServedAnswers> {
  const hub = createHub({
    log: memoryLog(),
    authorize({ verb }) {
      const refusal = refuse(verb)
      if (refusal) throw new StreamError('http', 'The server has too much to do.', refusal)
      return {}
    },
  })
  const handler = createHandler(hub, { '/api/chat': produce })
  const listener = toNodeListener(handler)
  let answering = 0
  const server = createServer((request, response) => {
    answering++
    response.once('close', () => answering--)
    listener(request, response)
  })
  attachWebSocket(server, handler, { path: '/api/chat', origins: [] })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/api/chat`,
    readers: () => answering + hub.counts().readers,
    async close() {
      await hub.close({ drainTimeout: 1 })
      server.closeAllConnections()
      server.close()
    },
  }
}

transportContract('fetch', {
  serve,
  connect: (url, options) => fetchTransport({ url, accept: 'text/event-stream', ...options }),
})

transportContract('fetch-event-source', {
  serve,
  connect: (url, options) => fetchEventSourceTransport({ url, ...options }),
})

transportContract('EventSource', {
  serve,
  connect: (url, options) => eventSourceTransport({ url, EventSource, ...options }),
  lacks: { ends: true },
})

transportContract('poll', { serve, connect: (url, options) => pollTransport({ url, ...options }) })

transportContract('WebSocket', {
  serve,
  connect(url, { maxEventSize }): Transport {
    const socket = createSocket({ url, WebSocket, ...(maxEventSize && { maxBytes: maxEventSize }) })
    onTestFinished(() => socket.close())
    return socket.transport('/api/chat')
  },
})

/** Collects every answer until it is complete, as some proxies do. */
async function collectingProxy(target: string): Promise<string> {
  const { origin, pathname } = new URL(target)
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { accept = '', 'content-type': type, 'idempotency-key': key } = request.headers
    const headers = { accept, ...(type && { 'content-type': type }), ...(key && { 'idempotency-key': String(key) }) }
    const body = request.method === 'POST' ? { body: Buffer.concat(chunks) } : {}
    try {
      const answer = await fetch(`${origin}${request.url}`, { method: request.method ?? 'GET', headers, ...body })
      const whole = Buffer.from(await answer.arrayBuffer())
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(whole)
    } catch {
      response.destroy()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}${pathname}`
}

test('an answer behind a proxy that collects it is polled for, while the model writes, and asked for once', async () => {
  let seen = () => {}
  const half = new Promise<void>((resolve) => {
    seen = resolve
  })
  let asked = 0
  const served = await serve({
    async produce({ append }) {
      asked++
      await append('text', 'Streams ')
      // The other half is not made before the first one was shown.
      await half
      await append('text', 'survive.')
    },
    refuse: () => undefined,
  })
  onTestFinished(served.close)
  const url = await collectingProxy(served.url)
  const via = [whenBuffered(pollTransport({ url }), { patience: 200 })]
  const stream = createStream({ url, protocol: keepstream(), via })
  const reasons = new Set<string | undefined>()
  stream.subscribe(() => {
    const { data, connection } = stream.get()
    reasons.add(connection.error?.reason)
    if (data.text === 'Streams ') seen()
  })
  expect(await stream.start({ prompt: 'Hello' })).toMatchObject({ status: 'done', data: { text: 'Streams survive.' } })
  expect(reasons).toContain('buffered')
  expect(asked).toBe(1)
})
