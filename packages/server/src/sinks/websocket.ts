import type { Socket } from 'node:net'
import { createParser } from '@keepstream/core/sse'
import type { WebSocket } from 'ws'
import type { Reader, Sink } from '../cursor-reader'
import { longestDelay } from '../deadline'

/** One WebSocket, shared by the readers of many streams. It holds what is in flight and no queue. */
export interface Channel {
  /** Whether the connection has bytes to take before it is given more. */
  readonly full: boolean
  /** Sends a small message whether or not there is room. */
  readonly send: (message: object) => void
  /** The connection for the reader of the stream `id`. `closed` is called once, when that reader is done with it. */
  readonly sink: (id: number, closed: () => void) => Sink
  /** Tells that the client said something. */
  readonly heard: () => void
  /** Sends all readers away, because the connection takes nothing. */
  readonly stall: () => void
}

export interface ChannelOptions {
  readonly webSocket: WebSocket
  /** The connection below it. */
  readonly connection: Socket
  /** How long it may be full and take no byte, in milliseconds. */
  readonly stallTimeout: number
  /** It was full for so long. */
  readonly onStall: () => void
}

// What a client may ask while it takes nothing. Each is answered with some hundred bytes, which would be a queue.
const mostUnread = 1024

/**
 * The readers of one socket as sinks. The bound is the connection's own: once it holds as much as its high-water mark
 * (16 KiB on Node 20), every reader is parked, so that it holds one slice more at most, however many they are.
 * When it has taken all, they go on one after the other, and whoever was first is last the next time.
 */
export function createChannel({ webSocket, connection, stallTimeout, onStall }: ChannelOptions): Channel {
  const readers = new Set<Pick<Reader, 'resume' | 'park' | 'close' | 'stall'>>()
  let unread = 0
  let full = false

  function park(): void {
    for (const reader of readers) reader.park()
    if (full) return
    full = true
    // Only while it is full, as that of one reader (sinks/node.ts).
    connection.setTimeout(Math.min(stallTimeout, longestDelay))
  }

  function drained(): void {
    unread = 0
    full = false
    connection.setTimeout(0)
    for (const reader of [...readers]) {
      if (connection.writableNeedDrain) return
      if (!readers.delete(reader)) continue
      readers.add(reader)
      reader.resume()
    }
  }

  function transmit(text: string): void {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(text)
  }

  // The server's own would end a connection that only waits.
  connection.setTimeout(0)
  connection.on('drain', drained)
  connection.on('timeout', () => full && onStall())
  webSocket.once('close', () => {
    connection.off('drain', drained)
    for (const reader of [...readers]) reader.close()
  })

  return {
    get full() {
      return connection.writableNeedDrain
    },
    send: (message) => transmit(JSON.stringify(message)),
    sink(id, closed) {
      let reader: Pick<Reader, 'resume' | 'park' | 'close' | 'stall'> | undefined
      const close = () => {
        if (reader) readers.delete(reader)
        closed()
      }
      return {
        open(given) {
          reader = given
          readers.add(reader)
          if (!connection.writableNeedDrain) reader.resume()
        },
        write(bytes) {
          const frame = frameOf(bytes, id)
          // Past the library, between two of its own frames: what one write costs is most of what a delivery costs.
          if (frame && webSocket.readyState === webSocket.OPEN) connection.write(frame)
          if (!connection.writableNeedDrain) return true
          park()
          return false
        },
        end: close,
        destroy: close,
        transport: 'websocket',
      }
    },
    heard() {
      if (connection.writableNeedDrain && ++unread > mostUnread) webSocket.terminate()
    },
    stall() {
      for (const reader of [...readers]) reader.stall()
    },
  }
}

interface Framed {
  readonly bytes: Uint8Array
  readonly id: number
  /** Absent for a heartbeat: the socket has one of its own, for all streams. */
  readonly frame: Buffer | undefined
}

let latest: Framed | undefined

/**
 * The message for the reader `id`, as a frame. Readers at the same place ask one after the other, and mostly under the same
 * id: it is made once. What a server sends is not masked, so that one frame is good for all sockets.
 */
function frameOf(bytes: Uint8Array, id: number): Buffer | undefined {
  if (latest?.bytes === bytes && latest.id === id) return latest.frame
  const events = JSON.stringify(createParser({ maxEventSize: Number.MAX_SAFE_INTEGER }).feed(bytes))
  const frame = events === '[]' ? undefined : textFrame(`{"type":"events","id":${id},"events":${events}}`)
  latest = { bytes, id, frame }
  return frame
}

const wholeText = 0x81

/** One text message (RFC 6455 §5.2): whole, not compressed, its length in 7, 16 or 64 bits. */
function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafeSlow(head + length)
  frame[0] = wholeText
  if (head === 2) frame[1] = length
  else if (head === 4) frame.writeUInt16BE(length, frame.writeUInt8(126, 1))
  else frame.writeBigUInt64BE(BigInt(length), frame.writeUInt8(127, 1))
  frame.write(text, head)
  return frame
}
