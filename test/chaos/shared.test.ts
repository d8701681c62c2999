import { createFaultProxy } from '@keepstream/testing'
import { expect, test } from 'vitest'
import { libraries, openRedisLog, type RedisServer, startRedis } from '../../packages/server/test/redis-server'
import { networkFaults, pause, readerFaults, upstreamFaults } from './faults'
import { runChaos } from './run'
import { howMany, runAll } from './runs'
import type { Store } from './server-node'
import { allowShared, sharedFaults } from './shared-faults'
import type { SharedRedis } from './world'

const atOnce = 4
/** Soon, so that who reads is told in time of an owner that is dead. */
const lease = 1_500
const runs = howMany(24)

function shared(server: RedisServer): SharedRedis {
  let changing = Promise.resolve()
  return {
    ...server,
    restart(after) {
      changing = changing.then(async () => {
        await server.kill()
        await pause(after)
        await server.start()
      })
      return changing
    },
  }
}

/** A node's own way to Redis, which ends when the node does. */
async function openStore(redis: RedisServer, seed: number): Promise<Store> {
  const link = await createFaultProxy({ target: redis.url })
  const times = { leaseTimeout: lease, commandTimeout: 1_500 }
  const node = openRedisLog(link.url, { library: libraries[seed % libraries.length]!, ...times })
  return {
    log: node.log,
    async sever() {
      await link.refuse()
      link.cut()
    },
    async close() {
      await node[Symbol.asyncDispose]()
      await link.close()
    },
  }
}

test(
  'two nodes on one Redis: nothing is lost, repeated, reordered, silently cut or billed twice, and nobody waits for ever',
  async () => {
    const faults = [...networkFaults, ...readerFaults, ...upstreamFaults, ...sharedFaults, ...sharedFaults]
    // Each lane has a Redis of its own, because its faults are for all who use it.
    const servers = await Promise.all(Array.from({ length: atOnce }, () => startRedis()))
    const broken = await runAll(runs, servers, async (seed, redis) => {
      await runChaos({
        seed,
        nodes: 2,
        faults,
        redis: shared(redis),
        openStore: () => openStore(redis, seed),
        allow: allowShared,
        lease,
      })
      await redis.flush()
    })
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
    expect(broken).toEqual([])
  },
  runs * 8_000 + 120_000,
)
