import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followLog, type LogReader } from '../../test/log-reader'
import { openRedisLog, type RedisServer, startRedis } from '../../test/redis-server'
import { claim, create, piece, produceWords, uniquePrefix } from '../../test/redis-streams'
import { until } from '../../test/served'
import { openLink } from '../../test/tcp-link'
import { locate } from '../position'
import type { RedisLogEvent } from './options'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis[Symbol.asyncDispose]())

/** A stream that is produced in one process and read there, in another, and from its beginning after it is over. */
async function twoNodes(url = redis.url, options: Parameters<typeof openRedisLog>[1] = {}) {
  const prefix = uniquePrefix()
  const events: RedisLogEvent[] = []
  const one = openRedisLog(url, { prefix, onEvent: (event) => void events.push(event), ...options })
  const other = openRedisLog(redis.url, { prefix, library: 'redis', ...options })
  const stream = await create(one.log, 'k')
  const work = produceWords(stream)
  const local = followLog(stream)
  const remote = followLog((await other.log.find(stream.id))!)
  const reached = (reader: LogReader, more = 20) => {
    const goal = reader.position() + more
    return until(() => reader.position() >= goal)
  }
  await reached(remote)
  const key = (name: string) => `${prefix}:{${stream.id}}:${name}`
  return {
    prefix,
    events,
    one,
    other,
    stream,
    work,
    local,
    remote,
    reached,
    key,
    /** Ends it, and looks at what every reader has got. */
    async verify() {
      const terminal = await work.finish()
      expect(await local.done).toBe('end')
      expect(await remote.done).toBe('end')
      const late = openRedisLog(redis.url, { prefix })
      const replayed = followLog((await late.log.find(stream.id))!)
      expect(await replayed.done).toBe('end')
      for (const reader of [local, remote, replayed]) expect(reader.text()).toBe(work.text())
      expect([terminal.data.n, replayed.position()]).toEqual([work.words.length, work.words.length + 1])
      await late[Symbol.asyncDispose]()
    },
    async [Symbol.asyncDispose]() {
      work.stop()
      await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()])
    },
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** For tests that wait until a lease, or somebody who tries, gives up. */
const short = { leaseTimeout: 1500, commandTimeout: 1500 }

describe('what Redis has lost is written again by its owner, with the same numbers in the same life', () => {
  it('[R93] after a restart without persistence', async () => {
    await using nodes = await twoNodes()
    await redis.kill()
    await nodes.reached(nodes.local)
    await redis.start()
    await nodes.reached(nodes.remote)
    await nodes.verify()
    expect(nodes.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['unreachable', 'reachable', 'healed']))
  })

  it.each(['FLUSHALL', 'DEL meta', 'DEL log', 'DEL meta log'])('[R93] after %s', async (fault) => {
    await using nodes = await twoNodes()
    const [command, ...names] = fault.split(' ')
    await redis.command(command!, ...names.map(nodes.key))
    await nodes.reached(nodes.remote)
    const claimed = await nodes.other.log.claim({
      id: 'x'.repeat(22),
      owner: nodes.stream.owner,
      key: 'k',
      fingerprint: 'f',
    })
    expect(claimed).toMatchObject({ outcome: 'existing', stream: { id: nodes.stream.id, epoch: nodes.stream.epoch } })
    await nodes.verify()
  })

  it('[R93] also of a stream that writes nothing just now, and of the key that it was claimed with', async () => {
    await using nodes = await twoNodes()
    nodes.work.stop()
    await nodes.reached(nodes.remote, 0)
    await redis.flush()
    const claimed = await nodes.other.log.claim({
      id: 'x'.repeat(22),
      owner: nodes.stream.owner,
      key: 'k',
      fingerprint: 'g',
    })
    expect(claimed).toEqual({ outcome: 'mismatch' })
    await nodes.verify()
  })

  it('[R93] also of an answer that is over, for as long as it is kept and its process holds it', async () => {
    const prefix = uniquePrefix()
    await using one = openRedisLog(redis.url, { prefix, checkInterval: 50 })
    await using other = openRedisLog(redis.url, { prefix, library: 'redis' })
    const stream = await create(one.log, 'k')
    const work = produceWords(stream)
    await until(() => stream.head > 20)
    const terminal = await work.finish()
    // Long after anybody has used it.
    await pause(100)
    one.log.sweep()
    await redis.flush()
    // Somebody in its own process reads on in the middle of it, and nothing has told anybody yet.
    const rest = followLog((await one.log.find(stream.id))!, 10)
    expect([await rest.done, rest.position()]).toEqual(['end', terminal.seq])
    const elsewhere = (await other.log.find(stream.id))!
    expect(elsewhere).toMatchObject({ epoch: stream.epoch, createdAt: stream.createdAt })
    const whole = followLog(elsewhere)
    expect([await whole.done, whole.text()]).toEqual(['end', work.text()])
    expect(elsewhere.terminal).toEqual(terminal)
    expect(await claim(other.log, 'k', 'f')).toMatchObject({ outcome: 'existing', stream: { id: stream.id } })
    const kept = Number(await redis.command('PTTL', `${prefix}:{${stream.id}}:meta`))
    expect(kept).toBeGreaterThan(50_000)
    expect(kept).toBeLessThanOrEqual(60_000)
    expect(await redis.command('ZCARD', `${prefix}:leases`)).toBe(0)
  })

  it('[R93] after a failover to a replica that lacks the last entries: readers that are ahead of it are not reset', async () => {
    await using nodes = await twoNodes()
    const copy = `for i = 1, 2 do redis.call('COPY', KEYS[i], KEYS[i + 2], 'REPLACE') end`
    const [log, meta] = [nodes.key('log'), nodes.key('meta')]
    await redis.command('EVAL', copy, 4, log, meta, 'old-log', 'old-meta')
    await nodes.reached(nodes.remote)
    await redis.command('EVAL', copy, 4, 'old-log', 'old-meta', log, meta)
    await nodes.reached(nodes.remote)
    await nodes.verify()
  })

  it.each(['a part of it', 'all of it'])(
    '[R93] after a failover to a replica that lacks the end of an answer, and %s',
    async (missing) => {
      await using primary = await startRedis()
      await using replica = await startRedis()
      await using link = await openLink(primary.port)
      const [prefix, url] = [uniquePrefix(), `redis://127.0.0.1:${link.port}`]
      await using one = openRedisLog(url, { prefix })
      await using other = openRedisLog(url, { prefix, library: 'redis' })
      await primary.command('CONFIG', 'SET', 'repl-diskless-sync-delay', 0)
      async function replicate() {
        const role = async () => (await replica.command('ROLE')) as readonly unknown[]
        await replica.command('REPLICAOF', '127.0.0.1', primary.port)
        await expect.poll(async () => (await role())[3]).toBe('connected')
        await replica.command('REPLICAOF', 'NO', 'ONE')
        expect(await replica.command('EXISTS', `${prefix}:mark`)).toBe(1)
      }
      // Both are known to Redis, and what tells that it has forgotten everything is there.
      await Promise.all([one.log.check!(), other.log.check!(), other.log.find('x'.repeat(22))])
      if (missing === 'all of it') await replicate()
      const stream = await create(one.log, 'k')
      const work = produceWords(stream)
      const remote = followLog((await other.log.find(stream.id))!)
      await until(() => remote.position() > 20)
      if (missing === 'a part of it') await replicate()
      await until(() => remote.position() > 60)
      const terminal = await work.finish()
      expect(await remote.done).toBe('end')
      await primary.kill()
      link.retarget(replica.port)
      await using late = openRedisLog(url, { prefix })
      await expect.poll(async () => (await late.log.find(stream.id))?.terminal).toEqual(terminal)
      for (const { log } of [one, other, late]) {
        const again = followLog((await log.find(stream.id))!)
        expect([await again.done, again.text()]).toEqual(['end', work.text()])
      }
      expect(await claim(late.log, 'k', 'f')).toMatchObject({ outcome: 'existing', stream: { id: stream.id } })
      // And it is no longer anybody's to take over.
      expect(await replica.command('ZCARD', `${prefix}:leases`)).toBe(0)
    },
  )
})

it('[R97] writes nothing again of an answer that is over where another process has taken it, and asks no more', async () => {
  const prefix = uniquePrefix()
  await using one = openRedisLog(redis.url, { prefix })
  const stream = await create(one.log, 'k')
  const work = produceWords(stream)
  await until(() => stream.head > 5)
  const terminal = await work.finish()
  const meta = `${prefix}:{${stream.id}}:meta`
  await redis.command('HSET', meta, 'epoch', 'another', 'term', 9)
  await redis.command('DEL', `${prefix}:mark`)
  await redis.command('CONFIG', 'RESETSTAT')
  await redis.command('PUBLISH', `${prefix}:control`, '{"type":"forgotten"}')
  const calls = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(String(await redis.command('INFO', 'commandstats')))?.[1] ?? 0)
  await expect.poll(calls).toBeGreaterThan(1)
  await pause(300)
  expect(await calls()).toBeLessThan(30)
  expect(await redis.command('HGET', meta, 'epoch')).toBe('another')
  expect((await one.log.find(stream.id))?.terminal).toEqual(terminal)
})

describe('while Redis is away', () => {
  it('[R94] readers of the owner go on, the others wait, and nothing is lost', async () => {
    await using nodes = await twoNodes()
    await redis.kill()
    const before = nodes.remote.position()
    await nodes.reached(nodes.local, 100)
    expect(nodes.remote.position() - before).toBeLessThan(50)
    await redis.start()
    await nodes.reached(nodes.remote, 100)
    await nodes.verify()
  })

  it('[R94] a Redis that stands still for longer than a lease costs no owner its stream', async () => {
    await using nodes = await twoNodes(redis.url, short)
    redis.pause()
    try {
      await Promise.all([nodes.reached(nodes.local, 100), pause(2000)])
    } finally {
      redis.resume()
    }
    await nodes.reached(nodes.remote, 100)
    await nodes.verify()
    expect(nodes.work.lost).toEqual([])
  })

  it('[R94] a request is answered with 503 in time, and a claim that nobody was told of leaves nothing', async () => {
    const prefix = uniquePrefix()
    await using node = openRedisLog(redis.url, { prefix, commandTimeout: 100 })
    await create(node.log)
    redis.pause()
    const refused = expect.objectContaining({ code: 'http', status: 503 })
    try {
      await expect(node.log.find('x')).rejects.toEqual(refused)
      await expect(node.log.check!()).rejects.toEqual(refused)
      await expect(create(node.log, 'k')).rejects.toEqual(refused)
    } finally {
      redis.resume()
    }
    await using other = openRedisLog(redis.url, { prefix })
    await expect
      .poll(async () => (await other.log.claim({ id: 'y'.repeat(22), owner: { route: '/' }, key: 'k' })).outcome)
      .toBe('created')
  })
})

describe('what breaks between a process and Redis costs no entry', () => {
  it('[R92] CLIENT KILL of every subscriber, and of everybody', async () => {
    await using nodes = await twoNodes()
    for (const type of ['pubsub', 'normal', 'pubsub']) {
      await redis.command('CLIENT', 'KILL', 'TYPE', type).catch(() => undefined)
      await nodes.reached(nodes.remote)
    }
    await nodes.verify()
  })

  it('[R94] a connection on which nothing comes back, and nobody is told: the log makes another', async () => {
    await using link = await openLink(redis.port)
    const options = { commandTimeout: 500, leaseTimeout: 60_000 }
    await using nodes = await twoNodes(`redis://127.0.0.1:${link.port}`, options)
    link.silence()
    await nodes.reached(nodes.remote)
    await nodes.verify()
  })

  it('[R91] SCRIPT FLUSH', async () => {
    await using nodes = await twoNodes()
    await redis.command('SCRIPT', 'FLUSH')
    await nodes.reached(nodes.remote)
    await nodes.verify()
  })

  it('[R91] replies that are lost after the command was done', async () => {
    await using link = await openLink(redis.port)
    await using nodes = await twoNodes(`redis://127.0.0.1:${link.port}`)
    for (let round = 0; round < 5; round++) {
      link.swallowReplies()
      await nodes.reached(nodes.local)
      link.reset()
      await nodes.reached(nodes.remote, 10)
    }
    await nodes.verify()
  })

  it('[R91 R93] such replies, and keys that are deleted before the command is repeated', async () => {
    await using link = await openLink(redis.port)
    await using nodes = await twoNodes(`redis://127.0.0.1:${link.port}`)
    for (const name of ['meta', 'log', 'meta']) {
      link.swallowReplies()
      await nodes.reached(nodes.local)
      await redis.command('DEL', nodes.key(name))
      link.reset()
      await nodes.reached(nodes.remote, 10)
    }
    await nodes.verify()
  })

  it('[R92] messages that never come: the position is looked at', async () => {
    await using nodes = await twoNodes()
    // Entries that nobody publishes, as if each message was lost.
    await redis.command('CLIENT', 'PAUSE', 1, 'WRITE')
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await nodes.reached(nodes.remote)
    await nodes.verify()
  })
})

describe('an owner that is silent', () => {
  it('[R96 R97] is taken for dead: the stream ends as lost, and the zombie learns of it and writes no more', async () => {
    await using link = await openLink(redis.port)
    await using nodes = await twoNodes(`redis://127.0.0.1:${link.port}`, short)
    link.cut()
    const written = nodes.remote.position()
    expect(await nodes.remote.done).toBe('gone')
    const taken = followLog((await nodes.other.log.find(nodes.stream.id))!)
    expect(await taken.done).toBe('end')
    const last = taken.frames.at(-1)!
    expect([last.event, JSON.parse(last.data)]).toMatchObject(['end', { state: 'lost', code: 'owner_lost' }])
    expect(taken.position()).toBeLessThanOrEqual(written + 50)
    expect(nodes.work.lost).toEqual([])
    link.mend()
    await until(() => nodes.work.lost.length > 0)
    expect(nodes.work.lost[0]).toMatchObject({ code: 'interrupted', reason: 'fenced' })
    expect(await nodes.local.done).toBe('gone')
    expect(() => nodes.stream.append([])).toThrow(expect.objectContaining({ reason: 'fenced' }))
    expect(await nodes.stream.seal({ state: 'done' }, 1000)).toMatchObject({ data: { state: 'lost' } })
    const late = (await nodes.one.log.find(nodes.stream.id))!
    expect(late.terminal).toMatchObject({ seq: taken.position() })
  })

  it.each(['its lease is over', 'somebody stops it'])(
    '[R97] never ends where it has shown more than Redis has: %s',
    async (when) => {
      await using link = await openLink(redis.port)
      await using nodes = await twoNodes(`redis://127.0.0.1:${link.port}`, short)
      nodes.work.stop()
      await until(() => nodes.remote.position() === nodes.stream.head)
      const written = nodes.stream.head
      link.cut()
      // Readers in its own process see them; nobody else ever will.
      for (const word of ['one', 'two', 'three']) void nodes.stream.append([piece(word)])
      await nodes.reached(nodes.local, 1)
      const seen = { epoch: nodes.stream.epoch, seq: nodes.local.position() }
      expect(seen.seq).toBeGreaterThan(written + 1)
      if (when === 'somebody stops it')
        await (await nodes.other.log.find(nodes.stream.id))!.seal({ state: 'stopped' }, 60_000)
      expect(await nodes.remote.done).toBe('gone')
      const taken = (await nodes.other.log.find(nodes.stream.id))!
      const whole = followLog(taken)
      expect(await whole.done).toBe('end')
      expect(whole.position()).toBe(written + 1)
      expect(nodes.work.text()).toBe(whole.text())
      // The terminal entry has the number of an entry that was shown: only by its life can it be told from that.
      for (const seq of [written, written + 1, seen.seq]) {
        const place = locate({ type: 'after', position: { ...seen, seq } }, taken)
        expect(place).toEqual({ position: 0, resumed: false, reset: 'epoch' })
      }
    },
  )

  it('[R97] is replaced by a process that can produce it again', async () => {
    await using link = await openLink(redis.port)
    const prefix = uniquePrefix()
    await using one = openRedisLog(`redis://127.0.0.1:${link.port}`, { prefix, ...short })
    await using other = openRedisLog(redis.url, { prefix, ...short })
    const adopted: unknown[] = []
    other.log.adopt!((stream, input) => {
      adopted.push(input)
      void (async () => {
        await stream.append([{ event: 'retract', data: '{"after":0}' }])
        await stream.append([{ event: 'text', data: '"again"' }])
        await stream.seal({ state: 'done' }, 60_000)
      })()
      return true
    })
    const stream = await create(one.log, 'k', '{"prompt":"x"}')
    const work = produceWords(stream)
    const remote = followLog((await other.log.find(stream.id))!)
    await until(() => remote.position() > 20)
    link.cut()
    // The reader comes back, and is told by the epoch that it has to begin again.
    expect(await remote.done).toBe('gone')
    work.stop()
    expect(adopted).toEqual([{ prompt: 'x' }])
    const again = (await other.log.find(stream.id))!
    expect(again.epoch).not.toBe(stream.epoch)
    const whole = followLog(again)
    expect(await whole.done).toBe('end')
    expect(whole.frames.slice(-3).map(({ event }) => event)).toEqual(['retract', 'text', 'end'])
    expect(work.text().startsWith(whole.text().slice(0, -'again'.length))).toBe(true)
  })

  it('[R97] leaves many streams, and every one of them is taken over', async () => {
    const prefix = uniquePrefix()
    const options = { prefix, leaseTimeout: 60_000, renewInterval: 10 }
    await using one = openRedisLog(redis.url, options)
    await using other = openRedisLog(redis.url, options)
    const taken: string[] = []
    other.log.observe!(({ type }) => type === 'taken-over' && taken.push(type))
    for (let index = 0; index < 70; index++) await create(one.log)
    await one.log.close!()
    other.log.sweep()
    await until(() => taken.length === 70)
    expect(await redis.command('ZRANGEBYSCORE', `${prefix}:leases`, '-inf', '(1')).toEqual([])
  })

  it('[R96] that closes in good order is replaced at once', async () => {
    await using nodes = await twoNodes(redis.url, { leaseTimeout: 60_000, renewInterval: 200 })
    nodes.work.stop()
    await nodes.one.log.close!()
    const sweeping = setInterval(() => nodes.other.log.sweep(), 50)
    expect(await nodes.remote.done).toBe('gone')
    clearInterval(sweeping)
  })
})
