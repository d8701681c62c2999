import type { Socket } from 'node:net'

/**
 * Milliseconds between the last byte and the reset. A reader that finds both at once is told by libuv that the connection
 * ended properly (`uv__stream_io`: a partial read with a hang-up is an end), so it must have read by then.
 */
const readingTime = 10

/** Resets a connection once its reader has had time to read what was sent. */
export function reset(socket: Socket): void {
  // After a timer of a busy event loop, its sockets are read before `setImmediate`: a reader in this process has read.
  setTimeout(() => setImmediate(() => socket.resetAndDestroy()), readingTime)
}
