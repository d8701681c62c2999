import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { createLogServer, type Fault } from '../test/keepstream-server'
import { scriptedTransport } from '../test/scripted-transport'
import { StreamError } from './errors'
import { inspect } from './inspect'
import { keepstream } from './protocols/keepstream'
import { createRecorder, type RecordedLine, replay } from './record'
import { createStream } from './stream'
import type { StreamOptions } from './stream-options'
import type { Transport } from './transports/transport'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)
const linesOf = (recording: string) =>
  recording
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedLine)
const typesOf = (recording: string) => linesOf(recording).map(({ type, connection }) => `${connection} ${type}`)
const open = (transport: Transport, options: Partial<StreamOptions<never, never>> = {}) =>
  createStream({
    protocol: keepstream(),
    transport,
    retry: { jitterFactor: 0, baseDelay: 1, maxRetries: 3 },
    ...(options as object),
  })

/** A request of nobody, for a transport that is used without a stream. */
const asked = (signal: AbortSignal = new AbortController().signal) => ({
  cursor: undefined,
  attempt: 1,
  signal,
  start: undefined,
  location: undefined,
})

/** The signals of one run that is played to its end, and what it came to. */
async function run(transport: Transport, options?: Partial<StreamOptions<never, never>>) {
  const stream = open(transport, options)
  const signals: unknown[] = []
  const leave = inspect(({ stream: { get }, signal }) => {
    if (get !== stream.get) return
    // When the wait ends, and how a transport counts, is of the machine that plays.
    const { retryAt: _, bytes: __, error, ...rest } = signal as unknown as Record<string, unknown>
    const { code, message, retryAfter, reason, status } = (error ?? {}) as StreamError
    signals.push({ ...rest, code, message, retryAfter, reason, status })
  })
  const running = stream.start('question')
  await settle(600_000)
  leave()
  const { status, data, cursor, error } = stream.get()
  stream.detach()
  await running
  return { signals, status, data, cursor, error: error && `${error.code} ${error.message}` }
}

const fault: fc.Arbitrary<Fault | undefined> = fc.oneof(
  fc.constant({ type: 'refused' as const }),
  fc.record({ type: fc.constantFrom('cut' as const, 'close' as const), at: fc.nat(12) }),
  fc.record({ type: fc.constant('replay' as const), back: fc.nat(4), at: fc.nat(12) }),
  fc.record({ type: fc.constantFrom('twice' as const, 'hole' as const, 'leap' as const), at: fc.nat(12) }),
  fc.record({ type: fc.constantFrom('bye' as const, 'restart' as const), at: fc.nat(12) }),
  fc.constant(undefined),
)

test('what is replayed gives the same signals and the same snapshot, for random cuts, refusals and resets', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1, maxLength: 5, unit: 'binary' }), { maxLength: 8 }),
      fc.array(fault, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      async (texts, faults, sizes) => {
        const server = createLogServer(
          texts.map((value) => ({ event: 'text', value })),
          [],
        )
        const transport = scriptedTransport({
          play: (attempt, number) => server.answer(attempt, faults[number - 1], sizes),
        })
        const recorder = createRecorder()
        const original = await run(transport, { via: [recorder.wrapper] })
        const replayed = await run(replay(recorder.text()))
        // A transport that names no carrier is replayed as a replay.
        const named = original.signals.map((signal) =>
          (signal as { type: string }).type === 'opened' ? { ...(signal as object), carrier: 'replay' } : signal,
        )
        expect(replayed).toEqual({ ...original, signals: named })
      },
    ),
    { numRuns: 100 },
  )
})

describe('a recording', () => {
  test('keeps clocks that ran out as failures, which a replay repeats without waiting for them', async () => {
    const recorder = createRecorder()
    const transport = scriptedTransport({
      play(attempt, number) {
        if (number === 2) attempt.accept({ location: '/1' }).send(hello(0), text(1, 'a'))
        if (number === 3) attempt.accept().send(hello(1), text(2, 'b'), end(3))
      },
    })
    const original = await run(transport, { via: [recorder.wrapper] })
    expect(original).toMatchObject({ status: 'done', data: { text: 'ab' } })
    expect(linesOf(recorder.text()).filter(({ type }) => type === 'failed')).toMatchObject([
      { code: 'timeout', reason: 'connect' },
      { code: 'timeout', reason: 'stall' },
    ])
    const stream = open(replay(recorder.text()))
    const running = stream.start('question')
    await settle(1_000)
    expect((await running).data.text).toBe('ab')
  })

  test.each(['before', 'after'])('stays open where the stream was left %s it opened', async (when) => {
    const recorder = createRecorder()
    const transport = scriptedTransport()
    const first = open(transport, { via: [recorder.wrapper] })
    void first.start('question')
    await settle()
    if (when === 'after') transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    first.detach()
    await settle()
    expect(typesOf(recorder.text()).at(-1)).toBe('1 left')
    const second = open(replay(recorder.text()), {
      clocks: { connect: Infinity, firstEvent: Infinity, stall: Infinity },
    })
    void second.start('question')
    await settle(60_000)
    expect(second.get().connection.state).toBe(when === 'after' ? 'open' : 'connecting')
    expect(second.get().data.text).toBe(when === 'after' ? 'a' : '')
    second.detach()
  })

  test('is left, not closed, where the transport just ends when it is aborted', async () => {
    const recorder = createRecorder()
    const controller = new AbortController()
    const transport: Transport = async ({ signal }) => ({
      async *[Symbol.asyncIterator]() {
        yield [hello(0)]
        if (!signal.aborted) throw new Error('not yet')
      },
    })
    const connection = await recorder.wrapper(transport)(asked(controller.signal))
    for await (const _ of connection) controller.abort()
    expect(typesOf(recorder.text())).toEqual(['1 open', '1 opened', '1 read', '1 left'])
  })

  test('keeps connections apart that overlap, as where a stream begins anew', async () => {
    const recorder = createRecorder()
    const transport = scriptedTransport()
    const first = open(transport, { via: [recorder.wrapper] })
    void first.start('one')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    void first.start('two')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'b'), end(2))
    await settle()
    expect(first.get().data.text).toBe('b')
    const second = open(replay(recorder.text()))
    void second.start('one')
    await settle()
    expect(second.get().data.text).toBe('a')
    void second.start('two')
    await settle()
    expect(second.get()).toMatchObject({ status: 'done', data: { text: 'b' } })
  })

  test('has no input, header or token in it, unless inputs are asked for', async () => {
    const secret = 'hunter2'
    const fetch = (async (_url: string, init?: RequestInit) => {
      if (init?.method === 'POST') throw new TypeError('fetch failed')
      return new Response()
    }) as typeof globalThis.fetch
    const options = {
      url: `https://me:${secret}@host.test/chat?token=${secret}#${secret}`,
      headers: { authorization: `Bearer ${secret}` },
      fetch,
      retry: { maxRetries: 1, baseDelay: 1 },
      protocol: keepstream(),
    }
    for (const inputs of [false, true]) {
      const recorder = createRecorder({ inputs })
      const stream = createStream({ ...options, via: [recorder.wrapper] })
      void stream.start({ prompt: 'private' })
      await settle(1_000)
      expect(stream.get().status).toBe('failed')
      expect(recorder.text()).not.toContain(secret)
      expect(recorder.text().includes('private')).toBe(inputs)
    }
    const recorder = createRecorder()
    const located = scriptedTransport({
      play: (attempt) =>
        attempt.accept({ location: `https://host.test/streams/1?token=${secret}` }).send(hello(0), end(1)),
    })
    void open(located, { via: [recorder.wrapper] }).start('private')
    await settle()
    expect(recorder.text()).toContain('https://host.test/streams/1"')
    expect(recorder.text()).not.toMatch(/hunter2|private/)
  })

  test('ends at its bound and says so; what it has can be replayed', async () => {
    const recorder = createRecorder({ maxLength: 500 })
    const transport = scriptedTransport({ play: (attempt) => attempt.accept({ location: '/1' }).send(hello(0)) })
    const stream = open(transport, { via: [recorder.wrapper] })
    void stream.start('question')
    await settle()
    for (let position = 1; position < 1_000; position++) transport.latest().send(text(position, 'word'))
    await settle()
    expect(recorder.text().length).toBeLessThan(600)
    expect(linesOf(recorder.text()).at(-1)?.type).toBe('full')
    stream.detach()
    await settle()
    expect(typesOf(recorder.text()).filter((line) => line.endsWith('full'))).toHaveLength(1)
    const again = open(replay(recorder.text()))
    void again.start('question')
    await settle()
    expect(again.get()).toMatchObject({ status: 'streaming', connection: { state: 'open' } })
    expect(again.get().data.text).toMatch(/^(word)+$/)
    again.detach()
  })

  test('passes a stop on, and has none where the transport has none', () => {
    const { wrapper } = createRecorder()
    const stop = async () => {}
    expect(wrapper(scriptedTransport({ stop })).stop).toBeTypeOf('function')
    expect(wrapper(scriptedTransport()).stop).toBeUndefined()
  })
})

describe('a replay', () => {
  const recording = [
    { at: 0, connection: 1, type: 'open', attempt: 1 },
    { at: 100, connection: 1, type: 'opened', location: '/1', carrier: 'websocket' },
    { at: 300, connection: 1, type: 'read', frames: [hello(0), text(1, 'a')] },
    { at: 1_000, connection: 1, type: 'read', frames: [text(2, 'b'), end(3)] },
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')

  test.each([
    [1, 1],
    [10, 0.1],
  ])('keeps the times of the recording at speed %d', async (speed, factor) => {
    const stream = open(replay(recording, { speed }))
    const running = stream.start('question')
    const texts: string[] = []
    let now = 0
    for (const until of [90, 110, 290, 310, 990, 1_010]) {
      await settle((until - now) * factor)
      now = until
      texts.push(`${until} ${stream.get().connection.state} ${stream.get().data.text}`)
    }
    expect(texts).toEqual(['90 connecting ', '110 open ', '290 open ', '310 open a', '990 open a', '1010 closed ab'])
    await running
  })

  test('does not fall behind where its reader is slow', async () => {
    const began = performance.now()
    const times: number[] = []
    const reading = (async () => {
      for await (const _ of await replay(recording, { speed: 1 })(asked())) {
        times.push(performance.now() - began)
        await new Promise((resolve) => setTimeout(resolve, 500))
        if (times.length === 2) break
      }
    })()
    await settle(5_000)
    await reading
    expect(times.map(Math.round)).toEqual([300, 1_000])
  })

  test('ends at once when it is aborted, and before it begins', async () => {
    const controller = new AbortController()
    const opening = replay(recording, { speed: 1 })(asked(controller.signal))
    const refused = expect(opening).rejects.toThrow('enough')
    await settle(50)
    controller.abort(new Error('enough'))
    await refused
    await expect(replay(recording)(asked(controller.signal))).rejects.toThrow('enough')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('of one connection more than were recorded fails for good', async () => {
    const transport = replay(recording)
    await transport(asked())
    await expect(transport(asked())).rejects.toMatchObject({ code: 'unsupported', retryable: false })
  })

  test.each([
    ['', /empty/],
    ['\n\n', /empty/],
    ['nonsense', /Line 1/],
    ['null', /Line 1/],
    [`${recording}{"at":1`, /Line 5/],
    [`${recording}{"at":1,"connection":2,"type":"closed"}`, /Line 5/],
    [`${recording}{"at":1,"connection":1,"type":"open","attempt":1}`, /Line 5/],
    [`${recording}{"at":1,"connection":1,"type":"other"}`, /Line 5/],
    [`${recording}{"at":1,"connection":1,"type":"read"}`, /Line 5/],
    [`${recording}{"at":1,"connection":1,"type":"read","frames":[{"event":1,"data":""}]}`, /Line 5/],
    [`${recording}{"at":"1","connection":1,"type":"closed"}`, /Line 5/],
    [`${recording}{"at":1,"connection":1,"type":"failed"}`, /Line 5/],
  ])('refuses what no recorder writes: %j', (broken, sentence) => {
    expect(() => replay(broken)).toThrow(sentence)
  })

  test('reads a recording with the line ends of another system', async () => {
    const stream = open(replay(recording.replaceAll('\n', '\r\n')))
    void stream.start('question')
    await settle()
    expect(stream.get().status).toBe('done')
  })
})

test('the options are refused with a sentence', () => {
  expect(() => createRecorder({ maxLength: -1 })).toThrow(/`maxLength`/)
  expect(() => createRecorder({ inputs: 1 as never })).toThrow(/`inputs`/)
  expect(() => createRecorder({ size: 1 } as never)).toThrow(/no option `size`/)
  expect(() => replay(undefined as never)).toThrow(/`recording` is undefined/)
  for (const speed of [0, -1, Number.NaN]) expect(() => replay('', { speed })).toThrow(/`speed`/)
})

test('a failure keeps all that the engine judges by', async () => {
  const recorder = createRecorder()
  const error = new StreamError('http', 'Busy.', { status: 503, retryAfter: 7, reason: 'busy', retryable: true })
  const refusing = recorder.wrapper(scriptedTransport({ play: (attempt) => attempt.refuse(error) }))
  await expect(refusing(asked())).rejects.toBe(error)
  const replayed = await replay(recorder.text())(asked()).catch((cause: StreamError) => cause)
  expect({ ...replayed, message: (replayed as StreamError).message }).toEqual({ ...error, message: 'Busy.' })
})
