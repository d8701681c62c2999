import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createStream } from '../stream'
import { type TopicOptions, type TopicPart, topic } from './topic'

const { decode, initial, reduce } = topic()
const message = (event: string, data: unknown, id?: string) => ({ type: 'message', event, data, id }) as const
const gap = (reason: string) => ({ type: 'gap', reason }) as const
const frame = (event: string, data: unknown, id?: string) => ({
  event,
  data: JSON.stringify(data),
  ...(id !== undefined && { id }),
})
const fold = (options: TopicOptions, ...parts: readonly TopicPart[]) => {
  const { reduce, initial } = topic(options)
  return parts.reduce(reduce, initial())
}

type Sent = readonly [event: string, data: unknown, id?: string]
const wire = (...sent: readonly Sent[]) =>
  sent
    .map(
      ([event, data, id]) =>
        `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
    )
    .join('')
const numbered = (from: number, to: number, epoch = 'e'): readonly Sent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ['count', from + index, `${epoch}-${from + index}`] as const)

let hosts = 0

/** Reads one connection after the other, each cut where its text ends, and stays with the last one. */
function follow(options: TopicOptions, ...connections: readonly string[]) {
  const asked: (string | null)[] = []
  const stream = createStream({
    // A host of its own: all streams of one share a budget of retries.
    url: `https://${++hosts}.news.example/api`,
    method: 'GET',
    protocol: topic(options),
    retry: { baseDelay: 1, maxDelay: 1 },
    schedule: (notify) => notify(),
    fetch: async (_, init) => {
      asked.push(new Headers(init?.headers).get('last-event-id'))
      const text = connections[asked.length - 1]
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          if (text !== undefined) controller.enqueue(new TextEncoder().encode(text))
          if (asked.length < connections.length) controller.close()
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  void stream.start()
  return { stream, asked, data: () => stream.get().data }
}

const hello = (id: string): Sent => ['hello', { heartbeat: 15_000 }, id]
const lost: Sent = ['hello', { heartbeat: 15_000, resumed: false }]

describe('messages', () => {
  test('come with their name, any JSON and their place', async () => {
    const sent: readonly Sent[] = [
      ['headline', { title: '속보 🗞️' }, 'e-1'],
      ['nothing', null, 'e-2'],
      ['headline', 'plain', 'e-3'],
    ]
    const { stream, data } = follow({}, wire(hello('e-0'), ...sent))
    await expect.poll(() => data().count).toBe(3)
    expect(data().items).toEqual(sent.map(([event, value, id]) => message(event, value, id)))
    expect(data().latest).toBe(data().items[2])
    stream.detach()
  })

  test.each(['text', 'reasoning', 'tool-call', 'usage', 'finish', 'status', 'progress', 'result', 'data'])(
    'may be called %s, which elsewhere has a meaning',
    (event) => {
      expect(decode(frame(event, 5, 'e-1'), 'e-0')).toEqual([message(event, 5, 'e-1')])
    },
  )

  test('that are not asked for are passed over, and their place is not', async () => {
    const sent: readonly Sent[] = [
      ['other', 1, 'e-1'],
      ['count', 2, 'e-2'],
      ['other', 3, 'e-3'],
    ]
    const { stream, data, asked } = follow({ events: ['count'] }, wire(hello('e-0'), ...sent), wire(hello('e-3')))
    await expect.poll(() => asked).toEqual([null, 'e-3'])
    expect(data().items).toEqual([message('count', 2, 'e-2')])
    stream.detach()
  })

  test('that are no JSON are a decode error that names the event', () => {
    expect(() => decode({ event: 'headline', data: '{', id: 'e-1' }, undefined)).toThrow('`headline` is not JSON')
  })

  test('are kept as they came: the newest 200, or as many as asked for, and all are counted', () => {
    const many = Array.from({ length: 250 }, (_, index) => message('count', index))
    expect(fold({}, ...many)).toMatchObject({ count: 250, latest: { data: 249 } })
    expect(fold({}, ...many).items.map((item) => item.type === 'message' && item.data)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 50),
    )
    expect(fold({ keep: 1 }, ...many).items).toEqual([message('count', 249)])
  })
})

describe('who was cut off', () => {
  test('has every message once and in order, wherever the cuts are and whatever comes again', async () => {
    const total = 40
    const cuts = fc.uniqueArray(fc.integer({ min: 0, max: total }), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(cuts, fc.nat({ max: 3 }), fc.nat({ max: 12 }), async (places, again, torn) => {
        const edges = [0, ...places.sort((a, b) => a - b), total]
        const connections = edges.slice(1).map((end, index) => {
          const from = Math.max(1, edges[index]! + 1 - again)
          const whole = wire(hello(`e-${from - 1}`), ...numbered(from, end))
          // What was torn off an event is sent again.
          return end === total ? whole : whole + wire(['count', end + 1, `e-${end + 1}`]).slice(0, torn)
        })
        const { stream, data } = follow({}, ...connections)
        await expect.poll(() => data().count, { interval: 1 }).toBe(total)
        expect(data().items).toEqual(numbered(1, total).map(([event, value, id]) => message(event, value, id)))
        stream.detach()
      }),
      { numRuns: 25 },
    )
  })

  test('before the first message gets what was published meanwhile', async () => {
    const { stream, data, asked } = follow({}, wire(hello('e-7')), wire(hello('e-7'), ...numbered(8, 9)))
    await expect.poll(() => data().count).toBe(2)
    expect(asked).toEqual([null, 'e-7'])
    stream.detach()
  })

  test('is not given a topic with a hole', () => {
    expect(() => decode(frame('count', 5, 'e-5'), 'e-3')).toThrow('missing')
    expect(decode(frame('count', 3, 'e-3'), 'e-3')).toEqual({ type: 'duplicate' })
  })
})

describe('who was away for too long', () => {
  test.each([
    ['evicted', 'e'],
    ['epoch', 'f'],
  ])('keeps what was read, is told of the gap, and goes on from there: %s', async (reason, epoch) => {
    const back = wire(lost, ['reset', { reason, earliest: 10 }, `${epoch}-9`], ...numbered(10, 11, epoch))
    const { stream, data, asked } = follow({}, wire(hello('e-0'), ...numbered(1, 2)), back, wire(hello(`${epoch}-11`)))
    await expect.poll(() => asked).toEqual([null, 'e-2', `${epoch}-11`])
    expect(data()).toMatchObject({ count: 4, latest: { data: 11 } })
    expect(data().items).toEqual([
      message('count', 1, 'e-1'),
      message('count', 2, 'e-2'),
      gap(reason),
      message('count', 10, `${epoch}-10`),
      message('count', 11, `${epoch}-11`),
    ])
    stream.detach()
  })

  test('is told at once, also where nothing follows, and once where it happens twice', () => {
    const one = message('count', 1)
    expect(fold({}, one, gap('evicted'))).toMatchObject({ items: [one, gap('evicted')], latest: one, count: 1 })
    expect(fold({}, one, gap('evicted'), gap('epoch')).items).toEqual([one, gap('epoch')])
    expect(fold({ keep: 2 }, one, one, gap('evicted')).items).toEqual([one, gap('evicted')])
  })
})

test('a server that closes for a moment is come back to', () => {
  expect(() => decode(frame('bye', { reason: 'drain', after: 5 }), undefined)).toThrow('closes')
})

test('nothing has happened in the beginning', () => {
  expect(initial()).toEqual({ items: [], latest: undefined, count: 0 })
  expect(reduce(initial(), message('count', 1))).not.toBe(initial())
})

test.each([
  [{ keep: 0 }, '`keep` is 0'],
  [{ events: 'count' }, '`events` is "count"'],
  [{ names: [] }, 'no option `names`'],
])('a wrong option is refused: %j', (options, sentence) => {
  expect(() => topic(options as unknown as TopicOptions)).toThrow(sentence)
})
