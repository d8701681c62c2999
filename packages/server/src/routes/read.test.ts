import { once } from 'node:events'
import { connect } from 'node:net'
import type { Frame } from '@keepstream/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allEvents,
  dataOf,
  eventsOf,
  gate,
  numbersOf,
  paths,
  type Served,
  serve,
  textOf,
  until,
} from '../../test/served'
import type { Producer } from '../generation'
import { memoryLog } from '../memory-log'

const stream = { accept: 'text/event-stream' }
const json = { accept: 'application/json' }

/** A stream of which the first entries had to make room, and which still runs. */
async function evicting(path: 'node' | 'web') {
  const { opened, open } = gate()
  const produce: Producer = async ({ text }) => {
    for (let index = 1; index <= 4000; index++) text(`${index} ${'x'.repeat(80)}`)
    await opened
  }
  const served = await serve(path, produce, { log: memoryLog({ maxLogBytes: 300_000 }) })
  const started = await served.start({}, json)
  const location = started.headers.get('location')!
  const page = (await (await served.get(`${location}?from=now`, { headers: json })).json()) as {
    head: number
    next: string
  }
  expect(page.head).toBe(4000)
  const epoch = page.next.split('-')[0]!
  const gone = (await (await served.get(location, { headers: json })).json()) as { earliest: number }
  expect(gone.earliest).toBeGreaterThan(100)
  return { served, location, epoch, earliest: gone.earliest, head: 4000, open }
}

async function first(response: Response, count: number): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const frame of eventsOf(response)) if (frames.push(frame) === count) break
  return frames
}

describe.each(paths)('GET {route}/streams/{id} on the %s path', (path) => {
  it('[R14 R15 R16 R17] answers the five edges, another life and no position, to both kinds of reader', async () => {
    const { served, location, epoch, earliest, head, open } = await evicting(path)
    await using _ = served
    const reset = (reason: string) => ({ status: reason === 'unknown' ? 400 : 410, reason })
    const rows: [string | undefined, { resumed: number } | { status: number; reason: string }][] = [
      [`${epoch}-${earliest - 2}`, reset('evicted')],
      [`${epoch}-${earliest - 1}`, { resumed: earliest - 1 }],
      [`${epoch}-${earliest}`, { resumed: earliest }],
      [`${epoch}-${head}`, { resumed: head }],
      [`${epoch}-${head + 1}`, reset('ahead')],
      [`${epoch}-${earliest - 2}..${earliest + 3}`, { resumed: earliest + 3 }],
      [`zzzzzzzz-${earliest}`, reset('epoch')],
      ['nonsense', reset('unknown')],
      ['x'.repeat(8192), reset('unknown')],
      [`${epoch}-${'9'.repeat(400)}`, reset('unknown')],
      [undefined, reset('evicted')],
    ]
    for (const [asked, expected] of rows) {
      const position = asked === undefined ? {} : { 'last-event-id': asked }
      const response = await served.get(location, { headers: { ...stream, ...position } })
      expect(response.status).toBe(200)
      const page = await served.get(location, { headers: { ...json, ...position } })
      if ('resumed' in expected) {
        const [hello] = await first(response, 1)
        expect(hello!.id).toBe(`${epoch}-${expected.resumed}`)
        expect(dataOf(hello)).toMatchObject({ resumed: true, position: expected.resumed, head, state: 'live' })
        const { entries } = (await page.json()) as { entries: { id: string }[] }
        expect([page.status, numbersOf(entries)[0]]).toEqual([
          200,
          expected.resumed < head ? expected.resumed + 1 : undefined,
        ])
      } else {
        const [hello, told, entry] = await first(response, 3)
        expect([hello!.event, hello!.id, dataOf(hello).resumed]).toEqual(['hello', undefined, false])
        expect([told!.event, told!.id]).toEqual(['reset', `${epoch}-${earliest - 1}`])
        expect(dataOf(told)).toEqual({ reason: expected.reason, earliest })
        expect(numbersOf([entry!])[0]).toBe(earliest)
        expect(page.status).toBe(expected.status)
        expect(await page.json()).toEqual({
          error: { code: expected.reason, message: expect.any(String) },
          reason: expected.reason,
          earliest,
          next: `${epoch}-${earliest - 1}`,
        })
      }
    }
    open()
  })

  it('[R9 R10] lets the header win over the address, and takes no byte for an exception', async () => {
    const { opened, open } = gate()
    await using served = await serve(path, async ({ text }) => {
      for (const word of ['a', 'b', 'c']) text(word)
      await opened
    })
    const events = eventsOf(await served.start())
    const epoch = dataOf((await events.next()).value as Frame).epoch
    const location = `/api/chat/streams/${await only(served)}`
    const positionOf = async (query: string, header?: string) => {
      const headers = { ...stream, ...(header !== undefined && { 'last-event-id': header }) }
      const response = await served.get(location + query, { headers })
      const frames = await first(response, 2)
      return frames[1]?.event === 'reset' ? dataOf(frames[1]).reason : dataOf(frames[0]).position
    }
    expect(await positionOf(`?after=${epoch}-1`)).toBe(1)
    expect(await positionOf(`?after=${epoch}-1`, `${epoch}-2`)).toBe(2)
    expect(await positionOf(`?after=${epoch}-1&from=start`)).toBe(1)
    expect(await positionOf('?from=start')).toBe(0)
    expect(await positionOf(`?after=${epoch}-1%00`)).toBe('unknown')
    expect(await positionOf('?after=%0d%0aid:%20x')).toBe('unknown')
    expect(await positionOf('?after=%ff%fe')).toBe('unknown')
    // An EventSource that has seen no id sends none; some clients send an empty one.
    expect(await positionOf(`?after=${epoch}-1`, '')).toBe(1)
    expect((await served.get(`${location}?from=yesterday`)).status).toBe(400)
    open()
  })

  it('[R16] says 204 where nothing is left, and replays a stream that is over', async () => {
    await using served = await serve(path, ({ text }) => text('Hello'))
    const frames = await allEvents(await served.start())
    const location = `/api/chat/streams/${await only(served)}`
    const last = frames.at(-1)!.id!
    for (const address of [location, `${location}?from=now`]) {
      const header = address === location ? { 'last-event-id': last } : {}
      const response = await served.get(address, { headers: { ...stream, ...header } })
      expect([response.status, await response.text()]).toEqual([204, ''])
    }
    const replayed = await allEvents(await served.get(location, { headers: stream }))
    expect(replayed.slice(1)).toEqual(frames.slice(1))
    expect(dataOf(replayed[0])).toMatchObject({ state: 'done', head: 2 })
    const head = await served.get(location, { method: 'HEAD', headers: stream })
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      '',
    ])
    expect(served.hub.counts().readers).toBe(0)
  })

  it('[R48] answers unknown, expired and forbidden streams alike', async () => {
    let time = 0
    const authorize = ({ request }: { request: Request }) => ({ user: request.headers.get('x-user') ?? undefined })
    const now = () => Date.now() + time
    const options = { authorize, now, log: memoryLog({ now }), retention: 60_000 }
    await using served = await serve(
      path,
      { '/api/chat': ({ text }) => text('secret'), '/api/other': () => {} },
      options,
    )
    await allEvents(await served.start({}, { 'x-user': 'ada' }))
    const id = await only(served)
    const ask = async (address: string, user: string) => {
      const response = await served.get(address, {
        headers: { ...stream, 'x-user': user, 'last-event-id': 'zzzzzz-1' },
      })
      return [response.status, response.headers.get('content-type'), await response.text()]
    }
    expect((await ask(`/api/chat/streams/${id}`, 'ada'))[0]).toBe(200)
    const unknown = await ask(`/api/chat/streams/${'x'.repeat(22)}`, 'ada')
    expect(unknown).toEqual([
      404,
      'application/json; charset=utf-8',
      '{"error":{"code":"not_found","message":"There is no such stream."}}',
    ])
    expect(await ask(`/api/chat/streams/${id}`, 'bob')).toEqual(unknown)
    expect(await ask(`/api/other/streams/${id}`, 'ada')).toEqual(unknown)
    time = 120_000
    await until(() => served.hub.find(id) === undefined)
    expect(await ask(`/api/chat/streams/${id}`, 'ada')).toEqual(unknown)
  })

  it('[R47] asks for leave again at every resume', async () => {
    let allowed = true
    const asked: string[] = []
    const authorize = ({ verb, stream }: { verb: string; stream?: { owner: { route: string } } | undefined }) => {
      asked.push(`${verb} ${stream?.owner.route}`)
      return allowed && {}
    }
    await using served = await serve(path, ({ text }) => text('Hello'), { authorize })
    await allEvents(await served.start())
    const location = `/api/chat/streams/${await only(served)}`
    expect((await served.get(location)).status).toBe(200)
    allowed = false
    expect((await served.get(location)).status).toBe(404)
    expect(asked).toEqual(['create undefined', 'read /api/chat', 'read /api/chat'])
  })

  it('[R35] goes on when its reader leaves, and a second reader sees it all', async () => {
    const { opened, open } = gate()
    await using served = await serve(path, async ({ text }) => {
      text('one ')
      await opened
      text('two')
    })
    const leaving = new AbortController()
    const response = await served.start({}, {}, { signal: leaving.signal })
    await first(response, 2)
    leaving.abort()
    await until(() => served.hub.counts().readers === 0)
    expect(served.hub.counts().generations).toBe(1)
    open()
    expect(textOf(await allEvents(await served.get(`/api/chat/streams/${await only(served)}`)))).toBe('one two')
  })

  it('[R19] proves that it lives, with the number of the last entry', async () => {
    const { opened, open } = gate()
    await using served = await serve(
      path,
      async ({ text }) => {
        text('Hello')
        await opened
      },
      { heartbeat: 20 },
    )
    const reader = (await served.start()).body!.pipeThrough(new TextDecoderStream()).getReader()
    let received = ''
    while (!/:h 1\n\n.*:h 1\n\n/s.test(received)) received += (await reader.read()).value
    expect(received).toContain('"heartbeat":20')
    open()
  })

  it('[R20] gives pages, and waits for the first entry where it is asked to', async () => {
    const { opened, open } = gate()
    await using served = await serve(path, async ({ text }) => {
      text('one')
      await opened
      text('two')
    })
    const started = await served.start({}, json)
    const location = started.headers.get('location')!
    const page = async (query: string) =>
      (await (await served.get(location + query, { headers: json })).json()) as Record<string, unknown>
    const all = await page('')
    const epoch = String(all.next).split('-')[0]
    expect(all).toEqual({
      entries: [{ id: `${epoch}-1`, event: 'text', data: 'one' }],
      next: `${epoch}-1`,
      head: 1,
      state: 'live',
    })
    expect(await page(`?after=${epoch}-1`)).toMatchObject({ entries: [], next: `${epoch}-1`, state: 'live' })
    expect(await page(`?after=${epoch}-1&wait=0.02`)).toMatchObject({ entries: [], state: 'live' })
    const waiting = page(`?after=${epoch}-1&wait=20`)
    open()
    expect(await waiting).toMatchObject({
      entries: [{ data: 'two' }, { event: 'end', data: { state: 'done', n: 2 } }],
      state: 'done',
    })
    expect(await page(`?after=${epoch}-3&wait=20`)).toEqual({ entries: [], next: `${epoch}-3`, head: 3, state: 'done' })
    expect((await served.get(`${location}?wait=soon`, { headers: json })).status).toBe(400)
  })

  it('[R16 R17] tells a long poll of entries that were dropped while it waited', async () => {
    const { opened, open } = gate()
    const produce: Producer = async ({ text }) => {
      text('one')
      await opened
      for (let index = 0; index < 4000; index++) text('x'.repeat(80))
    }
    await using served = await serve(path, produce, { log: memoryLog({ maxLogBytes: 300_000 }) })
    const location = (await served.start({}, json)).headers.get('location')!
    const { next } = (await (await served.get(`${location}?wait=5`, { headers: json })).json()) as { next: string }
    const arrived = once(served.server, 'request')
    const waiting = served.get(`${location}?after=${next}&wait=20`, { headers: json })
    await arrived
    await new Promise((resolve) => setImmediate(resolve))
    open()
    const response = await waiting
    const { reason, earliest } = (await response.json()) as { reason: string; earliest: number }
    expect([response.status, reason]).toEqual([410, 'evicted'])
    expect(earliest).toBeGreaterThan(100)
  })

  it('[R17 R20 R61] gives a poller the snapshot with the place to go on from, and joined entries by the range of theirs', async () => {
    const { opened, open } = gate()
    const produce: Producer = async ({ text }) => {
      for (let index = 0; index < 1500; index++) text(`${index} ${'x'.repeat(200)}`)
      await opened
      text('the ')
      text('end')
    }
    await using served = await serve(
      path,
      { '/api/chat': { produce, snapshots: true } },
      { log: memoryLog({ maxLogBytes: 300_000 }) },
    )
    const location = (await served.start({}, json)).headers.get('location')!
    await until(() => served.hub.counts().generations === 1)
    const response = await served.get(location, { headers: json })
    const gone = (await response.json()) as {
      reason: string
      earliest: number
      next: string
      snapshot: { id: string; event: string; data: { text: string } }
    }
    expect([response.status, gone.reason, gone.snapshot.event, gone.snapshot.id]).toEqual([
      410,
      'evicted',
      'snapshot',
      gone.next,
    ])
    expect(numbersOf([{ id: gone.next }])[0]).toBeGreaterThanOrEqual(gone.earliest - 1)
    open()
    let { text } = gone.snapshot.data
    let { next } = gone
    for (let state = 'live'; state === 'live'; ) {
      const page = (await (await served.get(`${location}?after=${next}&wait=5`, { headers: json })).json()) as {
        entries: { id: string; event: string; data: string }[]
        next: string
        state: string
      }
      for (const { event, data } of page.entries) if (event === 'text') text += data
      const numbers = numbersOf(page.entries)
      expect(numbers).toEqual(numbers.map((_, index) => numbersOf([{ id: next }])[0]! + 1 + index))
      expect(numbersOf([{ id: page.next }])[0]).toBe(numbers.at(-1))
      ;({ next, state } = page)
    }
    expect(text).toBe(`${Array.from({ length: 1500 }, (_, index) => `${index} ${'x'.repeat(200)}`).join('')}the end`)
  })

  it('[R32] goes on where its client is, when that repeats its start and says so', async () => {
    const { opened, open } = gate()
    await using served = await serve(path, async ({ text }) => {
      for (const word of ['a', 'b', 'c', 'd']) text(word)
      await opened
    })
    const headers = { 'idempotency-key': 'k'.repeat(22) }
    const events = eventsOf(await served.start({}, headers))
    const { epoch } = dataOf((await events.next()).value as Frame)
    const place = async (position: string) => {
      const frames = await first(await served.start({}, { ...headers, 'last-event-id': position }), 2)
      return frames[1]?.event === 'reset' ? dataOf(frames[1]).reason : [frames[0]!.id, frames[1]!.data]
    }
    expect(await place(`${epoch}-2`)).toEqual([`${epoch}-2`, '"cd"'])
    expect(await place('zzzzzz-2')).toBe('epoch')
    open()
  })

  it('[R16 R32] waits for a log that is behind a client which repeats its start at another process', async () => {
    const { opened, open } = gate()
    const produce: Producer = async ({ text }) => {
      text('a')
      await opened
      text('b')
    }
    await using served = await serve(path, produce, { log: { ...memoryLog(), shared: true } })
    const headers = { 'idempotency-key': 'k'.repeat(22) }
    const { epoch } = dataOf((await eventsOf(await served.start({}, headers)).next()).value as Frame)
    const again = served.start({}, { ...headers, 'last-event-id': `${epoch}-2` })
    await until(() => served.events.some(({ type }) => type === 'replayed'))
    open()
    const frames = await allEvents(await again)
    expect([dataOf(frames[0]).resumed, frames.map(({ event }) => event)]).toEqual([true, ['hello', 'end']])
  })

  it('[R3 R5] gives every entry once and in order, however the connection is cut and whatever is appended meanwhile', async () => {
    const words = fc.array(
      fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constant('긴 글 '.repeat(3000))),
      { minLength: 1, maxLength: 30 },
    )
    const schedule = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(words, schedule, async (texts, cuts) => {
        const steps = texts.map(gate)
        await using served = await serve(path, async ({ text }) => {
          for (const [index, word] of texts.entries()) {
            if (index % 3 === 0) await steps[index]!.opened
            text(word)
          }
        })
        const location = (await served.start({}, json)).headers.get('location')!
        const entries: number[] = []
        let assembled = ''
        let cursor: string | undefined
        let opened = 0
        for (let attempt = 0; entries.length <= texts.length; attempt++) {
          const response = await served.get(location, {
            headers: { ...stream, ...(cursor && { 'last-event-id': cursor }) },
          })
          const limit = cuts[attempt % cuts.length]!
          let seen = 0
          // Whatever was joined and so read at once, there is more to come.
          opened = attempt > cuts.length ? steps.length : Math.max(opened + limit, entries.length + 4)
          for (const { open } of steps.slice(0, opened)) open()
          for await (const frame of eventsOf(response)) {
            cursor = frame.id
            if (frame.event === 'hello') continue
            entries.push(...numbersOf([frame]))
            if (frame.event === 'text') assembled += JSON.parse(frame.data)
            if (++seen === limit || (frame.event !== 'end' && entries.length >= opened - 3)) break
          }
        }
        expect(entries).toEqual(Array.from({ length: texts.length + 1 }, (_, index) => index + 1))
        expect(assembled).toBe(texts.join(''))
      }),
      { numRuns: 12 },
    )
  })
})

it('answers a request line that is no address', async () => {
  await using served = await serve('node', () => {})
  for (const target of ['*', 'http://[', '//', '/%']) {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(served.port, '127.0.0.1', () =>
        socket.write(`OPTIONS ${target} HTTP/1.1\r\nhost: x\r\n\r\n`),
      )
      socket.once('data', (data) => {
        resolve(String(data))
        socket.destroy()
      })
    })
    expect(answer).toMatch(/^HTTP\/1.1 4/)
  }
})

/** The id of the only stream of a server. */
async function only({ events }: Served): Promise<string> {
  const [created] = events.filter(({ type }) => type === 'created')
  return (created as { stream: string }).stream
}
