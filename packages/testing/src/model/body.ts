import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { reset } from '../reset'
import type { CutFault } from './fault'

/** The body of an answer under way: written with the back-pressure of its socket, and cut where that was asked for. */
export interface Body {
  readonly bytesSent: number
  /** Resolves with whether the body goes on: not after a cut, and not once the client has left. */
  readonly write: (bytes: string | Buffer) => Promise<boolean>
  readonly cut: (how: CutFault['how']) => Promise<void>
}

/** `cutAt` bytes are sent at most, then the body is cut in the middle of what is being written. */
export function createBody(
  response: ServerResponse,
  signal: AbortSignal,
  { atByte: cutAt = Number.POSITIVE_INFINITY, how }: Pick<CutFault, 'atByte' | 'how'>,
): Body {
  let bytesSent = 0

  async function write(content: string | Buffer) {
    if (signal.aborted) return false
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    if (bytesSent + bytes.length > cutAt) {
      await truncate(bytes.subarray(0, cutAt - bytesSent), bytes.length, how)
      return false
    }
    bytesSent += bytes.length
    if (!response.write(bytes)) await once(response, 'drain', { signal }).catch(() => {})
    return !signal.aborted
  }

  /** Sends a chunk that promises `length` bytes and holds fewer, so that the cut is inside a chunk. */
  async function truncate(bytes: Buffer, length: number, how: CutFault['how'] = 'reset') {
    bytesSent += bytes.length
    if (how === 'close') {
      response.end(bytes)
      return
    }
    const { socket } = response
    // The client has left already.
    if (!socket || socket.destroyed) return
    socket.write(`${length.toString(16)}\r\n`)
    // A reset discards what the system has not taken yet.
    await new Promise((resolve) => socket.write(bytes, resolve))
    if (how === 'reset') await reset(socket)
    else socket.destroySoon()
  }

  return {
    get bytesSent() {
      return bytesSent
    },
    write,
    cut: (how) => truncate(Buffer.alloc(0), 1, how),
  }
}
