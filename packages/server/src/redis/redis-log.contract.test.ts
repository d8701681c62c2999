import {
  type ContractLog,
  type LogHarness,
  logContract,
  type OpenedLog,
  topicContract,
} from '@keepstream/testing/contracts'
import { afterAll, beforeAll, expect } from 'vitest'
import { libraries, openRedisLog, type RedisServer, startRedis } from '../../test/redis-server'
import { uniquePrefix } from '../../test/redis-streams'
import { until } from '../../test/served'
import { openLink, type TcpLink } from '../../test/tcp-link'
import { locate, parsePosition } from '../position'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis[Symbol.asyncDispose]())

interface OpenedRedis extends OpenedLog {
  readonly prefix: string
  /** Lets the clocks of the processes jump, in milliseconds. */
  readonly jump: (ms: number) => void
  /** The wire of the first process. */
  readonly link: TcpLink
}

/** Two processes on one Redis, with either library. */
for (const library of libraries) {
  const harness: LogHarness = {
    patience: 15_000,
    async open({ small }): Promise<OpenedRedis> {
      const link = await openLink(redis.port)
      const prefix = uniquePrefix()
      let jumped = 0
      const bounds = small ? { maxStreamBytes: 512 * 1024 } : {}
      const nodes = [`redis://127.0.0.1:${link.port}`, redis.url].map((url) =>
        openRedisLog(url, { library, prefix, now: () => performance.now() + jumped, ...bounds }),
      )
      return {
        prefix,
        link,
        jump(ms) {
          jumped += ms
        },
        logs: nodes.map(({ log }) => log) as unknown as readonly [ContractLog, ContractLog],
        pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        async close() {
          await redis.command('CONFIG', 'SET', 'maxmemory', 0)
          link.mend()
          await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
          await link[Symbol.asyncDispose]()
        },
      }
    },
    locate(id, stream) {
      const position = parsePosition(id)
      return locate(position ? { type: 'after', position } : { type: 'unknown' }, stream)
    },
    async evict(opened, id) {
      const { prefix, jump } = opened as OpenedRedis
      // Its process holds it no more than Redis does.
      jump(60_000)
      for (const log of opened.logs) log.sweep()
      await redis.command('DEL', `${prefix}:{${id}}:meta`, `${prefix}:{${id}}:log`)
    },
    async fill() {
      await redis.command('CONFIG', 'SET', 'maxmemory', 1)
    },
    async takeOver(opened, stream) {
      const { link, prefix } = opened as OpenedRedis
      const seen = (await opened.logs[1]!.find(stream.id))!
      seen.watch(() => undefined)
      link.cut()
      // As if the time of the lease had passed.
      await redis.command('ZADD', `${prefix}:leases`, 'XX', 1, stream.id)
      await until(() => seen.gone)
      await expect.poll(async () => (await opened.logs[1]!.find(stream.id))?.terminal).toBeDefined()
      link.mend()
    },
  }
  logContract(`on Redis over ${library}`, harness)
  topicContract(`a log on Redis over ${library}`, harness)
}
