import { once } from 'node:events'
import { createServer } from 'node:http'
import { fetchTransport, StreamError, type Transport } from '@keepstream/core'
import { eventSourceTransport } from '@keepstream/core/event-source'
import { fetchEventSourceTransport } from '@keepstream/core/fetch-event-source'
import { pollTransport } from '@keepstream/core/poll'
import { createSocket } from '@keepstream/core/websocket'
import { createHandler, createHub, memoryLog } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'
import { type ServedAnswers, type ServeOptions, transportContract } from '@keepstream/testing/contracts'
import { EventSource } from 'eventsource'
import { onTestFinished } from 'vitest'
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
  connect: (url, options) => eventSourceTransport({ url, EventSource, events: ['word'], ...options }),
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
