// Above 150 lines: everything between a client and the Redis that several server processes share, and its readers.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, keepstream, type Memory, type Message, type Snapshot } from '@keepstream/core'
import type { HubOptions } from '@keepstream/server'
import { createFaultProxy, createScriptedModel, type FaultProxy, type ScriptedModel } from '@keepstream/testing'
import { afterAll, beforeAll, expect } from 'vitest'
import type { openRedisLog } from '../../packages/server/test/redis-server'
import { type RedisServer, startRedis } from '../../packages/server/test/redis-server'
import { bundle } from './child-process'
import type { NodeReport, Order } from './node-process'
import { type Observed, observe } from './observed'
import { openRedisLink, type RedisLink } from './redis-link'
import { until } from './until'
import { socketTo } from './websocket-line'

export type Carrier = 'fetch' | 'webSocket'

export interface NodesOptions {
  readonly answer?: string | ((call: number, prompt: string) => string)
  readonly tokensPerSecond?: number
  readonly hub?: Partial<HubOptions>
  readonly log?: Parameters<typeof openRedisLog>[1]
  /** Of each node, by its number. */
  readonly environment?: readonly Record<string, string>[]
  readonly count?: number
}

export interface Node {
  /** Between its clients and it. */
  readonly front: FaultProxy
  /** Between it and Redis. */
  readonly link: RedisLink
  readonly url: string
  readonly kill: () => Promise<void>
  readonly gone: Promise<unknown>
  /** What its own clients find from now on: another node, as behind a load balancer. */
  readonly leadTo: (node: Node) => void
  readonly order: (order: Order) => void
  readonly report: () => Promise<NodeReport>
}

/** Server processes on one Redis. */
export interface Nodes extends AsyncDisposable {
  readonly model: ScriptedModel
  readonly redis: RedisServer
  readonly nodes: readonly [Node, Node, ...Node[]]
  /** A client that starts an answer at a node. */
  readonly starter: (node?: number, carrier?: Carrier) => Observed
  /** One that reads the answer of the last starter, at whichever node. */
  readonly reader: (node: number, carrier: Carrier) => Promise<Observed>
  /** The path of the answer of the last starter. */
  readonly location: () => string
  /** A starter and readers over both transports at both nodes, once each of them has some text. */
  readonly audience: () => Promise<Audience>
}

export interface Audience {
  readonly everybody: readonly Observed[]
  /** Those at the first node, which produces the answer. */
  readonly local: readonly Observed[]
  readonly remote: readonly Observed[]
  /** Waits until all of these have read so many more characters. */
  readonly go: (readers?: readonly Observed[], characters?: number) => Promise<void>
  /** Waits for the end, and whether everybody has the whole answer, once. */
  readonly whole: (calls?: number) => Promise<void>
}

/** So many numbered words, in both languages, so that what is lost, repeated or mixed up can be seen. */
export const words = (count: number, mark = '') =>
  Array.from({ length: count }, (_, index) => `${mark}${index} 안녕 `).join('')

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

const patient = { baseDelay: 10, maxDelay: 100, maxRetries: 200 }

/** How long two processes take to start on a machine that has nothing else to do, or a little, in milliseconds. */
const quickStart = 1_500

/** Starts nodes for one test at a time. To be called where the file begins. */
export function useNodes(): (options?: NodesOptions) => Promise<Nodes> {
  const folder = mkdtempSync(join(tmpdir(), 'keepstream-nodes-'))
  beforeAll(() => bundle('node-process.ts', folder), 180_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  return async ({ answer = words(100), tokensPerSecond = 100, hub, log, environment = [], count = 2 } = {}) => {
    let calls = 0
    /** A model that is too fast for a busy machine would be at its end before anything befell its answer. */
    let pace = 1
    const say = typeof answer === 'string' ? answer : ({ prompt }: { prompt: string }) => answer(++calls, prompt)
    const [redis, model] = await Promise.all([
      startRedis(),
      createScriptedModel({
        answer: say,
        get tokensPerSecond() {
          return tokensPerSecond * pace
        },
      }),
    ])
    // Quick to look, and with time for a machine that stands still: who waits for an end of these says how long.
    const given = { leaseTimeout: 10_000, renewInterval: 400, checkInterval: 400, commandTimeout: 10_000, ...log }
    const children = new Set<ChildProcess>()

    async function start(number: number): Promise<Node> {
      const link = await openRedisLink(redis.port)
      const child = fork(join(folder, 'script.mjs'), {
        execArgv: [],
        env: {
          ...process.env,
          ...{ MODEL: model.url, REDIS: link.url, LIBRARY: number % 2 === 0 ? 'ioredis' : 'redis' },
          OPTIONS: JSON.stringify({ hub, log: given }),
          ...environment[number],
        },
      })
      children.add(child)
      const gone = once(child, 'exit').then(() => children.delete(child))
      const [[port]] = (await once(child, 'message')) as [[number]]
      const front = await createFaultProxy({ target: `http://127.0.0.1:${port}/api/chat` })
      return {
        front,
        link,
        url: `http://127.0.0.1:${port}/api/chat`,
        async kill() {
          child.kill('SIGKILL')
          await gone
        },
        gone,
        leadTo: (node) => front.retarget(node.url),
        order: (order) => void child.send(order),
        async report() {
          const answered = once(child, 'message')
          child.send({ type: 'report' } satisfies Order)
          return (await answered)[0] as NodeReport
        },
      }
    }

    const began = performance.now()
    const nodes = (await Promise.all(Array.from({ length: count }, (_, number) => start(number)))) as [
      Node,
      Node,
      ...Node[],
    ]
    pace = Math.max(0.4, Math.min(1, quickStart / (performance.now() - began)))
    const opened: Observed[] = []
    let address: Address | undefined

    function open(node: number, carrier: Carrier, memory: Memory): Observed {
      const { url } = nodes[node]!.front
      const wire = carrier === 'fetch' ? { url } : { transport: socketTo(url).transport('/api/chat') }
      const client = observe(
        { protocol: keepstream(), retry: patient, persist: memory, linger: 0, ...wire },
        (prompt) => ({
          messages: [{ role: 'user', content: prompt }],
        }),
      )
      opened.push(client)
      return client
    }

    const starter: Nodes['starter'] = (node = 0, carrier = 'fetch') =>
      open(node, carrier, {
        load: () => undefined,
        save(saved) {
          address = saved ?? address
        },
      })

    const reader: Nodes['reader'] = async (node, carrier) => {
      await until(() => address?.location !== undefined, true, 60_000)
      const { pathname } = new URL(address!.location!, 'http://x')
      const location = carrier === 'fetch' ? new URL(pathname, nodes[node]!.front.url).href : pathname
      const client = open(node, carrier, { load: () => ({ ...address!, location }), save: () => undefined })
      client.stream.resume().catch(() => undefined)
      return client
    }

    const audience: Nodes['audience'] = async () => {
      const first = starter()
      const run = first.ask()
      run.catch(() => undefined)
      const local = [first, await reader(0, 'webSocket')]
      const remote = [await reader(1, 'fetch'), await reader(1, 'webSocket')]
      const everybody = [...local, ...remote]
      const go: Audience['go'] = async (readers = everybody, characters = 60) => {
        const goals = readers.map((client) => client.text().length + characters)
        await until(
          () => readers.map((client) => client.text().length),
          (lengths) => lengths.every((length, index) => length >= goals[index]! || ended(readers[index]!)),
          40_000,
        )
      }
      await go()
      return {
        everybody,
        local,
        remote,
        go,
        async whole(called = 1) {
          const expected = typeof answer === 'string' ? answer : answer(called, '')
          for (const client of [...everybody, await reader(1, 'fetch'), await reader(0, 'webSocket')]) {
            const snapshot = await settled(client)
            expect(snapshot).toMatchObject({ status: 'done', data: { text: expected } })
          }
          expect(model.calls).toBe(called)
        },
      }
    }

    return {
      model,
      redis,
      nodes,
      starter,
      reader,
      audience,
      location: () => new URL(address?.location ?? '', 'http://x').pathname,
      async [Symbol.asyncDispose]() {
        for (const { stream } of opened) stream.reset()
        for (const child of children) child.kill('SIGKILL')
        await Promise.all(nodes.map(({ gone }) => gone))
        await Promise.all(nodes.flatMap(({ front, link }) => [front.close(), link[Symbol.asyncDispose]()]))
        await model.close()
        await redis[Symbol.asyncDispose]()
      },
    }
  }
}

const ended = ({ stream }: Observed) => /done|interrupted|failed|stopped/.test(stream.get().status)

/** How a stream stands once it is over. */
export async function settled(client: Observed, timeout = 60_000): Promise<Snapshot<Message>> {
  await until(
    () => [ended(client), client.stream.get().status, client.text().length, ...client.drops.slice(-3)] as const,
    ([over]) => over,
    timeout,
  )
  return client.stream.get()
}
