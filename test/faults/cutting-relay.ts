import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A relay that keeps the rest of an event to itself. */
export interface CuttingRelay extends AsyncDisposable {
  readonly url: string
  /** How many connections were accepted so far. */
  readonly accepted: () => number
  /** Resolves when the first half of the event has gone out, and nothing follows. */
  readonly halfway: Promise<void>
  /** Resets that connection. */
  readonly reset: () => void
  /** Closes it properly. */
  readonly close: () => void
}

/**
 * Leads to `target`. What the server sends is held back behind the `count`th `mark`, once: where in an event a connection
 * breaks is decided by what the bytes say, and not by how many there are, which differs from run to run.
 */
export async function cuttingRelay(target: string, mark: string, count: number): Promise<CuttingRelay> {
  const { hostname: host, port } = new URL(target)
  const sockets = new Set<Socket>()
  let accepted = 0
  let halved: Socket | undefined
  let tellHalfway = () => {}
  const halfway = new Promise<void>((resolve) => {
    tellHalfway = resolve
  })

  const server = createServer((client) => {
    accepted++
    const behind = connect({ host, port: Number(port) })
    let seen = Buffer.alloc(0)
    for (const [socket, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      sockets.add(socket.setNoDelay(true))
      socket.on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.pipe(behind)
    behind.on('data', (bytes: Buffer) => {
      if (halved === client) return
      const before = seen.length
      seen = Buffer.concat([seen, bytes])
      const end = halved ? -1 : endOf(seen, mark, count)
      if (end < 0) client.write(bytes)
      else {
        halved = client
        client.write(bytes.subarray(0, Math.max(0, end - before)), tellHalfway)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: target.replace(`:${port}`, `:${(server.address() as { port: number }).port}`),
    accepted: () => accepted,
    halfway,
    reset: () => halved?.resetAndDestroy(),
    close: () => halved?.end(),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Where the `count`th `mark` ends; -1 where there are fewer. */
function endOf(bytes: Buffer, mark: string, count: number): number {
  let at = -1
  for (let number = 0; number < count; number++) {
    at = bytes.indexOf(mark, at + 1)
    if (at < 0) return -1
  }
  return at + mark.length
}
