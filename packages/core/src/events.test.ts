import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, reset, text } from '../test/keepstream-frames'
import { type ScriptedAttempt, scriptedTransport } from '../test/scripted-transport'
import { StreamError } from './errors'
import { type StreamEvent, watchEvents } from './events'
import { createPool } from './pool'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

function setup(plays: readonly ((attempt: ScriptedAttempt) => unknown)[] = [], via = createPool().for('model')) {
  const transport = scriptedTransport({
    play: (attempt, number) => plays[number - 1]?.(attempt),
    stop: async () => {},
  })
  const retry = { baseDelay: 10, maxRetries: 1, jitterFactor: 0 }
  const stream = createStream({ protocol: keepstream(), transport, retry, via: [via] })
  const events: StreamEvent[] = []
  const leave = watchEvents(stream, (event) => events.push(event))
  return { stream, transport, events, leave }
}

/** An event in a word or two. */
const short = (event: StreamEvent): string => {
  switch (event.type) {
    case 'connecting':
    case 'retry-scheduled':
      return `${event.type} ${event.attempt}`
    case 'queued':
      return `queued ${event.position}`
    case 'resumed':
      return `resumed ${event.cursor}`
    case 'reset':
      return `reset ${event.reason}`
    case 'end':
      return `end ${event.status}${event.error ? ` ${event.error.code}` : ''}`
    default:
      return event.type
  }
}

const refuse = (attempt: ScriptedAttempt) => attempt.refuse(new StreamError('network', 'Down.'))
const bad = (attempt: ScriptedAttempt) => attempt.refuse(new StreamError('http', 'Bad.', { status: 400 }))
const begin = (attempt: ScriptedAttempt) => attempt.accept({ location: '/1' }).send(hello(0), text(1, 'a'))
const cut = (attempt: ScriptedAttempt) => begin(attempt).cut()
const finish = (attempt: ScriptedAttempt) => attempt.accept().send(hello(1), text(2, 'b'), end(3))

describe('the events of a run', () => {
  test.each<[string, ((attempt: ScriptedAttempt) => unknown)[], string[]]>([
    [
      'that goes well',
      [(attempt) => attempt.accept().send(hello(0), text(1, 'a'), end(2))],
      ['connecting 1', 'open', 'end done'],
    ],
    [
      'that is cut and resumed',
      [cut, finish],
      ['connecting 1', 'open', 'retry-scheduled 2', 'connecting 2', 'resumed e-1', 'end done'],
    ],
    [
      'that is refused for ever',
      [refuse, refuse],
      ['connecting 1', 'retry-scheduled 2', 'connecting 2', 'retry-exhausted', 'end failed network'],
    ],
    [
      'that is cut for ever',
      [cut, refuse],
      ['connecting 1', 'open', 'retry-scheduled 2', 'connecting 2', 'retry-exhausted', 'end interrupted network'],
    ],
    ['that is refused for good', [bad], ['connecting 1', 'end failed http']],
    [
      'whose server lost its log',
      [cut, (attempt) => attempt.accept().send(...reset('f-0', 'epoch'), text('f-1', 'x'), end(2))],
      ['connecting 1', 'open', 'retry-scheduled 2', 'connecting 2', 'resumed e-1', 'reset epoch'],
    ],
    [
      'that fails after progress has forgiven its failures',
      [
        cut,
        (attempt) =>
          attempt.accept().send(hello(1), text(2, 'b'), end(3, 'failed', { error: { code: 'x', message: 'No.' } })),
      ],
      ['connecting 1', 'open', 'retry-scheduled 2', 'connecting 2', 'resumed e-1', 'end failed server'],
    ],
  ])('%s', async (_, plays, expected) => {
    const { stream, events } = setup(plays)
    void stream.start('question')
    await settle(1_000)
    expect(events.map(short).slice(0, expected.length)).toEqual(expected)
    if (expected.at(-1)?.startsWith('end')) expect(events).toHaveLength(expected.length)
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((one, other) => one - other))
    stream.detach()
  })

  test('that waits in a queue', async () => {
    const pool = createPool({ limits: { model: [1, 1] } })
    const first = setup([begin], pool.for('model'))
    const second = setup([(attempt) => attempt.accept().send(hello(0), end(1))], pool.for('model'))
    void first.stream.start('one')
    await settle()
    void second.stream.start('two')
    await settle()
    void first.stream.stop()
    await settle(5_000)
    expect(second.events.map(short)).toEqual(['connecting 1', 'queued 1', 'connecting 1', 'open', 'end done'])
    expect(first.events.map(short)).toEqual(['connecting 1', 'open', 'end stopped'])
  })

  test('whose request waits for something else, as a token, connects once', async () => {
    const { stream, events } = setup([], (transport) => async (request) => {
      request.waits?.(0)
      await new Promise((resolve) => setTimeout(resolve, 100))
      request.waits?.(undefined)
      return transport(request)
    })
    void stream.start('question')
    await settle(200)
    expect(events.map(short)).toEqual(['connecting 1'])
    stream.detach()
  })

  test('that is stopped, which is told once however often it is confirmed', async () => {
    const { stream, events } = setup([begin])
    void stream.start('question')
    await settle()
    void stream.stop()
    void stream.stop()
    await settle(10_000)
    await stream.stop()
    expect(events.map(short)).toEqual(['connecting 1', 'open', 'end stopped'])
  })

  test('that is stopped after it was interrupted', async () => {
    const { stream, events } = setup([cut, refuse])
    void stream.start('question')
    await settle(1_000)
    await stream.stop()
    expect(events.map(short).slice(-2)).toEqual(['end interrupted network', 'end stopped'])
  })

  test('that is left and goes on later', async () => {
    const { stream, events } = setup([begin, finish])
    void stream.start('question')
    await settle()
    stream.detach()
    stream.detach()
    void stream.resume()
    await settle()
    expect(events.map(short)).toEqual(['connecting 1', 'open', 'detached', 'connecting 1', 'resumed e-1', 'end done'])
  })

  test('that begins anew has no end of the one before', async () => {
    const { stream, events } = setup([begin, (attempt) => attempt.accept().send(hello(0), end(1))])
    void stream.start('one')
    await settle()
    void stream.start('two')
    await settle()
    stream.reset()
    expect(events.map(short)).toEqual(['connecting 1', 'open', 'connecting 1', 'open', 'end done'])
  })
})

test('one who comes late sees what happens from there', async () => {
  const { stream, events, transport } = setup([begin, finish])
  void stream.start('question')
  await settle()
  const late: StreamEvent[] = []
  watchEvents(stream, (event) => late.push(event))
  transport.latest().cut()
  await settle(1_000)
  expect(late.map(short)).toEqual(['retry-scheduled 2', 'connecting 2', 'resumed e-1', 'end done'])
  expect(late).toEqual(events.slice(-4))
  const after: StreamEvent[] = []
  watchEvents(stream, (event) => after.push(event))
  await stream.stop()
  expect(after).toEqual([])
})

test('one who comes between a stop and its acknowledgement is not told of it', async () => {
  let acknowledge = () => {}
  const transport = scriptedTransport({
    stop: () =>
      new Promise((resolve) => {
        acknowledge = resolve
      }),
  })
  const stream = createStream({ protocol: keepstream(), transport })
  void stream.start('question')
  await settle()
  const stopped = stream.stop()
  await settle()
  expect(stream.get().status).toBe('stopped')
  const late: StreamEvent[] = []
  watchEvents(stream, (event) => late.push(event))
  acknowledge()
  expect(await stopped).toEqual({ acknowledged: true })
  expect(late).toEqual([])
})

test('one who has left, and one who watches another stream, sees nothing', async () => {
  const { stream, events, leave } = setup([cut, finish])
  const other = setup()
  leave()
  void stream.start('question')
  await settle(1_000)
  expect([events, other.events]).toEqual([[], []])
})

test('what is no stream and what is no listener are refused with a sentence', () => {
  const stream = createStream({ url: 'http://a.invalid', protocol: keepstream() })
  expect(() => watchEvents(undefined as never, () => {})).toThrow('`stream` is undefined')
  expect(() => watchEvents(stream, undefined as never)).toThrow('`listener` is undefined')
})
