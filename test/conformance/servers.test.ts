import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beyond, checkedClauses } from '@keepstream/testing/conformance'
import { conformanceContract } from '@keepstream/testing/contracts'
import { expect, test } from 'vitest'
import { openRedisLog, startRedis } from '../../packages/server/test/redis-server'
import { serve, webListener } from './serve'

type Served = Awaited<ReturnType<typeof serve>>

/** What the suite is told of a server. */
const contractOf = ({ hub: _, [Symbol.asyncDispose]: __, ...contract }: Served) => contract

conformanceContract('The memory log over node:http and WebSockets', async () => {
  const served = await serve()
  return { ...contractOf(served), socket: '/api/socket', lacks: ['nodes'] }
})

conformanceContract('The memory log over Web requests and responses', async () => {
  const served = await serve({ listener: webListener })
  return { ...contractOf(served), lacks: ['nodes', 'socket'] }
})

for (const library of ['ioredis', 'redis'] as const) {
  conformanceContract(`Two nodes on one Redis, through ${library},`, async () => {
    const redis = await startRedis()
    const logs = [openRedisLog(redis.url, { library }), openRedisLog(redis.url, { library })]
    const [one, other] = (await Promise.all(logs.map(({ log }) => serve({ log })))) as [Served, Served]
    return {
      ...contractOf(one),
      socket: '/api/socket',
      otherBaseUrl: other.baseUrl,
      // Its readers are sent to the other node, which the suite does not follow.
      lacks: ['drain'],
      async close() {
        for (const each of [one, other]) await each.close()
        for (const log of logs) await log[Symbol.asyncDispose]()
        await redis[Symbol.asyncDispose]()
      },
    }
  })
}

test('every clause of PROTOCOL.md is checked by the suite, or cannot be from outside', () => {
  const protocol = readFileSync(join(import.meta.dirname, '../../PROTOCOL.md'), 'utf8')
  const clauses = [...protocol.matchAll(/^- \*\*(R\d+)\*\*/gm)].map(([, clause]) => clause)
  const checked = new Set(checkedClauses)
  expect(clauses.filter((clause) => !checked.has(clause!) && !(clause! in beyond))).toEqual([])
  expect(Object.keys(beyond).filter((clause) => checked.has(clause) || !clauses.includes(clause))).toEqual([])
})
