import fc from 'fast-check'
import * as valibot from 'valibot'
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as zod from 'zod'
import { createStream } from '../stream'
import { type JsonList, json, type StandardSchema } from './json'
import type { Protocol } from './protocol'

const price = zod.object({ city: zod.string(), prices: zod.array(zod.object({ won: zod.number() })) })
type Price = zod.infer<typeof price>
const seoul: Price = { city: '서울 🗼', prices: [{ won: 1 }] }
const busan: Price = { city: '부산', prices: [] }

const events = (...items: readonly (object | string)[]) =>
  items.map((item) => `data: ${typeof item === 'string' ? item : JSON.stringify(item)}\n\n`).join('')
const lines = (...items: readonly object[]) => items.map((item) => `${JSON.stringify(item)}\n`).join('')

function settle<TItem, TData>(
  protocol: Protocol<TItem, TData>,
  text: string,
  type: string,
  cuts: readonly number[] = [],
) {
  const bytes = new TextEncoder().encode(text)
  const edges = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length]
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const [index, end] of edges.slice(1).entries()) controller.enqueue(bytes.slice(edges[index], end))
      controller.close()
    },
  })
  const respond = async () => new Response(body, { headers: { 'content-type': type } })
  return createStream({ url: 'https://prices.example/api', protocol, fetch: respond }).start({})
}

const failure = <TItem, TData>(protocol: Protocol<TItem, TData>, data: unknown, event = 'message') => {
  try {
    return protocol.decode({ event, data: typeof data === 'string' ? data : JSON.stringify(data) }, undefined)
  } catch (error) {
    return error
  }
}

describe('items that fit the schema', () => {
  const list = { status: 'done', data: { items: [seoul, busan], latest: busan, count: 2 } }

  test('arrive as events and as lines, by the content type, wherever the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 9 }), async (cuts) => {
        const stream = await settle(json(price), events(seoul, busan, '[DONE]'), 'text/event-stream', cuts)
        expect(stream).toMatchObject(list)
        for (const type of ['application/x-ndjson', 'application/jsonl; charset=utf-8']) {
          const read = await settle(json(price, { terminal: 'close' }), lines(seoul, busan), type, cuts)
          expect(read).toMatchObject(list)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('have the type of the schema, in a loop and in the data', async () => {
    const protocol = json(price)
    expectTypeOf(protocol).toEqualTypeOf<Protocol<Price, JsonList<Price>>>()
    expectTypeOf(json(valibot.object({ a: valibot.number() }))).toEqualTypeOf<
      Protocol<{ a: number }, JsonList<{ a: number }>>
    >()
    expectTypeOf(json()).toEqualTypeOf<Protocol<unknown, JsonList<unknown>>>()
    const respond = async () =>
      new Response(events(seoul, busan, '[DONE]'), { headers: { 'content-type': 'text/event-stream' } })
    const cities: string[] = []
    const stream = createStream({ url: 'https://prices.example/api', protocol, fetch: respond })
    for await (const { city } of stream.start({})) cities.push(city)
    expect(cities).toEqual([seoul.city, busan.city])
  })

  test('are what the schema makes of them', async () => {
    const wide = zod.object({ at: zod.string().transform((text) => new Date(text)) })
    const { data } = await settle(json(wide), events({ at: '2026-01-02', more: 1 }, '[DONE]'), 'text/event-stream')
    expect(data.latest).toEqual({ at: new Date('2026-01-02') })
  })

  test('may be checked by any validator, also one that is a function', () => {
    const validate = (value: unknown) => ({ value: Number(value) })
    const schema = Object.assign(() => {}, { '~standard': { version: 1, vendor: 'own', validate } as const })
    expect(json(schema).decode({ event: 'message', data: '"5"' }, undefined)).toEqual([5])
    expect(json(valibot.number()).decode({ event: 'message', data: '5' }, undefined)).toEqual([5])
  })

  test('are unknown without a schema', async () => {
    const read = await settle(json(), events({ any: [null] }, '5', 'null', '[DONE]'), 'text/event-stream')
    expect(read.data).toEqual({ items: [{ any: [null] }, 5, null], latest: null, count: 3 })
  })
})

describe('an item that does not fit', () => {
  test.each([
    ['zod', price],
    [
      'valibot',
      valibot.object({ city: valibot.string(), prices: valibot.array(valibot.object({ won: valibot.number() })) }),
    ],
  ])('is a decode error that names the path: %s', async (_name, schema) => {
    const bad = { city: 'a', prices: [{ won: 1 }, { won: 'two' }] }
    const read = await settle(json(schema as StandardSchema), events(seoul, bad, busan, '[DONE]'), 'text/event-stream')
    expect(read).toMatchObject({
      status: 'failed',
      data: { items: [seoul] },
      error: { code: 'decode', retryable: false, message: expect.stringMatching(/prices\.1\.won: .+/) },
    })
  })

  test.each([[seoul], 'null', '5', '{}'])('is refused: %j', (data) => {
    expect(failure(json(price), data)).toMatchObject({ code: 'decode' })
  })

  test.each(['{', '', 'undefined', 'DONE'])('and is no JSON is refused, with a schema and without: %j', (data) => {
    expect(failure(json(), data)).toMatchObject({ code: 'decode', message: expect.stringContaining('JSON') })
    expect(failure(json(zod.any()), data)).toMatchObject({ code: 'decode' })
  })

  test('is refused also where the schema gives no reason, or throws', () => {
    const standard = (validate: () => never) =>
      ({ '~standard': { version: 1, vendor: 'own', validate } }) as StandardSchema
    expect(failure(json(standard(() => ({ issues: [] }) as never)), '1')).toMatchObject({ code: 'decode' })
    const broken = standard(() => {
      throw new Error('The schema is broken.')
    })
    expect(failure(json(broken), '1')).toMatchObject({ message: 'The schema is broken.' })
  })

  test('stops the answer with the error of the server, where it is one', async () => {
    const read = await settle(
      json(price),
      events(seoul, { error: { message: 'Closed.', code: 'shut' } }),
      'text/event-stream',
    )
    expect(read).toMatchObject({
      status: 'failed',
      data: { items: [seoul] },
      error: { code: 'server', message: 'Closed.', reason: 'shut' },
    })
  })

  test('a schema that is asynchronous is refused with the remedy', async () => {
    const later = zod.number().refine(async (value) => value > 0)
    expect(failure(json(later), '-1')).toMatchObject({
      code: 'option',
      message: expect.stringContaining('synchronous'),
    })
    const rejects = { '~standard': { version: 1, vendor: 'own', validate: () => Promise.reject(new Error('Late.')) } }
    expect(failure(json(rejects as unknown as StandardSchema), '1')).toMatchObject({ code: 'option' })
  })
})

describe('an event', () => {
  test.each([
    ['{"error":{"message":"No.","type":"shut"}}', 'No.', 'shut'],
    ['{"message":"No."}', 'No.', undefined],
    ['"No."', 'No.', undefined],
    ['No.', 'No.', undefined],
  ])('named error fails the answer: %s', (data, message, reason) => {
    expect(failure(json(price), data, 'error')).toMatchObject({ code: 'server', message, reason })
  })

  test('of a name that carries no items is passed over', async () => {
    const protocol = json(price, { events: ['message', 'price'] })
    const text = `event: ping\ndata:\n\nevent: price\ndata: ${JSON.stringify(seoul)}\n\n${events('[DONE]')}`
    expect(await settle(protocol, text, 'text/event-stream')).toMatchObject({
      status: 'done',
      data: { items: [seoul] },
    })
  })
})

describe('the end', () => {
  test('is [DONE] and not a close', async () => {
    const cut = await settle(json(price), events(seoul), 'text/event-stream')
    expect(cut).toMatchObject({ status: 'interrupted', data: { items: [seoul] } })
    expect(await settle(json(price), lines(seoul), 'application/jsonl')).toMatchObject({ status: 'interrupted' })
  })

  test('may be another text', async () => {
    const read = await settle(json(price, { terminal: 'bye' }), events(seoul, 'bye', busan), 'text/event-stream')
    expect(read).toMatchObject({ status: 'done', data: { items: [seoul] } })
  })

  test('may be an item, which counts, or an event name', async () => {
    const last = json(price, { terminal: ({ city }) => city === busan.city })
    const read = await settle(last, lines(seoul, busan, seoul), 'application/x-ndjson')
    expect(read).toMatchObject({ status: 'done', data: { items: [seoul, busan] } })
    const named = json(price, { terminal: (_item, event) => event === 'last' })
    expect(failure(named, seoul, 'last')).toMatchObject({ type: 'end', parts: [seoul], outcome: { state: 'done' } })
  })
})

describe('the data', () => {
  test('keeps the latest items and counts them all', () => {
    const { initial, reduce } = json(zod.number(), { keep: 2 })
    expect([1, 2, 3].reduce(reduce, initial())).toEqual({ items: [2, 3], latest: 3, count: 3 })
    const standard = json(zod.number())
    const many = Array.from({ length: 1_001 }, (_, index) => index).reduce(standard.reduce, standard.initial())
    expect(many).toMatchObject({ items: { length: 1_000 }, count: 1_001 })
  })

  test('may be folded otherwise', async () => {
    const sum = json(price, { initial: () => 0, reduce: (total, { prices }) => total + prices.length })
    expectTypeOf(sum).toEqualTypeOf<Protocol<Price, number>>()
    const read = await settle(sum, events(seoul, seoul, '[DONE]'), 'text/event-stream')
    expect(read.data).toBe(2)
    const first = json(price, {
      terminal: ({ city }) => city !== '',
      initial: () => new Set<string>(),
      reduce: (cities, { city }) => new Set([...cities, city]),
    })
    expectTypeOf(first).toEqualTypeOf<Protocol<Price, Set<string>>>()
    expect((await settle(first, events(seoul, busan), 'text/event-stream')).data).toEqual(new Set([seoul.city]))
  })
})

test.each([
  ['schema', () => json({} as never)],
  ['schema', () => json(null as never)],
  ['terminal', () => json(price, { terminal: '' })],
  ['terminal', () => json(price, { terminal: 5 as never })],
  ['events', () => json(price, { events: 'price' as never })],
  ['keep', () => json(price, { keep: 0 })],
  ['initial', () => json(price, { initial: () => 0 } as never)],
  ['keeps', () => json(price, { keeps: 5 } as never)],
])('the option %s is checked', (option, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'option', message: expect.stringContaining(`\`${option}\``) }))
})
