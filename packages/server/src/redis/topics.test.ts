import { StreamError } from '@keepstream/core'
import { createParser } from '@keepstream/core/sse'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { libraries, openRedisLog, type RedisServer, startRedis } from '../../test/redis-server'
import { uniquePrefix } from '../../test/redis-streams'
import { openLink } from '../../test/tcp-link'
import type { Log, ReadableLog, TopicAddress, Topics } from '../log'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis[Symbol.asyncDispose]())

const address: TopicAddress = {
  key: 'news',
  owner: { route: '/api/news' },
  keep: { entries: 1000, bytes: 1_000_000, idle: 60_000 },
}
const note = (value: unknown) => ({ event: 'note', data: JSON.stringify(value) })
const topicsOf = ({ log }: { readonly log: Log }): Topics => log.topics!

async function open(topics: Topics): Promise<ReadableLog> {
  const topic = await topics.open(address)
  onTestFinished(topic.watch(() => undefined))
  return topic
}

async function valuesOf(topic: ReadableLog): Promise<unknown[]> {
  const parser = createParser()
  const values: unknown[] = []
  for (let after = topic.earliest - 1; after < topic.head; ) {
    const slice = await topic.read(after, 65_536)
    for (const { data } of parser.feed(slice.bytes)) values.push(JSON.parse(data))
    after = slice.last
  }
  return values
}

it.each(libraries)('[R74] a message is published once, however often its reply is lost, over %s', async (library) => {
  await using link = await openLink(redis.port)
  const prefix = uniquePrefix()
  await using one = openRedisLog(`redis://127.0.0.1:${link.port}`, { prefix, library, commandTimeout: 10_000 })
  await using other = openRedisLog(redis.url, { prefix })
  const topic = await open(topicsOf(other))
  const ids = [await topicsOf(one).publish(address, [note(0)])]
  const written = async () => Number(await redis.command('HGET', `${prefix}:{topic:news}:meta`, 'head'))
  for (let round = 1; round <= 5; round++) {
    link.swallowReplies()
    const publishing = topicsOf(one).publish(address, [note(round)])
    // Others publish in between: what was published last is not enough to know a repetition by.
    await expect.poll(written).toBeGreaterThan(topic.head - 1)
    await topicsOf(other).publish(address, [note('between')])
    link.reset()
    ids.push(await publishing)
    await expect.poll(() => topic.head).toBe(1 + 2 * round)
  }
  const values = await valuesOf(topic)
  expect(values.filter((value) => value !== 'between')).toEqual([0, 1, 2, 3, 4, 5])
  expect(
    values.map((_, index) => `${topic.epoch}-${index + 1}`).filter((_, index) => values[index] !== 'between'),
  ).toEqual(ids)
})

it('[R92] messages that a broken subscription has missed are found', async () => {
  const prefix = uniquePrefix()
  await using one = openRedisLog(redis.url, { prefix })
  await using other = openRedisLog(redis.url, { prefix, library: 'redis' })
  const topic = await open(topicsOf(other))
  for (let index = 0; index < 30; index++) {
    if (index % 10 === 5) await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await topicsOf(one).publish(address, [note(index)])
  }
  await expect.poll(() => topic.head).toBe(30)
  expect(await valuesOf(topic)).toEqual(Array.from({ length: 30 }, (_, index) => index))
  expect(topic.gone).toBe(false)
})

it.each(['FLUSHALL', 'DEL meta', 'DEL log', 'DEL meta log'])(
  '[R74] after %s another life begins, and readers are told',
  async (loss) => {
    const prefix = uniquePrefix()
    await using one = openRedisLog(redis.url, { prefix })
    await using other = openRedisLog(redis.url, { prefix })
    await topicsOf(one).publish(address, [note('before')])
    const topic = await open(topicsOf(other))
    const told: boolean[] = []
    onTestFinished(topic.watch(() => void told.push(topic.gone)))
    const [command, ...names] = loss.split(' ')
    await redis.command(command!, ...names.map((name) => `${prefix}:{topic:news}:${name}`))
    const id = await topicsOf(one).publish(address, [note('after')])
    await expect.poll(() => told.at(-1)).toBe(true)
    const again = await open(topicsOf(other))
    expect(again.epoch).not.toBe(topic.epoch)
    expect([id, await valuesOf(again)]).toEqual([`${again.epoch}-1`, ['after']])
  },
)

it('[R74] while Redis is away nothing is published that was refused, and no more waits than there is room for', async () => {
  const prefix = uniquePrefix()
  await using own = await startRedis({ persistent: true })
  await using node = openRedisLog(own.url, { prefix, commandTimeout: 1000, maxPendingBytes: 10_000 })
  await topicsOf(node).publish(address, [note('first')])
  own.pause()
  const waiting = ['a', 'b', 'c'].map((value) => topicsOf(node).publish(address, [note(value)]))
  const large = topicsOf(node).publish(address, [note('x'.repeat(20_000))])
  await expect(large).rejects.toMatchObject({ code: 'too-large', reason: 'log_full' })
  for (const { reason } of (await Promise.allSettled(waiting)) as PromiseRejectedResult[]) {
    expect(reason).toBeInstanceOf(StreamError)
    expect(reason).toMatchObject({ status: 503 })
  }
  own.resume()
  await topicsOf(node).publish(address, [note('last')])
  const values = await valuesOf(await open(topicsOf(node)))
  // The first of them was sent, and Redis took it before anybody could take it back.
  expect(values.filter((value) => value !== 'a')).toEqual(['first', 'last'])
})
