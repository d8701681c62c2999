import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRedisLog, type RedisServer, startRedis } from '../../test/redis-server'
import { claim, create, uniquePrefix } from '../../test/redis-streams'
import { openLink, type TcpLink } from '../../test/tcp-link'
import type { Claimed, Log, StreamLog } from '../log'
import { createClaims } from './claims'
import type { Commands, Reply } from './commands'
import { createKeys } from './keys'
import type { Sightings } from './sightings'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis[Symbol.asyncDispose]())

/** Claims over a Redis that answers what it is told to, in turn, and where no stream can be found. */
function scripted(replies: readonly (Reply | Promise<Reply>)[]) {
  const asked = replies[Symbol.iterator]()
  let here: StreamLog | undefined
  const ask = async () => asked.next().value!
  return createClaims({
    commands: { ask, run: async () => ['ok'], inTime: (promise) => promise } as Partial<Commands> as Commands,
    keys: createKeys('t'),
    sightings: { settled: (request) => request() } as Sightings,
    leaseTimeout: 1000,
    grace: 100,
    patience: 100,
    find: () => undefined,
    claimedHere: () => here && { outcome: 'existing', stream: here },
    own: ({ id }) => {
      here = { id } as StreamLog
      return here
    },
    onError: () => undefined,
  })
}

const request = { id: 'new', owner: { route: '/' }, key: 'k', fingerprint: 'f' }

it('[R95] a key whose claim is taken back while it is looked up is free, and not gone', async () => {
  const claims = scripted([
    ['existing', 'old'],
    ['created', '1'],
  ])
  expect(await claims(request)).toEqual({ outcome: 'created', stream: { id: 'new' } })
})

it('[R34] a key that still stands for a stream which cannot be found is gone', async () => {
  const claims = scripted([
    ['existing', 'old'],
    ['existing', 'old'],
  ])
  expect(await claims(request)).toEqual({ outcome: 'gone' })
})

it('[R34 R93] a key is claimed once, where Redis forgets the first claim before it is asked for the second', async () => {
  const claims = scripted([
    ['created', '1'],
    ['created', '2'],
    ['created', '3'],
  ])
  const [first, ...others] = await Promise.all(['one', 'two', 'three'].map((id) => claims({ ...request, id })))
  expect(first).toEqual({ outcome: 'created', stream: { id: 'one' } })
  for (const other of others) expect(other).toEqual({ outcome: 'existing', stream: { id: 'one' } })
})

it('[R34 R95] who waits for a claim of the same key is refused with it, and asks for itself afterwards', async () => {
  let fail: (error: Error) => void = () => undefined
  const claims = scripted([
    new Promise((_, reject) => {
      fail = reject
    }),
    ['created', '1'],
  ])
  const refused = ['one', 'two'].map((id) => expect(claims({ ...request, id })).rejects.toThrow('in vain'))
  fail(new Error('in vain'))
  await Promise.all(refused)
  expect(await claims({ ...request, id: 'three' })).toEqual({ outcome: 'created', stream: { id: 'three' } })
})

/** A claim by somebody who asks again as often as told to: with a short timeout a busy machine is told to, too. */
async function insist(log: Log, key?: string): Promise<Claimed> {
  for (;;) {
    try {
      return await claim(log, key, 'f')
    } catch (error) {
      if ((error as { status?: number }).status !== 503) throw error
    }
  }
}

it('[R95] a claim whose reply is lost is created when it is repeated', async () => {
  await using link = await openLink(redis.port)
  await using node = openRedisLog(`redis://127.0.0.1:${link.port}`, { prefix: uniquePrefix(), commandTimeout: 5000 })
  await insist(node.log)
  link.swallowReplies()
  const claiming = claim(node.log, 'k', 'f')
  await expect.poll(async () => ((await redis.command('KEYS', '*:key:k')) as string[]).length).toBe(1)
  link.reset()
  expect((await claiming).outcome).toBe('created')
})

it('[R95] who asks again at the same process does not meet the claim that was given up', async () => {
  await using link = await openLink(redis.port)
  await using node = openRedisLog(`redis://127.0.0.1:${link.port}`, { prefix: uniquePrefix(), commandTimeout: 300 })
  await insist(node.log)
  link.swallowReplies()
  await expect(claim(node.log, 'k', 'f')).rejects.toMatchObject({ status: 503 })
  const again = insist(node.log, 'k')
  link.reset()
  expect((await again).outcome).toBe('created')
})

it('[R93 R95] a key that Redis alone has forgotten is known to who produces its answer', async () => {
  const prefix = uniquePrefix()
  await using node = openRedisLog(redis.url, { prefix, renewInterval: 20_000, leaseTimeout: 60_000 })
  const stream = await create(node.log, 'k')
  await redis.command('DEL', `${prefix}:key:k`)
  expect(await claim(node.log, 'k', 'f')).toEqual({ outcome: 'existing', stream })
  expect(await claim(node.log, 'k', 'g')).toEqual({ outcome: 'mismatch' })
})

interface Untold {
  readonly link: TcpLink
  readonly prefix: string
  readonly expect: typeof expect
}

/** The claim stands in Redis, and its process is never told: it gives up, which `refused` waits for. */
async function claimUntold(log: Log, { link, prefix, expect }: Untold) {
  await insist(log)
  link.swallowReplies()
  const refused = expect(claim(log, 'k', 'f')).rejects.toMatchObject({ status: 503 })
  await expect.poll(async () => redis.command('EXISTS', `${prefix}:key:k`)).toBe(1)
  return { refused }
}

// Side by side, because they wait for what gives up: long enough for a busy machine to do the rest meanwhile.
describe.concurrent('a claim that is given up', () => {
  it('[R95] who asks at another process meanwhile waits until the claim is known or taken back', async ({ expect }) => {
    await using link = await openLink(redis.port)
    const prefix = uniquePrefix()
    await using one = openRedisLog(`redis://127.0.0.1:${link.port}`, {
      prefix,
      commandTimeout: 1500,
      leaseTimeout: 60_000,
    })
    await using other = openRedisLog(redis.url, { prefix, commandTimeout: 10_000, leaseTimeout: 60_000 })
    const { refused } = await claimUntold(one.log, { link, prefix, expect })
    const waiting = claim(other.log, 'k', 'f')
    await refused
    link.reset()
    expect((await waiting).outcome).toBe('created')
    expect((await insist(one.log, 'k')).outcome).toBe('existing')
  })

  it('[R95] a claim that nobody was told of, and that another request has found meanwhile, ends', async ({
    expect,
  }) => {
    await using link = await openLink(redis.port)
    const prefix = uniquePrefix()
    await using one = openRedisLog(`redis://127.0.0.1:${link.port}`, {
      prefix,
      commandTimeout: 3000,
      leaseTimeout: 60_000,
    })
    await using other = openRedisLog(redis.url, { prefix, leaseTimeout: 60_000, commandTimeout: 300 })
    const { refused } = await claimUntold(one.log, { link, prefix, expect })
    const found = await insist(other.log, 'k')
    if (found.outcome !== 'existing') throw new Error(`It is ${found.outcome}`)
    await refused
    link.reset()
    // Not deleted under its reader, and not left to the end of its lease.
    await expect
      .poll(async () => {
        other.log.sweep()
        return (await other.log.find(found.stream.id))?.terminal?.data.state
      })
      .toBe('lost')
  })
})
