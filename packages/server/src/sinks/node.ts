// A little above 150 lines: what one connection knows, and why it writes past Node's own response where it may.
import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Sink } from '../cursor-reader'
import { longestDelay } from '../deadline'
import { hasDeparted, onDeparture } from '../node-departure'

type Listener = Parameters<Sink['open']>[0]

/** What is known of a connection. */
interface Fields {
  readonly __proto__: Sink
  readonly response: ServerResponse
  /** What is written to: the socket itself where nothing stands between, else the response. */
  readonly target: Socket | ServerResponse
  readonly direct: boolean
  readonly stallTimeout: number
  reader: Listener | undefined
  /** Whether something was written. */
  begun: boolean
  full: boolean
  /** Whether somebody listens for its timeout. */
  timed: boolean
}

/** One record whose functions all connections share: those that only wait are many (docs/decisions/0020). */
interface Connection extends Fields, Sink {}

/**
 * A connection of `node:http`, whose head is yet to be sent. Bytes go to it as they are, without a stream between.
 * A reader that has bytes to take and takes none for `stallTimeout` milliseconds is told so and sent away.
 */
export function nodeSink(response: ServerResponse, stallTimeout: number): Sink {
  const { socket } = response
  // One write to the socket instead of the four that `response.write` makes of a chunk. Only where nothing stands between:
  // no middleware that replaced `write`, no HTTP/2, no HTTP/1.0, and the socket is this response's already, which behind a
  // pipelined request it is not.
  const direct = response.chunkedEncoding && response.write === ServerResponse.prototype.write
  const target = (direct && socket) || response
  const fields: Fields = {
    __proto__: methods,
    response,
    target,
    direct: target !== response,
    stallTimeout,
    reader: undefined,
    begun: false,
    full: false,
    timed: false,
  }
  // The server's own would end a connection that only waits.
  if ((connectionOf(response)?.timeout ?? 0) > 0) keepTime(fields, 0)
  return fields as Connection
}

const connectionOf = (response: ServerResponse) =>
  response instanceof ServerResponse ? response.req.socket : undefined

/**
 * Node's own timeout, and only while there is something to take: an idle connection has none, and its writes do not set it
 * anew (docs/decisions/0016).
 */
function keepTime(connection: Fields, timeout: number): void {
  const { response } = connection
  const before = connectionOf(response)?.timeout ?? 0
  response.setTimeout(Math.min(timeout, longestDelay))
  if (connection.timed) return
  connection.timed = true
  response.on('timeout', () => {
    if (response.writableEnded) response.destroy()
    else if (connection.full) connection.reader?.stall()
  })
  // The connection goes on to other requests. Before Node's own listener, which says how long it may be idle between them.
  const below = connectionOf(response)
  if (below) response.prependOnceListener('finish', () => below.setTimeout(before))
}

/** Parks the reader until the connection has taken all. */
function awaitDrain(connection: Fields): void {
  const { response, target, stallTimeout } = connection
  connection.full = true
  keepTime(connection, stallTimeout)
  const settle = () => {
    target.off('drain', drained)
    response.off('close', settle)
  }
  const drained = () => {
    settle()
    connection.full = false
    keepTime(connection, 0)
    connection.reader?.resume()
  }
  // Listened for while it is full, and not by a thousand that wait for the next event.
  target.on('drain', drained)
  response.on('close', settle)
}

const methods: Sink & ThisType<Connection> = {
  open(reader) {
    const { response, target } = this
    this.reader = reader
    onDeparture(response, () => reader.close())
    // A connection that breaks says 'close' as well.
    if (response.listenerCount('error') === 0) response.on('error', () => undefined)
    if (hasDeparted(response)) return reader.close()
    // The head, the first event and what is to be caught up with in one write: a storm of readers is mostly writes.
    target.cork()
    response.flushHeaders()
    reader.resume()
    target.uncork()
  },
  write(bytes) {
    const { target, direct, begun } = this
    // An empty chunk is the end of a response (RFC 9112 §7.1): what follows it would be taken for the next one.
    if (bytes.length === 0) return !this.full
    this.begun = true
    // What it is given first nobody else is.
    const room = target.write(direct ? (begun ? sharedChunk(bytes) : chunkOf(bytes)) : bytes)
    if (!room && !this.full) awaitDrain(this)
    return room
  },
  // A client that leaves the end unread would hold the connection for ever.
  end(patience) {
    this.response.end()
    keepTime(this, patience ?? this.stallTimeout)
  },
  destroy() {
    this.response.destroy()
  },
}

interface Framed {
  readonly bytes: Uint8Array | undefined
  readonly chunk: Uint8Array
}

const none: Framed = { bytes: undefined, chunk: new Uint8Array(0) }
let latest = none
let previous = none

/**
 * The bytes as a chunk, made once: readers at the same place ask one after the other, and those that come back together read the
 * same two slices each in turn, as they get them from the log (blocks.ts).
 */
function sharedChunk(bytes: Uint8Array): Uint8Array {
  if (latest.bytes === bytes) return latest.chunk
  ;[previous, latest] = [latest, previous]
  if (latest.bytes !== bytes) latest = { bytes, chunk: chunkOf(bytes) }
  return latest.chunk
}

/** The bytes as a chunk of HTTP/1.1 (RFC 9112 §7.1). */
function chunkOf(bytes: Uint8Array): Uint8Array {
  const head = `${bytes.length.toString(16)}\r\n`
  const chunk = Buffer.allocUnsafe(head.length + bytes.length + 2)
  chunk.write(head, 'latin1')
  chunk.set(bytes, head.length)
  chunk.write('\r\n', head.length + bytes.length, 'latin1')
  return chunk
}
