import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { createHandler, createHub, type Hub, type Log, relay } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'
import { ownPort } from '../../packages/server/test/own-port'

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
  /** After its hub was closed. */
  readonly close: () => Promise<void>
}

interface Life {
  readonly hub: Hub
  readonly server: Server
  readonly store: Store
  /** Every connection, also those that were upgraded and are no longer the server's. */
  readonly sockets: Set<Socket>
}

const heartbeat = 100

export async function startNode(model: string, openStore: () => Promise<Store>): Promise<ServerNode> {
  const port = await ownPort()
  let life: Life | undefined = await begin()

  async function begin(): Promise<Life> {
    const store = await openStore()
    const hub = createHub({ log: store.log, heartbeat, retry: { min: 5, max: 30 } })
    const chat = relay({
      baseUrl: model,
      apiKey: false,
      models: ['scripted'],
      // The model shares this process: a busy machine must not look like one that has fallen silent.
      timeouts: { head: 4_000, firstToken: 4_000, idle: 4_000 },
    })
    const handler = createHandler(hub, { '/api/chat': chat })
    const server = createServer(toNodeListener(handler))
    attachWebSocket(server, handler, { path: '/api/socket', origins: [] })
    const sockets = new Set<Socket>()
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return { hub, server, store, sockets }
  }

  function hangUp({ server, sockets }: Life): Promise<unknown> {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    return closed
  }

  const burials: Promise<unknown>[] = []
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
    await hangUp(dead)
    // What a dead process would not do any more reaches nobody; it only frees what it held.
    burials.push(dead.hub.close({ drainTimeout: 0 }).finally(dead.store.close))
  }

  async function shutDown(drainTimeout: number): Promise<void> {
    const ending = life
    if (!ending) return
    life = undefined
    await ending.hub.close({ drainTimeout })
    await hangUp(ending)
    await ending.store.close()
  }

  return {
    port,
    counts: () => life?.hub.counts() ?? { generations: 0, readers: 0 },
    crash: () => oneByOne(crash),
    restart: () =>
      oneByOne(async () => {
        life ??= await begin()
      }),
    drain: (timeout) => oneByOne(() => shutDown(timeout)),
    close: () =>
      oneByOne(async () => {
        await shutDown(0)
        await Promise.allSettled(burials)
      }),
  }
}
