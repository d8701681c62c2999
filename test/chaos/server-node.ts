import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHandler, createHub, type Hub, type Log, relay } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'

/** One server process in small: what it holds in memory, and what it listens with. */
export interface ServerNode {
  readonly port: number
  readonly counts: () => { readonly generations: number; readonly readers: number }
  /** Gone without a word, as by SIGKILL, with all that it held in memory. */
  readonly crash: () => Promise<void>
  /** Listens again on the same port, with nothing in memory. */
  readonly restart: () => Promise<void>
  /** Ends as on SIGTERM. */
  readonly drain: (timeout: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** What a node keeps its streams in, and how that is cut off from a process that is no more. */
export interface Store {
  readonly log: Log
  readonly sever: () => Promise<void>
}

interface Life {
  readonly hub: Hub
  readonly server: Server
  readonly store: Store
}

const heartbeat = 100

export async function startNode(model: string, openStore: () => Promise<Store>): Promise<ServerNode> {
  let port = 0
  let life: Life | undefined = await begin()

  async function begin(): Promise<Life> {
    const store = await openStore()
    const hub = createHub({ log: store.log, heartbeat, retry: { min: 5, max: 30 } })
    const chat = relay({
      baseUrl: model,
      apiKey: false,
      models: ['scripted'],
      timeouts: { head: 3_000, firstToken: 3_000, idle: 1_000 },
    })
    const handler = createHandler(hub, { '/api/chat': chat })
    const server = createServer(toNodeListener(handler))
    attachWebSocket(server, handler, { path: '/api/socket', origins: [] })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    return { hub, server, store }
  }

  function hangUp({ server }: Life): Promise<unknown> {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    return closed
  }

  // Faults overlap, and a port is for one process at a time.
  let changing: Promise<unknown> = Promise.resolve()
  function oneByOne<T>(change: () => Promise<T>): Promise<T> {
    const changed = changing.then(change)
    changing = changed.catch(() => undefined)
    return changed
  }

  async function crash(): Promise<void> {
    const dead = life
    if (!dead) return
    life = undefined
    await dead.store.sever()
    // Sockets that were upgraded are no longer the server's: the hub's end closes them.
    const ended = dead.hub.close({ drainTimeout: 0 })
    await hangUp(dead)
    await ended
  }

  async function shutDown(drainTimeout: number): Promise<void> {
    const ending = life
    if (!ending) return
    life = undefined
    await ending.hub.close({ drainTimeout })
    await hangUp(ending)
  }

  return {
    get port() {
      return port
    },
    counts: () => life?.hub.counts() ?? { generations: 0, readers: 0 },
    crash: () => oneByOne(crash),
    restart: () =>
      oneByOne(async () => {
        life ??= await begin()
      }),
    drain: (timeout) => oneByOne(() => shutDown(timeout)),
    close: () => oneByOne(() => shutDown(0)),
  }
}
