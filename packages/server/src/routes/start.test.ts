import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { allEvents, converse, dataOf, eventsOf, gate, numbersOf, paths, serve, textOf, until } from '../../test/served'
import type { Producer } from '../generation'
import { createHandler } from '../handler'
import { createHub } from '../hub'
import type { HubEvent } from '../hub-options'
import { memoryLog } from '../memory-log'
import { route } from './route'

const key = (character: string) => ({ 'idempotency-key': character.repeat(22) })

const greet: Producer = async ({ text, append }) => {
  await text('Hello')
  await text(', world')
  append('usage', { inputTokens: 1, outputTokens: 2, totalTokens: 3 })
  append('finish', { reason: 'stop' })
}

describe.each(paths)('POST {route} on the %s path', (path) => {
  it('[R11 R13 R21 R22 R31 R41] creates a stream and answers with it at once', async () => {
    await using served = await serve(path, greet)
    const response = await served.start({}, key('a'))
    expect(response.status).toBe(201)
    const id = response.headers.get('stream-id')
    expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      location: `/api/chat/streams/${id}`,
    })
    expect(response.headers.has('idempotent-replayed')).toBe(false)

    const [hello, ...entries] = await allEvents(response)
    const { epoch, ...rest } = dataOf(hello)
    expect(hello).toMatchObject({ event: 'hello', id: `${epoch}-0` })
    expect(rest).toMatchObject({ v: 1, position: 0, resumed: false, heartbeat: 15_000 })
    expect(numbersOf(entries)).toEqual([1, 2, 3, 4, 5])
    expect(textOf(entries)).toBe('Hello, world')
    const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 }
    expect(dataOf(entries.at(-1))).toEqual({ state: 'done', n: 4, finishReason: 'stop', usage })
  })

  it('[R11] sends hello before the producer has said a word', async () => {
    const { opened, open } = gate()
    await using served = await serve(path, () => opened)
    const events = eventsOf(await served.start())
    expect((await events.next()).value).toMatchObject({ event: 'hello' })
    open()
    expect((await events.next()).value).toMatchObject({ event: 'end' })
    expect((await events.next()).done).toBe(true)
  })

  it('[R12] draws retry for each connection, from one to three seconds', async () => {
    await using served = await serve(path, greet)
    const retries = await Promise.all(
      Array.from({ length: 30 }, async () => (await allEvents(await served.start()))[0]!.retry!),
    )
    expect(Math.min(...retries)).toBeGreaterThanOrEqual(1000)
    expect(Math.max(...retries)).toBeLessThanOrEqual(3000)
    expect(new Set(retries).size).toBeGreaterThan(20)
  })

  it('[R31] answers with JSON where that is preferred, and goes on without a reader', async () => {
    const { opened, open } = gate()
    await using served = await serve(path, async ({ text }) => {
      await opened
      text('Hello')
    })
    const response = await served.start({}, { accept: 'application/json' })
    expect(response.status).toBe(202)
    const { id, location } = (await response.json()) as { id: string; location: string }
    expect(location).toBe(`/api/chat/streams/${id}`)
    expect(response.headers.get('location')).toBe(location)
    open()
    expect(textOf(await allEvents(await served.get(location)))).toBe('Hello')
  })

  it('[R32] attaches a repetition to the same stream from its start, running or over', async () => {
    const { opened, open } = gate()
    let produced = 0
    await using served = await serve(path, async ({ text }) => {
      produced++
      text('one ')
      await opened
      text('two')
    })
    const first = await served.start({ question: 1 }, key('b'))
    const running = await served.start({ question: 1 }, key('b'))
    open()
    const over = await served.start({ question: 1 }, key('b'))
    const texts = []
    for (const [response, status] of [
      [first, 201],
      [running, 200],
      [over, 200],
    ] as const) {
      expect(response.status).toBe(status)
      expect(response.headers.get('location')).toBe(first.headers.get('location'))
      expect(response.headers.get('idempotent-replayed')).toBe(status === 200 ? 'true' : null)
      texts.push(textOf(await allEvents(response)))
    }
    expect(texts).toEqual(['one two', 'one two', 'one two'])
    expect(produced).toBe(1)
    const json = await served.start({ question: 1 }, { ...key('b'), accept: 'application/json' })
    expect(json.status).toBe(200)
  })

  it('[R30] makes one stream of twenty starts at once with one key', async () => {
    let produced = 0
    await using served = await serve(path, async ({ text }) => {
      produced++
      text('Hello')
    })
    const responses = await Promise.all(Array.from({ length: 20 }, () => served.start({ a: 1, b: 2 }, key('c'))))
    expect(new Set(responses.map(({ headers }) => headers.get('location'))).size).toBe(1)
    expect(responses.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201])
    for (const response of responses) expect(textOf(await allEvents(response))).toBe('Hello')
    expect(produced).toBe(1)
  })

  it('[R33] takes the same fields in another order for the same start, and other ones for another', async () => {
    const { opened, open } = gate()
    await using served = await serve(path, async ({ text }) => {
      await opened
      text('first')
    })
    const first = await served.start({ a: 1, b: { c: 2, d: 3 } }, key('d'))
    const same = await served.start({ b: { d: 3, c: 2 }, a: 1 }, key('d'))
    expect([same.status, same.headers.get('location')]).toEqual([200, first.headers.get('location')])
    const other = await served.start({ a: 2 }, key('d'))
    expect(other.status).toBe(422)
    expect(await other.json()).toEqual({
      error: { code: 'key_reused', message: expect.stringContaining('Idempotency-Key') },
    })
    open()
    expect(textOf(await allEvents(first))).toBe('first')
  })

  it('[R29] starts anew without a key, and refuses what is no key', async () => {
    await using served = await serve(path, greet)
    const locations = [await served.start(), await served.start()].map(({ headers }) => headers.get('location'))
    expect(new Set(locations).size).toBe(2)
    for (const bad of ['', 'with space', 'x'.repeat(256)]) {
      const response = await served.start({}, { 'idempotency-key': bad })
      expect([bad, response.status]).toEqual([bad, 400])
    }
    expect((await served.start({}, { 'idempotency-key': 'x'.repeat(255) })).status).toBe(201)
  })

  it('[R80] refuses a start without a key where one is required, and asks nobody', async () => {
    let asked = 0
    const authorize = () => {
      asked++
      return {}
    }
    await using served = await serve(path, greet, { authorize }, { requireIdempotencyKey: true })
    const refused = await served.start()
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: { code: 'key_missing', message: 'Send an Idempotency-Key, a new one for each action of a person.' } },
    ])
    expect([asked, served.hub.counts().generations]).toEqual([0, 0])
    expect(textOf(await allEvents(await served.start({}, key('required'))))).toBe('Hello, world')
  })

  it('[R81 R82] answers with events as lines of JSON where that is preferred', async () => {
    const { opened, open } = gate()
    const produce: Producer = async ({ append, text }) => {
      append('odd', { line: '\n\r\u2028', id: 'x' })
      text('안녕')
      await opened
    }
    await using served = await serve(path, produce, { heartbeat: 30 })
    const response = await served.start({}, { accept: 'application/x-ndjson' })
    expect([response.status, response.headers.get('content-type'), response.headers.get('x-accel-buffering')]).toEqual([
      201,
      'application/x-ndjson; charset=utf-8',
      'no',
    ])
    let said = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      said += decoder.decode(chunk, { stream: true })
      if (said.includes('"event":"beat"')) open()
    }
    const lines = said.trimEnd().split('\n')
    const all = lines.map((line) => JSON.parse(line) as { id?: string; event: string; data: unknown; retry?: number })
    const epoch = all[0]!.id!.split('-')[0]
    const events = all.filter(({ event }) => event !== 'beat')
    expect(events).toMatchObject([
      { id: `${epoch}-0`, event: 'hello', data: { position: 0, resumed: false } },
      { id: `${epoch}-1`, event: 'odd', data: { line: '\n\r\u2028', id: 'x' } },
      { id: `${epoch}-2`, event: 'text', data: '안녕' },
      { id: `${epoch}-3`, event: 'end', data: { state: 'done', n: 2 } },
    ])
    expect(all[0]!.retry).toBeGreaterThanOrEqual(1000)
    expect(all.find(({ event }) => event === 'beat')).toEqual({ event: 'beat', data: { head: 2 } })

    const location = response.headers.get('location')!
    const read = async (after?: string) => {
      const headers = { accept: 'application/x-ndjson', ...(after && { 'last-event-id': after }) }
      const text = await (await served.get(location, { headers })).text()
      return text === ''
        ? []
        : text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as { event: string })
    }
    expect((await read()).slice(1)).toEqual(events.slice(1))
    expect((await read(`${epoch}-1`)).slice(1)).toEqual(events.slice(2))
    expect((await read('nonsense')).map(({ event }) => event)).toEqual(['hello', 'reset', 'odd', 'text', 'end'])
    expect(await read(`${epoch}-3`)).toEqual([])
  })

  it('[R34] keeps the keys of different people and routes apart', async () => {
    const authorize = ({ request }: { request: Request }) => ({ user: request.headers.get('x-user') ?? undefined })
    await using served = await serve(path, { '/api/chat': greet, '/api/other': greet }, { authorize })
    const ada = await served.start({}, { ...key('e'), 'x-user': 'ada' })
    const bob = await served.start({}, { ...key('e'), 'x-user': 'bob' })
    const other = await served.get('/api/other', {
      method: 'POST',
      body: '{}',
      headers: { ...key('e'), 'x-user': 'ada', 'content-type': 'application/json' },
    })
    expect([ada.status, bob.status, other.status]).toEqual([201, 201, 201])
  })

  it('[R43 R45] refuses a body that it cannot take, with a sentence', async () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) =>
          typeof (value as { name?: unknown }).name === 'string'
            ? { value: value as { name: string } }
            : { issues: [{ message: 'Expected a text.', path: ['people', 0, { key: 'name' }] }] },
      },
    }
    const greetByName = route({ input: schema, produce: ({ input, text }) => text(input.name) })
    await using served = await serve(path, greetByName, { limits: { bodyBytes: 100 } })
    await using roomy = await serve(path, greet)
    const nested = await roomy.get('/api/chat', {
      method: 'POST',
      body: `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
      headers: { ...key('f'), 'content-type': 'application/json' },
    })
    expect([nested.status, await nested.json()]).toMatchObject([400, { error: { code: 'invalid_json' } }])
    for (const depth of [400, 600, 2_000, 4_000, 4_500, 10_000]) {
      const body = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
      const response = await roomy.start(undefined, key('g'), {
        body,
        headers: { ...key(depth === 400 ? 'g' : 'h'), 'content-type': 'application/json' },
      })
      expect([depth, response.status]).toEqual([depth, depth === 400 ? 201 : 400])
    }
    expect(roomy.events.filter(({ type }) => type === 'request-failed')).toEqual([])
    const cases: [status: number, code: string, init: RequestInit][] = [
      [400, 'invalid_json', { body: '{"name":' }],
      [400, 'invalid_json', { body: '' }],
      [400, 'invalid_json', { body: new Uint8Array([0x22, 0xff, 0x22]) }],
      [400, 'invalid_input', { body: '{"name":1}' }],
      [413, 'body_too_large', { body: JSON.stringify({ name: 'x'.repeat(100) }) }],
      [413, 'body_too_large', { body: slowly('x'.repeat(60), 'x'.repeat(60)), duplex: 'half' } as RequestInit],
      [
        415,
        'unsupported_encoding',
        { body: gzipSync('{}'), headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } },
      ],
      [415, 'unsupported_media_type', { body: 'name=x', headers: { 'content-type': 'text/plain' } }],
      [415, 'unsupported_media_type', { body: new Uint8Array([0x7b, 0x7d]), headers: {} }],
      [
        406,
        'not_acceptable',
        { body: '{"name":"x"}', headers: { 'content-type': 'application/json', accept: 'text/html' } },
      ],
    ]
    for (const [status, code, init] of cases) {
      const response = await served.start(undefined, {}, { headers: { 'content-type': 'application/json' }, ...init })
      const { error } = (await response.json()) as { error: { code: string; message: string } }
      expect([response.status, error.code]).toEqual([status, code])
      expect(error.message).toMatch(/^[^\n]+\.$/)
      if (code === 'invalid_input') expect(error.message).toBe('people[0].name: Expected a text.')
    }
    expect(served.hub.counts().generations).toBe(0)
    const fine = await served.start({ name: 'Ada' }, { 'content-type': 'application/vnd.api+json; charset=utf-8' })
    expect(textOf(await allEvents(fine))).toBe('Ada')
  })

  it('[R43] waits no longer than it says for a body, and closes the connection', async () => {
    await using served = await serve(path, greet, { limits: { bodyTimeout: 100 } })
    const { said, took } = await converse(served.port, half)
    expect(said).toMatch(/^HTTP\/1.1 408 .*\r\nconnection: close\r\n.*"code":"body_too_slow"/is)
    expect(took).toBeGreaterThanOrEqual(95)
    expect(took).toBeLessThan(4_500)
    expect(served.events).toEqual([{ type: 'refused', route: '/api/chat', status: 408, code: 'body_too_slow' }])
    expect(textOf(await allEvents(await served.start()))).toBe('Hello, world')
  })

  it('takes a body that was cut for what it is, and not for a failure of its own', async () => {
    await using served = await serve(path, greet)
    const socket = connect(served.port, '127.0.0.1')
    socket.write(half)
    const [, response] = (await once(served.server, 'request')) as [unknown, ServerResponse]
    socket.resetAndDestroy()
    await once(response, 'close')
    await until(() => served.events.length > 0)
    expect(served.events).toEqual([{ type: 'refused', route: '/api/chat', status: 400, code: 'body_cut' }])
  })

  it('says so where something else has read the body', async () => {
    const request = new Request('http://x/api/chat', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    await request.json()
    const failures: HubEvent[] = []
    const told = createHub({ log: memoryLog(), onEvent: (event) => void failures.push(event) })
    expect((await createHandler(told, { '/api/chat': greet })(request)).status).toBe(500)
    const message = expect.stringContaining('Mount the handler before any body parser.')
    expect(failures).toMatchObject([{ type: 'request-failed', error: { code: 'unsupported', message } }])
  })

  it('[R22] ends with an error when the producer throws, and the server lives', async () => {
    await using served = await serve(path, async ({ text }) => {
      text('so far')
      throw new Error('secret detail')
    })
    const frames = await allEvents(await served.start())
    expect(textOf(frames)).toBe('so far')
    const message = 'The answer could not be completed.'
    expect(dataOf(frames.at(-1))).toEqual({ state: 'error', n: 1, code: 'producer_failed', message })
    expect(served.events).toContainEqual({
      type: 'failed',
      stream: expect.any(String),
      error: new Error('secret detail'),
    })
    expect((await served.start()).status).toBe(201)
  })

  it('ends a stream with an error when the hook that is told of it throws', async () => {
    const onEvent = ({ type }: { type: string }) => {
      if (type === 'created') throw new Error('hook')
    }
    await using served = await serve(path, greet, { onEvent })
    const frames = await allEvents(await served.start())
    expect(dataOf(frames.at(-1))).toMatchObject({ state: 'error', code: 'hook_failed', n: 0 })
  })

  it('answers 500 when the authorisation throws, 403 when it denies, and what it asks for', async () => {
    const { StreamError } = await import('@keepstream/core')
    const authorize = ({ request }: { request: Request }) => {
      if (request.headers.has('x-throw')) throw new Error('secret detail')
      if (request.headers.has('x-expired'))
        throw new StreamError('http', 'Sign in again.', { status: 401, reason: 'expired' })
      return false as const
    }
    await using served = await serve(path, greet, { authorize })
    const broken = await served.start({}, { 'x-throw': '1' })
    expect([broken.status, (await broken.text()).includes('secret')]).toEqual([500, false])
    expect(served.events).toContainEqual(expect.objectContaining({ type: 'request-failed', path: '/api/chat' }))
    expect((await served.start()).status).toBe(403)
    const expired = await served.start({}, { 'x-expired': '1' })
    expect([expired.status, await expired.json()]).toEqual([
      401,
      { error: { code: 'expired', message: 'Sign in again.' } },
    ])
  })
})

/** A start of whose body the half is missing. */
const half =
  'POST /api/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"messages":'

/** A body without a declared length. */
function slowly(...pieces: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift()
      if (piece === undefined) controller.close()
      else controller.enqueue(new TextEncoder().encode(piece))
    },
  })
}
