import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { StreamError } from '@keepstream/core'

/** A listening TCP socket on 127.0.0.1 that can close, so that the system refuses connections, and come back on its port. */
export interface Listener {
  readonly port: number
  readonly refusing: boolean
  /** Every open socket that was accepted. They stay open while the listener refuses. */
  readonly sockets: ReadonlySet<Socket>
  readonly refuse: () => void
  readonly accept: () => Promise<void>
  /** Refuses, and destroys every socket. */
  readonly close: () => Promise<void>
}

export async function listen(wantedPort: number, onSocket: (socket: Socket) => void): Promise<Listener> {
  const sockets = new Set<Socket>()
  let accepting = true
  let server: Server | undefined = await open(wantedPort, admit)
  const { port } = server.address() as { port: number }
  let opening: Promise<void> | undefined

  function admit(socket: Socket) {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    onSocket(socket)
  }
  function refuse() {
    accepting = false
    server?.close()
    server = undefined
  }
  async function accept() {
    accepting = true
    if (server) return
    opening ??= reopen().finally(() => {
      opening = undefined
    })
    await opening
  }
  /** Insists for five seconds: the system lends free ports to outgoing connections, for as long as those last. */
  async function reopen() {
    for (let attempt = 1; accepting; attempt++) {
      try {
        server = await open(port, admit)
        break
      } catch (error) {
        if (attempt === 100) throw error
        await setTimeout(50)
      }
    }
    // Told to refuse while it was opening.
    if (!accepting) refuse()
  }
  return {
    port,
    sockets,
    refuse,
    accept,
    get refusing() {
      return !accepting
    },
    close: async () => {
      refuse()
      const closed = [...sockets].map((socket) => once(socket, 'close'))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

async function open(port: number, admit: (socket: Socket) => void): Promise<Server> {
  // Half-open sockets, so that an end of one direction is not taken for the end of both.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, admit)
  server.listen({ port, host: '127.0.0.1', backlog: 4096 })
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new StreamError('network', `Port ${port} of 127.0.0.1 is taken. Give another \`port\`, or 0 for any.`, {
      cause,
    })
  }
  return server
}
