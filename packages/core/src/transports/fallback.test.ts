// Above 150 lines: each way in which the first way can fail, and what is learned from it.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ScriptedTransport, scriptedTransport } from '../../test/scripted-transport'
import { StreamError } from '../errors'
import { keepstream } from '../protocols/keepstream'
import { createStream } from '../stream'
import { type FallbackOptions, fallback, prefer } from './fallback'
import type { Connection, OpenRequest, Transport } from './transport'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const frame = { event: 'text', data: '"a"', id: 'e-1' }
const network = () => new StreamError('network', 'No.')
const accepts = () => scriptedTransport({ play: (attempt) => attempt.accept() })
const refuses = (error: () => unknown = network) => scriptedTransport({ play: (attempt) => attempt.refuse(error()) })

const request = (given: Partial<OpenRequest> = {}): OpenRequest => ({
  cursor: undefined,
  attempt: 1,
  signal: new AbortController().signal,
  start: undefined,
  location: undefined,
  ...given,
})

const open = (transport: Transport, given?: Partial<OpenRequest>): Promise<Connection> => transport(request(given))

/** Opens, lets `act` play the connection that came about, and reads to its end. */
async function visit(transport: Transport, act: () => void, given?: Partial<OpenRequest>): Promise<unknown> {
  const connection = await open(transport, given)
  act()
  try {
    for await (const _ of connection) {
    }
    return undefined
  } catch (error) {
    return error
  }
}

const used = (...transports: ScriptedTransport[]) => transports.map(({ attempts }) => attempts.length)

describe('where the first way cannot be opened', () => {
  test('the second is used within the same attempt, and alone after two failures in a row', async () => {
    const [first, second] = [refuses(), accepts()]
    const transport = fallback(first, second)
    const given = { cursor: 'e-5', start: { input: 1, key: 'k' }, attempt: 3 }
    for (let index = 0; index < 4; index++) await open(transport, given)
    expect(used(first, second)).toEqual([2, 4])
    for (const { request } of [...first.attempts, ...second.attempts]) expect(request).toMatchObject(given)
  })

  test('a success between takes the first failure back', async () => {
    let broken = true
    const first = scriptedTransport({ play: (attempt) => (broken ? attempt.refuse(network()) : attempt.accept()) })
    const second = accepts()
    const transport = fallback(first, second)
    for (let index = 0; index < 4; index++) {
      broken = true
      await open(transport)
      broken = false
      await visit(transport, () => first.latest().send(frame).close())
    }
    expect(used(first, second)).toEqual([8, 4])
  })

  test('and the second cannot either, nothing is learned: it is the server that is away', async () => {
    const [first, second] = [refuses(), refuses(() => new StreamError('network', 'Neither.'))]
    const transport = fallback(first, second)
    for (let index = 0; index < 5; index++) await expect(open(transport)).rejects.toThrow('Neither.')
    expect(used(first, second)).toEqual([5, 5])
  })

  test('what can never succeed is not tried twice', async () => {
    for (const code of ['unsupported', 'content-type'] as const) {
      const [first, second] = [refuses(() => new StreamError(code, 'Never.')), accepts()]
      const transport = fallback(first, second)
      for (let index = 0; index < 3; index++) await open(transport)
      expect(used(first, second)).toEqual([1, 3])
    }
  })

  test.each([
    ['a refusal', new StreamError('http', 'No.', { status: 503 })],
    ['a stream that is gone', new StreamError('gone', 'No.', { status: 404 })],
    ['a wrong option', new StreamError('option', 'No.')],
    ['an announced end', new StreamError('network', 'Drain.', { retryAfter: 1_000 })],
  ])('%s is an answer: it is passed on, and says nothing against the way', async (_, error) => {
    const [first, second] = [refuses(() => error), accepts()]
    const transport = fallback(first, second)
    for (let index = 0; index < 3; index++) await expect(open(transport)).rejects.toBe(error)
    expect(used(first, second)).toEqual([3, 0])
  })

  test('an abort by the person says nothing; a clock that ran out does, though the second has no time any more', async () => {
    for (const [reason, attempts] of [
      [new Error('left'), 4],
      [new StreamError('timeout', 'Slow.', { reason: 'connect' }), 2],
    ] as const) {
      const [first, second] = [scriptedTransport(), accepts()]
      const transport = fallback(first, second)
      for (let index = 0; index < 4; index++) {
        const controller = new AbortController()
        const opening = open(transport, { signal: controller.signal })
        controller.abort(reason)
        await opening.catch((error) => expect(error).toBe(reason))
      }
      expect(first.attempts).toHaveLength(attempts)
    }
  })

  test('a signal that is aborted already ends both at once', async () => {
    const [first, second] = [scriptedTransport(), scriptedTransport()]
    const reason = new Error('left')
    await expect(open(fallback(first, second), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(used(first, second)).toEqual([1, 0])
  })
})

describe('where the first way breaks', () => {
  const twice = async (act: (first: ScriptedTransport) => unknown, options?: FallbackOptions) => {
    const [first, second] = [accepts(), accepts()]
    const transport = fallback(first, second, options)
    for (let index = 0; index < 2; index++) {
      const controller = new AbortController()
      const reading = visit(transport, () => {}, { signal: controller.signal })
      await vi.advanceTimersByTimeAsync(0)
      await act(first)
      await reading
    }
    const connection = await open(transport)
    return { carriers: used(first, second), connection }
  }

  test.each<[string, (first: ScriptedTransport) => unknown]>([
    ['before its first event', (first) => first.latest().cut(network())],
    [
      'before its first event, however long that took',
      async (first) => {
        await vi.advanceTimersByTimeAsync(60_000)
        first.latest().cut(network())
      },
    ],
    ['with a clean end before its first event', (first) => first.latest().send().close()],
    ['soon', (first) => first.latest().send(frame).cut(network())],
  ])('%s, twice in a row, the second is used', async (_, act) => {
    expect((await twice(act)).carriers).toEqual([2, 1])
  })

  test.each<[string, (first: ScriptedTransport) => unknown]>([
    [
      'late',
      async (first) => {
        first.latest().send(frame)
        await vi.advanceTimersByTimeAsync(5_000)
        first.latest().cut(network())
      },
    ],
    ['as it announced', (first) => first.latest().cut(new StreamError('network', 'Drain.', { retryAfter: 1 }))],
    ['by a refusal', (first) => first.latest().cut(new StreamError('http', 'No.', { status: 401 }))],
    ['not at all: it ends', (first) => first.latest().send(frame).close()],
  ])('%s, it stays in use', async (_, act) => {
    expect((await twice(act)).carriers).toEqual([3, 0])
  })

  test('after a clock that ran out without a first event, the second is used', async () => {
    const [first, second] = [accepts(), accepts()]
    const transport = fallback(first, second)
    for (let index = 0; index < 2; index++) {
      const controller = new AbortController()
      const reading = visit(transport, () => {}, { signal: controller.signal })
      await vi.advanceTimersByTimeAsync(0)
      controller.abort(new StreamError('timeout', 'Nothing.', { reason: 'firstEvent' }))
      await reading
    }
    await open(transport)
    expect(used(first, second)).toEqual([2, 1])
  })

  test('what is early, how often is too often, and when to try again are options', async () => {
    const [first, second] = [accepts(), accepts()]
    const transport = fallback(first, second, { failures: 1, early: 100, again: 10_000 })
    await visit(transport, () => first.latest().send(frame).cut(network()))
    await open(transport)
    expect(used(first, second)).toEqual([1, 1])
    await vi.advanceTimersByTimeAsync(10_000)
    await open(transport)
    expect(used(first, second)).toEqual([2, 1])
  })
})

test('a connection is what its transport says that it is: its place, its carrier and its bytes', async () => {
  const first: Transport = async () => ({
    location: 'http://a.invalid/1',
    carrier: 'websocket',
    bytes: () => 5,
    async *[Symbol.asyncIterator]() {
      yield [frame]
    },
  })
  const connection = await open(fallback(first, refuses()))
  expect(connection).toMatchObject({ location: 'http://a.invalid/1', carrier: 'websocket' })
  expect(connection.bytes!()).toBe(5)
  for await (const read of connection) expect(read).toEqual([frame])
})

test('what is left early is left in the transport too', async () => {
  const first = accepts()
  const reading = (await open(fallback(first, accepts())))[Symbol.asyncIterator]()
  first.latest().send(frame)
  await reading.next()
  await reading.return!()
  expect(first.held()).toBe(0)
})

describe('a stop', () => {
  const stopping = (outcome?: () => unknown) =>
    scriptedTransport({
      play: (attempt) => attempt.refuse(network()),
      stop: async () => {
        if (outcome) throw outcome()
      },
    })
  const stop = (transport: Transport) =>
    transport.stop!({ location: 'l', start: undefined, signal: new AbortController().signal })

  test('goes by the way that is in use', async () => {
    const [first, second] = [
      stopping(),
      scriptedTransport({ play: (attempt) => attempt.accept(), stop: async () => {} }),
    ]
    const transport = fallback(first, second)
    await stop(transport)
    expect([first.stops.length, second.stops.length]).toEqual([1, 0])
    for (let index = 0; index < 2; index++) await open(transport)
    await stop(transport)
    expect([first.stops.length, second.stops.length]).toEqual([1, 1])
  })

  test('that does not get through by the first goes by the second at once; a refusal does not', async () => {
    const second = stopping()
    await stop(fallback(stopping(network), second))
    expect(second.stops).toMatchObject([{ location: 'l' }])
    const gone = new StreamError('gone', 'No.')
    await expect(
      stop(
        fallback(
          stopping(() => gone),
          second,
        ),
      ),
    ).rejects.toBe(gone)
    expect(second.stops).toHaveLength(1)
  })

  test('goes by the way that can; where neither can, there is none', async () => {
    const second = stopping()
    await stop(fallback(accepts(), second))
    await stop(fallback(second, accepts()))
    expect(second.stops).toHaveLength(2)
    expect(fallback(accepts(), accepts()).stop).toBeUndefined()
  })
})

test('what one stream has learned, all that share the wrapper know', async () => {
  const [first, one, two] = [refuses(), accepts(), accepts()]
  const wrap = prefer(first)
  for (let index = 0; index < 2; index++) await open(wrap(one))
  await open(wrap(two))
  expect(used(first, one, two)).toEqual([2, 2, 1])
})

test.each<[string, object]>([
  ['failures', { failures: 'two' }],
  ['early', { early: -1 }],
  ['afterwards', { afterwards: 1 }],
])('a wrong option `%s` is a sentence', (name, options) => {
  expect(() => prefer(accepts(), options)).toThrow(`\`${name}\``)
})

test('what is no transport is refused at once', () => {
  expect(() => prefer({} as never)).toThrow('`first`')
  expect(() => fallback(accepts(), undefined as never)).toThrow('`second`')
})

test('whatever either way does, an answer is whole, and its parts come once', async () => {
  const fate = fc.record({ way: fc.constantFrom('refuse', 'cut', 'close'), words: fc.nat(3) })
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { maxLength: 30, size: 'max' }), async (fates) => {
      let next = 0
      const total = 5
      // A server with one log; how each connection ends is drawn, until nothing is drawn any more.
      const play = (attempt: ReturnType<ScriptedTransport['latest']>) => {
        const { way, words } = fates[next++] ?? { way: 'whole', words: total }
        if (way === 'refuse') return attempt.refuse(network())
        const seen = Number(attempt.request.cursor?.slice(2) ?? 0)
        attempt.accept({ location: 'http://a.invalid/1' }).send({ event: 'hello', data: '{}', id: `e-${seen}` })
        for (let seq = seen + 1; seq <= Math.min(total, seen + words); seq++) {
          attempt.send({ event: 'text', data: `"${seq}"`, id: `e-${seq}` })
        }
        if (way === 'whole') attempt.send({ event: 'end', data: `{"state":"done","n":${total}}`, id: `e-${total + 1}` })
        else if (way === 'cut') attempt.cut(network())
        else attempt.close()
      }
      const stream = createStream({
        protocol: keepstream(),
        transport: fallback(scriptedTransport({ play }), scriptedTransport({ play })),
        retry: { maxRetries: Infinity, baseDelay: 1, maxDelay: 1 },
      })
      const run = stream.start()
      await vi.advanceTimersByTimeAsync(1_000)
      expect(await run).toMatchObject({ status: 'done', data: { text: '12345' } })
    }),
    { numRuns: 100 },
  )
})
