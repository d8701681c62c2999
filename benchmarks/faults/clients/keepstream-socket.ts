import { createStream, keepstream } from '@keepstream/core'
import { createSocket, type SocketConstructor } from '@keepstream/core/websocket'
import WebSocket from 'ws'
import type { Client } from '../reading'

/** The same stream over a WebSocket, which Node 20 does not have by itself. */
export const read: Client = async ({ url, token, report }) => {
  const socket = createSocket({ url, token, WebSocket: WebSocket as unknown as SocketConstructor })
  const stream = createStream({
    transport: socket.transport('/api/chat'),
    protocol: keepstream(),
    clocks: { stall: 5_000 },
  })
  stream.subscribe(() => report({ text: stream.get().data.text, status: 'streaming' }))
  const { status, data, error } = await stream.start({})
  report({ text: data.text, status: status === 'done' ? 'done' : 'failed', message: error?.message })
}
