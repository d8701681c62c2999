import { type Address, keepstream, type Memory, type Wrapper } from '@keepstream/core'
import { pollTransport } from '@keepstream/core/poll'
import { createSocket, type SocketConstructor } from '@keepstream/core/websocket'
import { createFaultProxy, createScriptedModel, type FaultProxy, type ScriptedModel } from '@keepstream/testing'
import { WebSocket } from 'ws'
import type { RedisServer } from '../../packages/server/test/redis-server'
import { type Observed, observe } from '../faults/observed'
import type { Seeded } from './seeded'
import { type ServerNode, type Store, startNode } from './server-node'

/** What some fault makes a true outcome for a reader, beside the whole answer. `forgotten`: whoever comes when all is over. */
export type Allowance = 'cut' | 'stopped' | 'asked-again' | 'forgotten'

/** What several nodes have in common, and how to break it. */
export interface SharedRedis extends Pick<RedisServer, 'command' | 'pause' | 'resume' | 'flush'> {
  /** Kills it, and starts it again after so many milliseconds. One after the other, where several want that. */
  readonly restart: (after: number) => Promise<void>
}

export interface World extends AsyncDisposable {
  readonly model: ScriptedModel
  readonly nodes: readonly ServerNode[]
  readonly redis: SharedRedis | undefined
  /** Between the clients and the nodes; leads to one of them at a time, as a load balancer does. */
  readonly proxy: FaultProxy
  readonly clients: Observed[]
  /** Who has left on purpose. */
  readonly left: Set<Observed>
  readonly answer: string
  readonly history: string[]
  readonly allowed: Set<Allowance>
  /** Leads the clients to another node. */
  readonly switchTo: (node: number) => void
  /** Somebody asks the question. */
  readonly ask: () => void
  readonly leave: (client: Observed | undefined) => void
  /** Somebody else reads the same answer; nobody, where it lives nowhere yet. */
  readonly join: (carrier?: Carrier) => Observed | undefined
}

export type Carrier = 'fetch' | 'websocket' | 'poll'

const carriers: readonly Carrier[] = ['fetch', 'fetch', 'websocket', 'poll']

export interface WorldOptions {
  readonly random: Seeded
  readonly nodes: number
  readonly openStore: (node: number) => Promise<Store>
  readonly redis?: SharedRedis | undefined
}

const usedPorts = new Set<number>()

/** On a port of its own: the system gives them again, and what clients remember of a host is not to be that of another run. */
async function openProxy(target: string, { number }: Seeded): Promise<FaultProxy> {
  const used: FaultProxy[] = []
  for (;;) {
    const proxy = await createFaultProxy({ target, random: number })
    if (!usedPorts.has(proxy.port)) {
      usedPorts.add(proxy.port)
      await Promise.all(used.map((one) => one.close()))
      return proxy
    }
    used.push(proxy)
  }
}

export async function createWorld({ random, nodes: count, openStore, redis }: WorldOptions): Promise<World> {
  const length = random.between(5, 120)
  const answer = Array.from(
    { length },
    (_, index) => `${index} ${random.pick(['토큰', 'token', '👩‍👩‍👧', '끝.\n'])} `,
  ).join('')
  const model = await createScriptedModel({ answer, tokensPerSecond: random.pick([200, 500, 2_000]) })
  const nodes: ServerNode[] = []
  for (let node = 0; node < count; node++) nodes.push(await startNode(model.url, () => openStore(node)))
  const proxy = await openProxy(`http://127.0.0.1:${nodes[0]!.port}/api/chat`, random)
  const clients: Observed[] = []
  const history: string[] = []
  const closers: (() => void)[] = []
  let address: Address | undefined

  function open(carrier: Carrier, persist: Memory): Observed {
    history.push(`a client over ${carrier}`)
    const client = observe(
      {
        protocol: keepstream(),
        ...wire(carrier),
        persist,
        retry: { baseDelay: 10, maxDelay: 100, maxRetries: 60 },
        // Servers, models and clients share this process: to connect over long polling takes two turns of each of them, and
        // five attempts in a row that come too late open the circuit of the host.
        clocks: { connect: 3_000, firstEvent: 3_000, stall: 3_000, total: 30_000 },
        linger: 0,
      },
      (prompt) => ({ messages: [{ role: 'user', content: prompt }] }),
    )
    clients.push(client)
    return client
  }

  function wire(carrier: Carrier): { url: string; via?: readonly Wrapper[] } {
    const url = proxy.url
    if (carrier === 'fetch') return { url }
    if (carrier === 'poll') return { url, via: [() => pollTransport({ url })] }
    const socket = createSocket({
      url: new URL('/api/socket', url).href,
      // Node 20 has none of its own.
      WebSocket: WebSocket as unknown as SocketConstructor,
      linger: 0,
    })
    closers.push(() => socket.close())
    return { url, via: [() => socket.transport('/api/chat')] }
  }

  const left = new Set<Observed>()
  return {
    model,
    nodes,
    redis,
    proxy,
    clients,
    left,
    answer,
    history,
    allowed: new Set(),
    switchTo: (node) => proxy.retarget(`http://127.0.0.1:${nodes[node]!.port}/api/chat`),
    ask() {
      const memory: Memory = {
        load: () => undefined,
        save: (given) => {
          address = given ?? address
        },
      }
      void open(random.pick(carriers), memory)
        .ask()
        .catch(() => undefined)
    },
    leave(client) {
      if (!client) return
      left.add(client)
      client.stream.detach()
    },
    join(carrier = random.pick(carriers)) {
      if (address?.location === undefined) return undefined
      const found = address
      return open(carrier, { load: () => found, save: () => undefined })
    },
    async [Symbol.asyncDispose]() {
      for (const { stream } of clients) stream.reset()
      for (const close of closers) close()
      await proxy.close()
      for (const node of nodes) await node.close()
      await model.close()
    },
  }
}
