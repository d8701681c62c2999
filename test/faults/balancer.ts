import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Node {
  readonly port: number
  /** Where it says whether it is ready. */
  readonly operations: number
}

/** What stands before several nodes: each connection goes to the first of them that says it is ready. */
export interface Balancer extends AsyncDisposable {
  readonly url: string
  readonly set: (nodes: readonly Node[]) => void
  /** Resolves once a node that is ready has been found. */
  readonly ready: () => Promise<void>
}

/** How often the nodes are asked, in milliseconds: often, so that the test is short. */
const interval = 50

export async function createBalancer(): Promise<Balancer> {
  let nodes: readonly Node[] = []
  let chosen: Node | undefined
  let closed = false
  const sockets = new Set<Socket>()

  async function look(): Promise<void> {
    while (!closed) {
      const answers = await Promise.all(nodes.map(async (node) => ((await isReady(node)) ? node : undefined)))
      chosen = answers.find((node) => node !== undefined && nodes.includes(node))
      await new Promise((resolve) => setTimeout(resolve, interval))
    }
  }

  const server = createServer((client) => {
    if (!chosen) return void client.destroy()
    const node = connect(chosen.port, '127.0.0.1')
    for (const [socket, other] of [
      [client, node],
      [node, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy()).on('close', () => sockets.delete(socket))
      socket.pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const looking = look()
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    set(given) {
      nodes = given
      if (chosen && !given.includes(chosen)) chosen = undefined
    },
    async ready() {
      while (!chosen) await new Promise((resolve) => setTimeout(resolve, interval))
    },
    async [Symbol.asyncDispose]() {
      closed = true
      for (const socket of sockets) socket.destroy()
      server.close()
      await looking
    },
  }
}

const isReady = ({ operations }: Node) =>
  fetch(`http://127.0.0.1:${operations}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
