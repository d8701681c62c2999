import { connect, type Socket } from 'node:net'
import { createParser } from '@keepstream/core/sse'

export interface Address {
  readonly port: number
  readonly path: string
}

/** One who reads a stream and counts. */
export interface CountingReader {
  /** The last event that was read, by the number at the end of its id; 0 before the first. */
  readonly last: number
  /** Events that were not the next one: lost, twice, or out of order. */
  readonly wrong: number
  readonly received: number
  readonly leave: () => void
}

export interface ReadOptions {
  /** The event to go on after. */
  readonly after: number
  /** What its id begins with. */
  readonly epoch: string
  readonly onOpen: () => void
  readonly onEvents: () => void
  readonly onCut: () => void
}

/** Reads an event stream with as little as possible, so that five thousand of them fit beside the server on one machine. */
export function readEvents({ port, path }: Address, options: ReadOptions): CountingReader {
  const parser = createParser({ maxEventSize: Number.MAX_SAFE_INTEGER })
  const dechunk = createDechunker()
  let last = options.after
  let wrong = 0
  let received = 0
  let opened = false
  const socket = connect(port, '127.0.0.1')
  const after = options.after > 0 ? `last-event-id: ${options.epoch}-${options.after}\r\n` : ''
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n${after}\r\n`)
  socket.on('error', () => undefined)
  socket.on('close', options.onCut)
  socket.on('data', (bytes: Buffer) => {
    received += bytes.length
    let body = bytes
    if (!opened) {
      opened = true
      if (!bytes.includes(' 200 ')) throw new Error(bytes.toString())
      // Every server here sends the head in one piece.
      body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)
      options.onOpen()
    }
    const before = last
    dechunk(body, (piece) => {
      for (const { event, id } of parser.feed(piece)) {
        if (event !== 'text') continue
        const span = spanOf(id!)
        if (span.first !== last + 1) wrong++
        last = span.last
      }
    })
    if (last !== before) options.onEvents()
  })
  return {
    get last() {
      return last
    },
    get wrong() {
      return wrong
    },
    get received() {
      return received
    },
    leave() {
      socket.off('close', options.onCut)
      socket.destroy()
    },
  }
}

/** The entries that an event stands for: one, or several that were joined (PROTOCOL.md, R4). */
export function spanOf(id: string): { readonly first: number; readonly last: number } {
  const [first = '', last = first] = id.slice(id.lastIndexOf('-') + 1).split('..')
  return { first: Number(first), last: Number(last) }
}

/** Somebody who asks for a stream and never reads. */
export function neverRead({ port, path }: Address, onOpen: () => void): Socket {
  const socket = connect(port, '127.0.0.1', onOpen)
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`)
  socket.on('error', () => undefined)
  return socket.pause()
}

/** Takes the framing of chunks away (RFC 9112 §7.1), wherever the network cut it. */
function createDechunker() {
  let size = ''
  /** Bytes of the current chunk that are still to come, its line break included. */
  let left = 0
  return (bytes: Buffer, take: (piece: Buffer) => void): void => {
    let at = 0
    while (at < bytes.length) {
      if (left === 0) {
        const end = bytes.indexOf(10, at)
        size += bytes.toString('latin1', at, end < 0 ? bytes.length : end)
        if (end < 0) return
        left = Number.parseInt(size, 16) + 2
        size = ''
        at = end + 1
        continue
      }
      const length = Math.min(left, bytes.length - at)
      const content = Math.min(length, left - 2)
      if (content > 0) take(bytes.subarray(at, at + content))
      left -= length
      at += length
    }
  }
}
