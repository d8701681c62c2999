import { ServerResponse } from 'node:http'
import type { Reader, Sink } from '../cursor-reader'
import { longestDelay } from '../deadline'
import { hasDeparted, onDeparture } from '../node-departure'

/**
 * A connection of `node:http`, whose head is yet to be sent. Bytes go to it as they are, without a stream between.
 * A reader that has bytes to take and takes none for `stallTimeout` milliseconds is told so and sent away.
 */
export function nodeSink(response: ServerResponse, stallTimeout: number): Sink {
  const { socket } = response
  // One write to the socket instead of the four that `response.write` makes of a chunk. Only where nothing stands between:
  // no middleware that replaced `write`, no HTTP/2, no HTTP/1.0, and the socket is this response's already, which behind a
  // pipelined request it is not.
  const direct = socket && response.chunkedEncoding && response.write === ServerResponse.prototype.write
  const target = direct ? socket : response
  let reader: Pick<Reader, 'stall'> | undefined
  let full = false
  let timed = false
  const connection = response instanceof ServerResponse ? response.req.socket : undefined
  const before = connection?.timeout ?? 0
  // The server's own would end a connection that only waits.
  if (before > 0) keepTime(0)

  /**
   * Node's own timeout, and only while there is something to take: it alone sees that the kernel took a part of a write, so
   * that a slow reader never comes to it. An idle connection has none, and its writes do not set it anew (docs/decisions/0016).
   */
  function keepTime(timeout: number): void {
    response.setTimeout(Math.min(timeout, longestDelay))
    if (timed) return
    timed = true
    response.on('timeout', () => {
      if (response.writableEnded) response.destroy()
      else if (full) reader?.stall()
    })
    // The connection goes on to other requests. Before Node's own listener, which says how long it may be idle between them.
    if (connection) response.prependOnceListener('finish', () => connection.setTimeout(before))
  }

  return {
    open({ resume, close, stall }) {
      reader = { stall }
      const drained = () => {
        full = false
        keepTime(0)
        resume()
      }
      target.on('drain', drained)
      onDeparture(response, () => {
        target.off('drain', drained)
        close()
      })
      // A connection that breaks says 'close' as well.
      response.on('error', () => undefined)
      if (hasDeparted(response)) return close()
      // The head, the first event and what is to be caught up with in one write: a storm of readers is mostly writes.
      target.cork()
      response.flushHeaders()
      resume()
      target.uncork()
    },
    write(bytes) {
      const room = target.write(direct ? chunkOf(bytes) : bytes)
      if (room || full) return room
      full = true
      keepTime(stallTimeout)
      return false
    },
    // A client that leaves the end unread would hold the connection for ever.
    end(patience = stallTimeout) {
      response.end()
      keepTime(patience)
    },
    destroy: () => response.destroy(),
  }
}

let latest: { readonly bytes: Uint8Array; readonly chunk: Uint8Array } | undefined

/** The bytes as a chunk of HTTP/1.1 (RFC 9112 §7.1). Readers at the same place ask one after the other: it is made once. */
function chunkOf(bytes: Uint8Array): Uint8Array {
  if (latest?.bytes === bytes) return latest.chunk
  const head = `${bytes.length.toString(16)}\r\n`
  const chunk = Buffer.allocUnsafeSlow(head.length + bytes.length + 2)
  chunk.write(head, 'latin1')
  chunk.set(bytes, head.length)
  chunk.write('\r\n', head.length + bytes.length, 'latin1')
  latest = { bytes, chunk }
  return chunk
}
