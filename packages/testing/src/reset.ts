import type { Socket } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'

/**
 * Milliseconds between the last byte and the reset. A reader that finds both at once is told by libuv that the connection
 * ended properly (`uv__stream_io`: a partial read with a hang-up is an end), so it must have read by then.
 */
const readingTime = 10

/** Resets a connection once its reader has had time to read what was sent, and resolves then. */
export async function reset(socket: Socket): Promise<void> {
  await setTimeout(readingTime)
  // After a timer that was late, `setImmediate` lets sockets be read first: a reader in this process has read by then.
  await setImmediate()
  socket.resetAndDestroy()
}
