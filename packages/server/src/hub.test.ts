import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { allEvents, dataOf, eventsOf, gate, paths, serve, textOf, until } from '../test/served'
import type { Producer } from './generation'
import { createHub } from './hub'
import type { Log, StreamLog } from './log'
import { memoryLog } from './memory-log'
import { webSink } from './sinks/web'

const json = { accept: 'application/json' }
afterEach(() => void vi.useRealTimers())

const untilAborted: Producer = ({ text, signal }) => {
  text('so far')
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}

describe('deadlines', () => {
  it('[R22] ends an answer that takes too long as timeout', async () => {
    await using served = await serve('node', untilAborted, { generationTimeout: 40 })
    const frames = await allEvents(await served.start())
    expect(dataOf(frames.at(-1))).toEqual({
      state: 'timeout',
      n: 1,
      code: 'generation_timeout',
      message: expect.any(String),
    })
  })

  it('stops an answer that nobody has read for so long, and not one that somebody reads', async () => {
    await using served = await serve('node', untilAborted, { abandonAfter: 60 })
    const unread = await served.start({}, json)
    const read = eventsOf(await served.start())
    await read.next()
    const location = unread.headers.get('location')!
    await until(() => served.hub.counts().generations === 1)
    const frames = await allEvents(await served.get(location, { headers: { accept: 'text/event-stream' } }))
    expect(dataOf(frames.at(-1))).toEqual({ state: 'stopped', n: 1, code: 'abandoned' })
    expect((await read.next()).value).toMatchObject({ event: 'text' })
    const later = Date.now() + 200
    await until(() => Date.now() > later)
    expect(served.hub.counts().generations).toBe(1)
    await read.return()
    await until(() => served.hub.counts().generations === 0)
  })

  it('[R26] rotates a connection at its age, and the reader comes back to a whole answer', async () => {
    const { opened, open } = gate()
    await using served = await serve(
      'node',
      async ({ text }) => {
        text('one ')
        await opened
        text('two')
      },
      { connectionAge: 50 },
    )
    const response = await served.start()
    const frames = await allEvents(response)
    const bye = frames.at(-1)!
    expect([bye.event, dataOf(bye).reason]).toEqual(['bye', 'age'])
    expect(dataOf(bye).after).toBeGreaterThanOrEqual(1000)
    // The good-bye moves no position.
    const position = frames.find(({ event }) => event === 'text')!.id!
    expect(bye.id).toBe(position)
    open()
    const headers = { accept: 'text/event-stream', 'last-event-id': position }
    expect(textOf(await allEvents(await served.get(response.headers.get('location')!, { headers })))).toBe('two')
  })
})

describe('[R44] the bounds of a stream', () => {
  it.each([
    ['an entry', { entryBytes: 1000 }, 500, ['x'.repeat(400), 'x'.repeat(1001)]],
    ['an entry in bytes and not in characters', { entryBytes: 1000 }, 500, ['가'.repeat(300), '가'.repeat(334)]],
    ['its bytes', { streamBytes: 10_000 }, 5, Array(30).fill('x'.repeat(500))],
    ['its entries', { streamEntries: 20 }, 20, Array(30).fill('x')],
  ])('end it at %s', async (_, limits, most, texts) => {
    const caught: unknown[] = []
    await using served = await serve(
      'node',
      ({ text }) => {
        for (const piece of texts) {
          try {
            text(piece)
          } catch (error) {
            // A producer that goes on regardless does not get around it.
            caught.push(error)
          }
        }
      },
      { limits },
    )
    const frames = await allEvents(await served.start())
    expect(dataOf(frames.at(-1))).toMatchObject({ state: 'error', code: 'too_large' })
    expect(caught.length).toBeGreaterThan(0)
    expect(textOf(frames).length).toBeGreaterThan(0)
    expect(frames.length).toBeLessThanOrEqual(Math.max(most, 20) + 3)
  })
})

describe.each(paths)('[R46] a drain on the %s path', (path) => {
  it('lets running answers finish, turns new requests away, and closes', async () => {
    const { opened, open } = gate()
    await using served = await serve(path, async ({ text }) => {
      text('one ')
      await opened
      text('two')
    })
    const response = await served.start()
    const events = eventsOf(response)
    await events.next()
    await events.next()
    const closed = served.hub.close({ drainTimeout: 5000 })
    expect(served.hub.state).toBe('draining')
    for (const refused of [await served.start(), await served.get(response.headers.get('location')!)]) {
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
      expect(await refused.json()).toMatchObject({ error: { code: 'closing' } })
    }
    open()
    expect((await events.next()).value).toMatchObject({ event: 'text', data: '"two"' })
    expect(dataOf((await events.next()).value!)).toMatchObject({ state: 'done' })
    await closed
    expect([served.hub.state, served.hub.counts()]).toEqual(['closed', { generations: 0, readers: 0 }])
  })

  it('turns a start away whose body was still on its way', async () => {
    await using served = await serve(path, ({ text }) => text('Hello'))
    const { opened, open } = gate()
    const body = new ReadableStream({
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode('{'))
        await opened
        controller.enqueue(new TextEncoder().encode('}'))
        controller.close()
      },
    })
    const arrived = new Promise((resolve) => served.server.once('request', resolve))
    const starting = served.start({}, {}, { body, duplex: 'half' } as RequestInit)
    await arrived
    const closed = served.hub.close({ drainTimeout: 50 })
    open()
    const response = await starting
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    await closed
    expect(served.events.filter(({ type }) => type === 'created')).toEqual([])
  })

  it('ends what is not finished in time as lost, and tells its readers so', async () => {
    await using served = await serve(path, untilAborted)
    const response = await served.start()
    const began = Date.now()
    const closed = served.hub.close({ drainTimeout: 50 })
    const frames = await allEvents(response)
    expect(textOf(frames)).toBe('so far')
    expect(dataOf(frames.at(-1))).toMatchObject({ state: 'lost', n: 1, code: 'shutdown' })
    await closed
    expect(Date.now() - began).toBeLessThan(5000)
    expect(served.hub.counts().generations).toBe(0)
  })

  it('[R26] does not wait for readers that read nothing, and tells them behind what they have not read', async () => {
    await using served = await serve(path, ({ text }) => {
      for (let index = 0; index < 200; index++) text('x'.repeat(50_000))
    })
    const response = await served.start()
    await until(() => served.events.some(({ type }) => type === 'ended'))
    expect(served.hub.counts().readers).toBe(1)
    await served.hub.close({ drainTimeout: 20 })
    expect(served.hub.counts().readers).toBe(0)
    const frames = await allEvents(response)
    expect(frames.map(({ event }) => event)).not.toContain('end')
    expect([frames.at(-1)?.event, dataOf(frames.at(-1)).reason]).toEqual(['bye', 'drain'])
  })

  it('sends readers away where others keep the same log, spread over the time', async () => {
    await using served = await serve(path, untilAborted, { log: { ...memoryLog(), shared: true } })
    const location = (await served.start({}, json)).headers.get('location')!
    const readers = Array.from({ length: 10 }, async () => (await allEvents(await served.get(location))).at(-1)!)
    await until(() => served.hub.counts().readers === 10)
    // Their times are told by the timers, whose order a busy machine keeps. Nobody produces, reads or looks meanwhile.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const closed = served.hub.close({ drainTimeout: 1000 })
    const staying = []
    for (let tenth = 0; tenth < 10; tenth++) {
      await vi.advanceTimersByTimeAsync(tenth === 0 ? 50 : 100)
      staying.push(served.hub.counts().readers)
    }
    expect(staying).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    await vi.advanceTimersByTimeAsync(3000)
    await closed
    vi.useRealTimers()
    const last = await Promise.all(readers)
    expect(last.map(({ event }) => event)).toEqual(Array(10).fill('bye'))
    expect(dataOf(last[0])).toEqual({ reason: 'drain', after: expect.any(Number) })
  })
})

it('[R26] whoever attaches to a hub that has closed meanwhile is told to come back, and is held no longer', async () => {
  const log = { ...memoryLog(), shared: true }
  const [open, closed] = [createHub({ log }), createHub({ log })]
  const { stream } = await open.start({ owner: { route: '/api/chat' }, input: {}, produce: untilAborted })
  await closed.close({ drainTimeout: 0 })
  const { sink, body } = webSink({ gone: new AbortController().signal, stallTimeout: 1000 })
  closed.attach(stream, { position: 0, resumed: false }, sink)
  expect([closed.counts().readers, open.counts().generations]).toEqual([0, 1])
  const last = (await allEvents(new Response(body))).at(-1)!
  expect([last.event, dataOf(last)]).toEqual(['bye', { reason: 'drain', after: expect.any(Number) }])
  await open.close({ drainTimeout: 0 })
})

it('outlives a hook that fails later, and ends the stream that it was told of', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  process.on('unhandledRejection', note)
  const onEvent = async ({ type }: { type: string }) => {
    if (type === 'created') throw new Error('hook')
  }
  await using served = await serve('node', untilAborted, { onEvent })
  expect(dataOf((await allEvents(await served.start())).at(-1))).toMatchObject({ state: 'error', code: 'hook_failed' })
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

it('[R46] produces nothing where it was closed while the log made room, and leaves no stream without an end', async () => {
  const { opened, open } = gate()
  const memory = memoryLog()
  const claimed: StreamLog[] = []
  const log: Log = {
    ...memory,
    async claim(claim) {
      await opened
      const result = await memory.claim(claim)
      if ('stream' in result) claimed.push(result.stream)
      return result
    },
  }
  let produced = 0
  await using served = await serve('node', () => void produced++, { log })
  const arrived = once(served.server, 'request')
  const starting = served.start()
  await arrived
  await new Promise((resolve) => setImmediate(resolve))
  await served.hub.close()
  open()
  const response = await starting
  expect([response.status, response.headers.get('retry-after'), produced]).toEqual([503, '1', 0])
  expect(claimed.map(({ terminal }) => terminal?.data)).toMatchObject([{ state: 'lost', code: 'shutdown', n: 0 }])
  expect(served.hub.counts()).toEqual({ generations: 0, readers: 0 })
})

it('[R46] sends a reader away that was let in after the hub had closed', async () => {
  const { opened, open } = gate()
  let asked = false
  const authorize = async ({ verb }: { verb: string }) => {
    if (verb === 'read') {
      asked = true
      await opened
    }
    return {}
  }
  await using served = await serve('node', ({ text }) => text('Hello'), { authorize, log: memoryLog() })
  const location = (await served.start({}, json)).headers.get('location')!
  await until(() => served.hub.counts().generations === 0)
  const reading = served.get(location)
  await until(() => asked)
  await served.hub.close()
  open()
  const response = await reading
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  expect(served.hub.counts().readers).toBe(0)
})

it('closes at once when nothing runs, and again without a word', async () => {
  const hub = createHub({ log: memoryLog() })
  await hub.close()
  await hub.close()
  expect(hub.state).toBe('closed')
})

it('tells of what happens, and nothing of what is said', async () => {
  await using served = await serve('node', ({ text }) => text('secret words'))
  await allEvents(await served.start({ question: 'secret words' }))
  await until(() => served.events.length === 5)
  expect(served.events.map(({ type }) => type).sort()).toEqual(['attached', 'begun', 'created', 'detached', 'ended'])
  expect(served.events.find(({ type }) => type === 'ended')).toMatchObject({
    state: 'done',
    n: 1,
    duration: expect.any(Number),
  })
  expect(JSON.stringify(served.events)).not.toContain('secret')
})

describe('createHub', () => {
  const log = memoryLog()
  it.each([
    [{}, 'The option createHub.log is no log. Give memoryLog() or redisLog({ client }).'],
    [{ log, heartbeat: 0 }, 'The option createHub.heartbeat is 0. Give milliseconds, 1 or more, or Infinity.'],
    [{ log, heartbeat: '15' }, 'The option createHub.heartbeat is "15". Give milliseconds, 1 or more, or Infinity.'],
    [
      { log, retry: { min: 5, max: 4 } },
      'The option createHub.retry.max is 4. Give milliseconds, 5 or more, or Infinity.',
    ],
    [
      { log, retry: { min: 5, max: Number.POSITIVE_INFINITY } },
      'The option createHub.retry.max is Infinity. Give milliseconds that end.',
    ],
    [{ log, retry: 5 }, 'The option createHub.retry is 5. Give { min, max } in milliseconds.'],
    [{ log, limits: { entryBytes: 1.5 } }, 'The option limits.entryBytes is 1.5. Give a whole number, 1 or more.'],
    [
      { log, limits: { bodyTimeout: 0 } },
      'The option limits.bodyTimeout is 0. Give milliseconds, 1 or more, or Infinity.',
    ],
    [{ log, limits: { stallTimeout: '60s' } }, 'The option limits.stallTimeout is "60s". Give milliseconds'],
    [{ log, limits: { entrySize: 1 } }, 'There is no option limits.entrySize.'],
    [{ log, hartbeat: 1 }, 'There is no option createHub.hartbeat.'],
    [{ log, authorize: true }, 'The option createHub.authorize is true. Give a function.'],
  ])('refuses %j', (options, message) => {
    const create = () => createHub(options as never)
    expect(create).toThrow(expect.objectContaining({ code: 'option', message: expect.stringContaining(message) }))
  })
})
