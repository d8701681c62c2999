import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followLog } from '../../test/log-reader'
import { libraries, openRedisLog, type RedisServer, startRedis } from '../../test/redis-server'
import { claim, create, owner, piece, produceWords, uniquePrefix } from '../../test/redis-streams'
import { until } from '../../test/served'
import { createStreamId } from '../ids'
import type { Log } from '../log'
import { redisLog } from '../redis'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis[Symbol.asyncDispose]())

/** Several processes with one prefix, as far as they are told apart by their connections and their memory. */
async function nodes(count: number, options: Parameters<typeof openRedisLog>[1] = {}) {
  const prefix = uniquePrefix()
  const opened = Array.from({ length: count }, () => openRedisLog(redis.url, { prefix, ...options }))
  return {
    prefix,
    logs: opened.map(({ log }) => log),
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((node) => node[Symbol.asyncDispose]()))
    },
  }
}

describe.each(libraries)('over %s', (library) => {
  it('[R90] what one process appends others read, byte for byte, as it comes and afterwards', async () => {
    await using group = await nodes(3, { library })
    const [one, other, third] = group.logs as [Log, Log, Log]
    const stream = await create(one)
    const local = followLog(stream)
    const elsewhere = (await other.find(stream.id))!
    expect(elsewhere).toMatchObject({ id: stream.id, epoch: stream.epoch, owner, createdAt: stream.createdAt })
    const remote = followLog(elsewhere)
    const pieces = Array.from({ length: 300 }, (_, index) => `${index} 안녕 "\\\n\u0001 / 🎉 `)
    for (const [index, text] of pieces.entries()) {
      void stream.append([piece(text)])
      if (index % 20 === 0) await until(() => remote.position() > index - 20)
    }
    const terminal = await stream.seal({ state: 'done', finishReason: 'stop' }, 60_000)
    expect(await Promise.all([local.done, remote.done])).toEqual(['end', 'end'])
    expect([local.text(), remote.text()]).toEqual([pieces.join(''), pieces.join('')])
    expect(elsewhere.terminal).toEqual(terminal)
    expect(terminal).toMatchObject({ seq: 301, data: { state: 'done', n: 300 } })
    const replayed = followLog((await third.find(stream.id))!)
    expect([await replayed.done, replayed.text()]).toEqual(['end', pieces.join('')])
    expect(await other.find('unknown')).toBeUndefined()
    expect((await one.find(stream.id))?.terminal).toEqual(terminal)
  })

  it('[R95] of claims with one key at once in several processes exactly one is created', async () => {
    await using group = await nodes(3, { library })
    const claims = await Promise.all(Array.from({ length: 30 }, (_, index) => claim(group.logs[index % 3]!, 'k', 'f')))
    expect(claims.filter(({ outcome }) => outcome === 'created')).toHaveLength(1)
    const ids = claims.map((claimed) => 'stream' in claimed && claimed.stream.id)
    expect([claims.filter(({ outcome }) => outcome === 'existing').length, new Set(ids).size]).toEqual([29, 1])
    expect(await claim(group.logs[1]!, 'k', 'g')).toEqual({ outcome: 'mismatch' })
    expect((await claim(group.logs[2]!)).outcome).toBe('created')
  })

  it('[R96] a stop reaches the producer in another process at once, and is answered with its terminal entry', async () => {
    await using group = await nodes(2, { library, renewInterval: 20_000, leaseTimeout: 60_000 })
    const [one, other] = group.logs
    const stream = await create(one!)
    stream.own({ lose: () => undefined, end: (end) => void stream.seal(end, 1000) })
    await stream.append([piece('x')])
    const began = performance.now()
    const sealed = await (await other!.find(stream.id))!.seal({ state: 'stopped' }, 60_000)
    expect(sealed).toEqual({ seq: 2, id: `${stream.epoch}-2`, data: { state: 'stopped', n: 1 } })
    // At once, and not at the next renewal.
    expect(performance.now() - began).toBeLessThan(10_000)
    expect(await stream.seal({ state: 'done' }, 1)).toEqual(sealed)
    expect(await (await other!.find(stream.id))!.seal({ state: 'done' }, 1)).toEqual(sealed)
  })
})

it('[R96] a stop whose message is lost is found at the next renewal', async () => {
  await using group = await nodes(1)
  const [log] = group.logs
  const stream = await create(log!)
  const ends: unknown[] = []
  stream.own({ lose: () => undefined, end: (end) => void ends.push(end) })
  await redis.command('HSET', `${group.prefix}:{${stream.id}}:meta`, 'stop', '{"state":"stopped"}')
  await until(() => ends.length > 0)
  expect(ends[0]).toEqual({ state: 'stopped' })
})

it('[R39 R40 R95] a tombstone waits for the first start, in whichever process, to give its fingerprint', async () => {
  await using group = await nodes(2)
  const [one, other] = group.logs
  const tombstone = await claim(one!, 'k')
  if (tombstone.outcome !== 'created') throw new Error('It is not created')
  await tombstone.stream.seal({ state: 'stopped' }, 60_000)
  expect(await claim(other!, 'k', 'f')).toMatchObject({
    outcome: 'existing',
    stream: { id: tombstone.stream.id, terminal: { data: { state: 'stopped', n: 0 } } },
  })
  expect(await claim(one!, 'k', 'g')).toEqual({ outcome: 'mismatch' })
})

it('[R95] a stream and its key are forgotten when the retention is over, everywhere, and its readers are told', async () => {
  await using group = await nodes(2)
  const [one, other] = group.logs
  const stream = await create(one!, 'k')
  const elsewhere = (await other!.find(stream.id))!
  elsewhere.watch(() => undefined)
  await stream.seal({ state: 'done' }, 1_000)
  expect(await claim(other!, 'k', 'f')).toMatchObject({ outcome: 'existing' })
  await expect.poll(() => one!.find(stream.id)).toBeUndefined()
  await expect.poll(async () => (await claim(other!, 'k', 'another')).outcome).toBe('created')
  await until(() => elsewhere.gone)
  expect(
    await redis.command('EXISTS', `${group.prefix}:{${stream.id}}:meta`, `${group.prefix}:{${stream.id}}:log`),
  ).toBe(0)
})

it('[R34 R95] a key whose stream had to make room before its time is gone, and brings no second answer', async () => {
  await using group = await nodes(2)
  const [one, other] = group.logs
  const stream = await create(one!, 'k')
  await stream.seal({ state: 'done' }, 60_000)
  await redis.command('DEL', `${group.prefix}:{${stream.id}}:meta`, `${group.prefix}:{${stream.id}}:log`)
  expect(await claim(other!, 'k', 'f')).toEqual({ outcome: 'gone' })
})

it('lists the running streams of one user, the newest first, wherever they are produced', async () => {
  await using group = await nodes(2)
  const [one, other] = group.logs
  const streams = [await create(one!), await create(other!), await create(one!)]
  const foreign = { route: '/', tenant: 't', user: 'somebody else' }
  await one!.claim({ id: createStreamId(), owner: foreign })
  await streams[1]!.seal({ state: 'done' }, 60_000)
  const listed = await other!.list({ tenant: 't', user: 'u' })
  expect(new Set(listed.map(({ id }) => id))).toEqual(new Set([streams[0]!.id, streams[2]!.id]))
  expect(await one!.list({ tenant: 'u', user: 't' })).toEqual([])
  expect(await one!.list({ tenant: 't' })).toEqual([])
})

it('tells the producer that it is read in another process', async () => {
  await using group = await nodes(2)
  const stream = await create(group.logs[0]!)
  expect(stream.readElsewhere).toBe(false)
  const leave = (await group.logs[1]!.find(stream.id))!.watch(() => undefined)
  await until(() => stream.readElsewhere === true)
  leave()
  await until(() => stream.readElsewhere === false)
})

it('[R92] a stream that was found long before it is watched is read whole', async () => {
  await using group = await nodes(2, { checkInterval: 20 })
  const [one, other] = group.logs
  const stream = await create(one!)
  const work = produceWords(stream)
  const found = (await other!.find(stream.id))!
  await until(() => stream.head > 20)
  for (const log of group.logs) log.sweep()
  const reader = followLog(found)
  const again = followLog((await other!.find(stream.id))!)
  await until(() => reader.position() > 40 && again.position() > 40)
  await work.finish()
  expect([await reader.done, await again.done]).toEqual(['end', 'end'])
  expect([reader.text(), again.text()]).toEqual([work.text(), work.text()])
})

it('[R98] old entries make room in Redis for the state that they reduce to, and late readers get that', async () => {
  await using group = await nodes(2, { maxStreamBytes: 64 * 1024 })
  const [one, other] = group.logs
  const stream = await create(one!)
  let length = 0
  stream.own({ lose: () => undefined, end: () => undefined, summarize: () => `{"length":${length}}` })
  const remote = followLog((await other!.find(stream.id))!)
  while (stream.size < 400 * 1024) {
    await stream.append([piece('x'.repeat(500))])
    length += 500
    if (stream.head % 20 === 0) await until(() => remote.position() > stream.head - 20)
  }
  await stream.seal({ state: 'done' }, 60_000)
  expect(await remote.done).toBe('end')
  expect(remote.text()).toHaveLength(length)
  const late = (await other!.find(stream.id))!
  for (const known of [stream, late]) {
    expect(known.earliest).toBeGreaterThan(1)
    expect(known.snapshot!.seq).toBeGreaterThanOrEqual(known.earliest - 1)
    // What the state stands for and what comes after it are the whole.
    const rest = followLog(known, known.snapshot!.seq)
    expect(await rest.done).toBe('end')
    expect(JSON.parse(known.snapshot!.data).length + rest.text().length).toBe(length)
  }
  const kept = Number(await redis.command('XLEN', `${group.prefix}:{${stream.id}}:log`)) * 550
  expect(kept).toBeLessThan(100 * 1024)
})

it('[R50 R98] a process holds no more than it may, and reads from Redis what it dropped', async () => {
  await using group = await nodes(1, { maxLogBytes: 256 * 1024, maxPendingBytes: 32 * 1024 })
  const streams = await Promise.all([create(group.logs[0]!), create(group.logs[0]!)])
  const pieces = Array.from({ length: 400 }, (_, index) => `${index}`.padEnd(1000, '.'))
  for (const text of pieces) for (const stream of streams) await stream.append([piece(text)])
  for (const stream of streams) {
    expect(stream.earliest).toBe(1)
    await stream.seal({ state: 'done' }, 60_000)
    const reader = followLog(stream)
    expect([await reader.done, reader.text()]).toEqual(['end', pieces.join('')])
  }
})

it('asks the producer to wait while Redis is behind by more than the bound, and no sooner', async () => {
  await using group = await nodes(1, { maxPendingBytes: 10_000 })
  const stream = await create(group.logs[0]!)
  expect(stream.append([piece('x'.repeat(5000))])).toBeUndefined()
  const room = stream.append([piece('x'.repeat(6000))])
  expect(room).toBeInstanceOf(Promise)
  await room
  expect(stream.append([piece('x')])).toBeUndefined()
})

it('takes a subscriber of the application, and leaves it and the client open', async () => {
  const { Redis } = await import('ioredis')
  const [client, subscriber] = [new Redis(redis.url), new Redis(redis.url)]
  const log = redisLog({ client, subscriber, prefix: uniquePrefix() })
  const stream = await create(log)
  await stream.seal({ state: 'done' }, 1000)
  await log.close!()
  expect([await client.ping(), await subscriber.ping()]).toEqual(['PONG', 'PONG'])
  expect([client.listenerCount('error'), subscriber.listenerCount('message')]).toEqual([0, 0])
  client.disconnect()
  subscriber.disconnect()
})

it('takes a client of the application that has its replies as something else', async () => {
  const { createClient, RESP_TYPES } = await import('redis')
  const options = { commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } }
  const log = redisLog({ client: createClient({ url: redis.url, ...options }) as never, prefix: uniquePrefix() })
  const stream = await create(log, 'k')
  await stream.append([piece('x')])
  await stream.seal({ state: 'done' }, 60_000)
  expect(await claim(log, 'k', 'f')).toMatchObject({ outcome: 'existing' })
  await log.close!()
})

it('[R99] where Redis is full the stream ends with log_full, there too, and new ones are refused', async () => {
  await using small = await startRedis()
  const prefix = uniquePrefix()
  await using one = openRedisLog(small.url, { prefix })
  await using other = openRedisLog(small.url, { prefix })
  const stream = await create(one.log)
  const refused: unknown[] = []
  stream.own({
    lose: (error) => void refused.push(error),
    end: (end) => {
      refused.push(end)
      void stream.seal(end, 60_000)
    },
  })
  const local = followLog(stream)
  const remote = followLog((await other.log.find(stream.id))!)
  await small.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
  await small.command('CONFIG', 'SET', 'maxmemory', '3mb')
  for (let index = 0; refused.length === 0; index++) {
    void stream.append([piece(`${index}`.padEnd(50_000, '.'))])
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  expect(refused).toMatchObject([{ state: 'error', code: 'log_full' }])
  expect(await Promise.all([local.done, remote.done])).toEqual(['end', 'end'])
  expect(remote.text()).toBe(local.text())
  expect(stream.terminal?.data).toMatchObject({ state: 'error', code: 'log_full' })
  expect(await claim(other.log)).toEqual({ outcome: 'full' })
})

it('leaves no connection, and nothing that it waits for, when it is closed', async () => {
  const clients = async () =>
    String(await redis.command('CLIENT', 'LIST'))
      .trim()
      .split('\n').length
  await expect.poll(clients).toBe(1)
  for (const library of libraries) {
    const node = openRedisLog(redis.url, { library })
    const stream = await create(node.log)
    const work = produceWords(stream)
    await until(() => stream.head > 3)
    await work.finish()
    await node[Symbol.asyncDispose]()
    await expect(node.log.check!()).rejects.toMatchObject({ status: 503 })
  }
  await expect.poll(clients).toBe(1)
})
