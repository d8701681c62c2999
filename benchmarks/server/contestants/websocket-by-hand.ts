// What a careful author writes on `ws`: a message is encoded once, and given to every socket that has room.
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { type Contestant, heartbeat } from '../contestant'

interface Reader {
  readonly socket: WebSocket
  position: number
}

/** What may wait on a socket before it is given no more, in bytes. */
const fullBytes = 64 * 1024

export function webSocketByHand(): Contestant {
  const log: Buffer[] = []
  const readers = new Set<Reader>()
  const server = createServer()
  const acceptor = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false })

  function deliver(reader: Reader): void {
    const { socket } = reader
    while (reader.position < log.length && socket.bufferedAmount < fullBytes) {
      const message = log[reader.position++]!
      if (socket.readyState === WebSocket.OPEN) socket.send(message, { binary: false })
    }
  }

  acceptor.on('connection', (socket, request) => {
    const reader: Reader = { socket, position: 0 }
    readers.add(reader)
    request.socket.on('drain', () => deliver(reader))
    socket.on('close', () => readers.delete(reader))
    socket.on('error', () => undefined)
    socket.send('{"type":"welcome","v":1,"heartbeat":15000,"maxPayload":65536}')
    deliver(reader)
  })
  setInterval(() => {
    for (const { socket } of readers) socket.ping()
  }, heartbeat)

  return {
    server,
    path: '/',
    speaks: [],
    publish(text) {
      const event = { event: 'text', data: JSON.stringify(text), id: `live-${log.length + 1}` }
      log.push(Buffer.from(JSON.stringify({ type: 'events', id: 1, events: [event] })))
      for (const reader of readers) deliver(reader)
    },
  }
}
