import { ServerResponse } from 'node:http'
import type { Sink } from '../cursor-reader'

/** A connection of `node:http`, whose head is yet to be sent. Bytes go to it as they are, without a stream between. */
export function nodeSink(response: ServerResponse): Sink {
  response.flushHeaders()
  const { socket } = response
  // One write to the socket instead of the four that `response.write` makes of a chunk: 1.7 against 2.3 s in the kernel for
  // 200,000 deliveries to 1,000 readers. Only where nothing stands between: no middleware that replaced `write`, no HTTP/2,
  // no HTTP/1.0, and the socket is this response's already, which behind a pipelined request it is not.
  const direct = socket && response.chunkedEncoding && response.write === ServerResponse.prototype.write
  const target = direct ? socket : response

  return {
    open({ resume, close }) {
      target.on('drain', resume)
      // The request never says 'close' once its body was read: the response does.
      response.on('close', () => {
        target.off('drain', resume)
        close()
      })
      // A connection that breaks says 'close' as well.
      response.on('error', () => undefined)
      if (response.destroyed) close()
      else resume()
    },
    write: (bytes) => target.write(direct ? chunkOf(bytes) : bytes),
    end: () => response.end(),
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
