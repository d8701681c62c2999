// Above 150 lines: one loop, and every way in which a network can treat it.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bye, end, hello, reset, text } from '../../test/keepstream-frames'
import { createLogServer, type Entry, type Fault } from '../../test/keepstream-server'
import { type Script, type ScriptedAttempt, scriptedTransport } from '../../test/scripted-transport'
import { scriptedWake } from '../../test/scripted-wake'
import { StreamError } from '../errors'
import type { Message, MessagePart } from '../message'
import { keepstream } from '../protocols/keepstream'
import { openaiChat } from '../protocols/openai-chat'
import type { Protocol } from '../protocols/protocol'
import { type BackoffOptions, backoff } from '../retry/backoff'
import { type Clocks, readClocks } from './clocks'
import { beginning } from './place'
import { reconnect } from './reconnect'
import { initialSnapshot, type Signal, type Snapshot, transition } from './transition'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

interface Setting {
  readonly protocol?: Protocol<MessagePart, Message>
  readonly retry?: BackoffOptions
  readonly clocks?: Partial<Clocks>
  readonly again?: boolean | 'keeps'
  readonly reads?: boolean
}

function begin(play: Script['play'], { protocol = keepstream(), retry, clocks, again, reads }: Setting = {}) {
  const transport = scriptedTransport(play && { play })
  const controller = new AbortController()
  const wake = scriptedWake()
  const signals: Signal<MessagePart>[] = []
  let snapshot: Snapshot<Message> = transition(initialSnapshot(protocol), { type: 'started', fresh: true }, protocol)
  let keys = 0
  const start = reads ? undefined : { input: 'question', key: 'key-0' }
  const place = beginning(start)
  const over = (async () => {
    const run = reconnect({
      transport,
      protocol,
      retry: backoff({ jitterFactor: 0, ...retry }),
      clocks: readClocks(clocks),
      place,
      again: () =>
        again && start ? { start: { ...start, key: `key-${++keys}` }, keeps: again === 'keeps' } : undefined,
      wake,
      signal: controller.signal,
    })
    for await (const signal of run) {
      signals.push(signal)
      snapshot = transition(snapshot, signal, protocol)
    }
  })()
  const of = <T extends Signal<MessagePart>['type']>(type: T) =>
    signals.filter((signal): signal is Extract<Signal<MessagePart>, { type: T }> => signal.type === type)
  return { transport, controller, signals, place, over, of, wake, snapshot: () => snapshot }
}

const entry = (value: string): Entry => ({ event: 'text', value })
const recorded: readonly Entry[] = [
  entry('안'),
  entry('녕'),
  { event: 'reasoning', value: 'hm' },
  entry(', '),
  { event: 'tool-call', value: { index: 0, id: 'a', name: 'f', arguments: '{' } },
  { event: 'tool-call', value: { index: 0, arguments: '}' } },
  entry('world'),
  { event: 'usage', value: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } },
]

/** The state after an undisturbed run. */
async function undisturbed(entries: readonly Entry[]): Promise<Message> {
  const server = createLogServer(entries, [])
  const run = begin((attempt) => server.answer(attempt, undefined, [1_000]))
  await settle()
  await run.over
  expect(run.snapshot().status).toBe('done')
  return run.snapshot().data
}

describe('P1: exactly once, in order', () => {
  test('whatever two frames the connection is cut after, and however the rest is replayed', async () => {
    const expected = await undisturbed(recorded)
    for (let first = 0; first <= recorded.length + 2; first++) {
      for (let second = 0; second <= recorded.length + 2; second++) {
        const server = createLogServer(recorded, [])
        const faults: Fault[] = [
          { type: 'cut', at: first },
          { type: 'replay', back: second % 4, at: second },
        ]
        const run = begin((attempt, number) => server.answer(attempt, faults[number - 1], [1 + (first % 3)]))
        await settle(60_000)
        await run.over
        expect(run.snapshot(), `cut after ${first} and ${second}`).toMatchObject({ status: 'done', data: expected })
      }
    }
  })

  test('over random schedules of faults', async () => {
    const at = fc.nat({ max: 30 })
    const fault: fc.Arbitrary<Fault> = fc.oneof(
      fc.record({ type: fc.constantFrom('refused' as const) }),
      fc.record({ type: fc.constantFrom('cut' as const, 'close' as const), at }),
      fc.record({ type: fc.constant('replay' as const), back: fc.nat({ max: 8 }), at }),
      fc.record({ type: fc.constantFrom('twice' as const, 'hole' as const, 'foreign' as const, 'leap' as const), at }),
      fc.record({ type: fc.constant('bye' as const), at }),
      fc.record({ type: fc.constant('miscount' as const) }),
      fc.record({ type: fc.constant('restart' as const), at }),
    )
    const entries = fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.string({ maxLength: 4 }).map(entry) },
        fc.string({ maxLength: 4 }).map((value) => ({ event: 'reasoning', value })),
        fc.nat({ max: 9 }).map((value) => ({ event: 'progress', value })),
      ),
      { maxLength: 12 },
    )
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 5 })
    const joins = fc.array(fc.nat({ max: 3 }), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(entries, fc.array(fault, { maxLength: 8 }), sizes, joins, async (log, faults, reads, joined) => {
        const expected = await undisturbed(log)
        const server = createLogServer(log, joined)
        const run = begin((attempt, number) => server.answer(attempt, faults[number - 1], reads), {
          retry: { maxRetries: Infinity, baseDelay: 0 },
        })
        await settle(10_000)
        await run.over
        expect(run.snapshot()).toMatchObject({ status: 'done', data: expected })
        const keys = new Set(run.transport.attempts.map(({ request }) => request.start!.key))
        expect([...keys]).toEqual(['key-0'])
        expect(run.transport.held()).toBe(0)
      }),
      { numRuns: 400 },
    )
  })
})

describe('what is said, in which order', () => {
  test('an answer that survives a cut', async () => {
    const run = begin(undefined)
    await settle()
    run.transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    run.transport.latest().cut()
    await settle(500)
    run.transport.latest().accept().send(hello(1), end(2))
    await run.over
    expect(run.signals).toMatchObject([
      { type: 'connecting', attempt: 1 },
      { type: 'opened', location: '/1' },
      { type: 'received', cursor: 'e-1' },
      { type: 'dropped', attempt: 2, error: { code: 'network' } },
      { type: 'connecting', attempt: 2 },
      { type: 'opened', location: '/1' },
      { type: 'ended' },
    ])
  })

  test('a wait says when it ends', async () => {
    const run = begin(
      (attempt) => attempt.refuse(new StreamError('http', '503.', { status: 503, retryAfter: 7_000 })),
      {
        retry: { random: () => 0 },
      },
    )
    await settle()
    expect(run.of('dropped')).toMatchObject([{ retryAt: Date.now() + 7_000, attempt: 2 }])
    await settle(6_999)
    expect(run.transport.attempts).toHaveLength(1)
    await settle(1)
    expect(run.transport.attempts).toHaveLength(2)
    run.controller.abort()
    await run.over
  })

  test('nothing after an abort, wherever it comes', async () => {
    for (const moment of ['connecting', 'open', 'waiting'] as const) {
      const run = begin(undefined)
      await settle()
      if (moment === 'open') run.transport.latest().accept().send(hello(0), text(1, 'a'))
      if (moment === 'waiting') run.transport.latest().refuse(new StreamError('network', 'Lost.'))
      await settle()
      const { length } = run.signals
      run.controller.abort()
      await run.over
      await settle(60_000)
      expect(run.signals).toHaveLength(length)
      expect(run.transport.held()).toBe(0)
    }
  })
})

describe('retries', () => {
  const lost = (attempt: ScriptedAttempt) => attempt.refuse(new StreamError('network', 'Lost.'))

  test('before a server answered end in failed, after it in interrupted', async () => {
    const failed = begin(lost, { retry: { maxRetries: 2 } })
    await settle(60_000)
    await failed.over
    expect(failed.transport.attempts).toHaveLength(3)
    expect(failed.snapshot()).toMatchObject({ status: 'failed', error: { code: 'network' } })

    const interrupted = begin(
      (attempt, number) => (number === 1 ? attempt.accept().send(hello(0), text(1, 'a')).cut() : lost(attempt)),
      {
        retry: { maxRetries: 2 },
      },
    )
    await settle(60_000)
    await interrupted.over
    expect(interrupted.transport.attempts).toHaveLength(3)
    expect(interrupted.snapshot()).toMatchObject({ status: 'interrupted', data: { text: 'a' } })
  })

  test('are counted in a row, and parts begin a new row', async () => {
    let seq = 0
    const run = begin(
      (attempt) => {
        seq++
        attempt.accept().send(hello(seq - 1), text(seq, 'x'))
        if (seq === 30) attempt.send(end(31))
        else attempt.cut()
      },
      { retry: { maxRetries: 1 } },
    )
    await settle(600_000)
    await run.over
    expect(run.snapshot()).toMatchObject({ status: 'done', data: { text: 'x'.repeat(30) } })
    expect(run.of('dropped').every(({ attempt }) => attempt === 2)).toBe(true)
  })

  test.each([
    ['a connection', (attempt: ScriptedAttempt) => attempt.accept().cut()],
    ['a hello', (attempt: ScriptedAttempt) => attempt.accept().send(hello(0)).cut()],
    ['heartbeats', (attempt: ScriptedAttempt) => attempt.accept().send().send().send().cut()],
    ['duplicates', (attempt: ScriptedAttempt) => attempt.accept().send(hello(0, undefined), text(0, 'x')).cut()],
    [
      'resets',
      (attempt: ScriptedAttempt) =>
        attempt
          .accept()
          .send(...reset(0))
          .cut(),
    ],
  ])('are not forgiven for %s', async (_, play) => {
    const run = begin(play, { retry: { maxRetries: 3 } })
    await settle(600_000)
    await run.over
    expect(run.transport.attempts).toHaveLength(4)
    expect(run.snapshot().status).toBe('interrupted')
  })

  test.each([401, 403, 422])('are not spent on %s', async (status) => {
    const run = begin((attempt) => attempt.refuse(new StreamError('http', `${status}.`, { status })))
    await settle(600_000)
    await run.over
    expect(run.transport.attempts).toHaveLength(1)
    expect(run.snapshot()).toMatchObject({ status: 'failed', error: { status } })
  })

  test('that a busy server uses up interrupt an answer that had begun, as those of a broken line do', async () => {
    const busy = (attempt: ScriptedAttempt) => attempt.refuse(new StreamError('http', 'Busy.', { status: 503 }))
    const begun = begin(
      (attempt, number) => (number === 1 ? attempt.accept().send(hello(0), text(1, 'a')).cut() : busy(attempt)),
      { retry: { maxRetries: 2 } },
    )
    const never = begin(busy, { retry: { maxRetries: 2 } })
    await settle(60_000)
    await Promise.all([begun.over, never.over])
    expect(begun.transport.attempts).toHaveLength(3)
    expect(begun.snapshot()).toMatchObject({ status: 'interrupted', data: { text: 'a' }, error: { status: 503 } })
    expect(never.snapshot()).toMatchObject({ status: 'failed', error: { status: 503 } })
  })

  test('are not spent on a stream that is gone: what arrived is kept', async () => {
    const run = begin((attempt, number) =>
      number === 1
        ? attempt.accept({ location: '/1' }).send(hello(0), text(1, 'a')).cut()
        : attempt.refuse(new StreamError('gone', 'Not here.')),
    )
    await settle(600_000)
    await run.over
    expect(run.transport.attempts).toHaveLength(2)
    expect(run.snapshot()).toMatchObject({ status: 'interrupted', data: { text: 'a' }, error: { code: 'gone' } })
  })

  test('wait as the server’s latest retry asks, within bounds', async () => {
    const waits = async (retry: number) => {
      const run = begin(
        (attempt) =>
          attempt
            .accept()
            .send({ ...hello(0), retry })
            .cut(),
        { retry: { maxRetries: 3 } },
      )
      let before = Date.now()
      const out: number[] = []
      for (let count = 0; count < 3; count++) {
        await settle()
        out.push(run.of('dropped')[count]!.retryAt - before)
        await settle(out[count]!)
        before = Date.now()
      }
      await run.over
      return out
    }
    expect(await waits(2_000)).toEqual([2_000, 4_000, 8_000])
    expect(await waits(0)).toEqual([100, 200, 400])
    expect(await waits(1e12)).toEqual([15_000, 15_000, 15_000])
  })

  test('are not spent on a bye after a while, which is waited for as it says', async () => {
    const run = begin(
      (attempt, number) => {
        attempt.accept({ location: '/1' }).send(hello(0))
        setTimeout(() => attempt.send(number < 20 ? bye(1_000) : end(1)), 5_000)
      },
      { retry: { maxRetries: 0, random: () => 0 } },
    )
    await settle(20 * 5_000 + 19 * 1_000 - 1)
    expect(run.transport.attempts).toHaveLength(20)
    await settle(1)
    await run.over
    expect(run.snapshot().status).toBe('done')
    expect(run.of('dropped').every(({ attempt }) => attempt === 1)).toBe(true)
  })

  test('are spent on a bye that comes at once, which is waited for all the same', async () => {
    const run = begin((attempt) => attempt.accept({ location: '/1' }).send(hello(0), bye(1_000)), {
      retry: { maxRetries: 2, random: () => 0 },
    })
    await settle(2_000)
    await run.over
    expect(run.transport.attempts).toHaveLength(3)
    expect(run.snapshot().status).toBe('interrupted')
  })

  test('draw their jitter for each wait', async () => {
    let drawn = 0
    const random = () => ++drawn / 100
    const run = begin(lost, { retry: { jitterFactor: 'full', maxRetries: 5, random } })
    await settle(600_000)
    await run.over
    expect(drawn).toBe(5)
  })

  test('ten thousand of them neither overflow nor stop', async () => {
    const run = begin(
      (attempt, number) => (number <= 10_000 ? lost(attempt) : attempt.accept().send(hello(0), end(1))),
      {
        retry: { maxRetries: Infinity, maxDelay: 10, baseDelay: 10 },
      },
    )
    await settle(100_000)
    await run.over
    expect(run.snapshot().status).toBe('done')
    expect(run.transport.attempts).toHaveLength(10_001)
  })
})

describe('the total clock', () => {
  test('runs over all attempts and waits', async () => {
    const run = begin((attempt) => attempt.refuse(new StreamError('network', 'Lost.')), {
      clocks: { total: 20_000 },
      retry: { maxRetries: Infinity },
    })
    await settle(19_999)
    expect(run.snapshot().status).toBe('pending')
    await settle(1)
    await run.over
    expect(run.snapshot()).toMatchObject({ status: 'failed', error: { code: 'timeout', reason: 'total' } })
  })
})

describe('an endpoint that keeps nothing', () => {
  const chunk = (content: string) => ({ event: 'message', data: JSON.stringify({ choices: [{ delta: { content } }] }) })
  const done = { event: 'message', data: '[DONE]' }
  const protocol = openaiChat()

  test('is asked again with the same key until it answers', async () => {
    const run = begin(
      (attempt, number) =>
        number < 4
          ? attempt.refuse(new StreamError('http', '503.', { status: 503 }))
          : attempt.accept().send(chunk('a'), done),
      { protocol },
    )
    await settle(60_000)
    await run.over
    expect(run.snapshot()).toMatchObject({ status: 'done', data: { text: 'a' } })
    expect(new Set(run.transport.attempts.map(({ request }) => request.start!.key)).size).toBe(1)
  })

  test.each([
    ['breaks', (attempt: ScriptedAttempt) => attempt.cut()],
    ['closes', (attempt: ScriptedAttempt) => attempt.close()],
    ['stalls', () => {}],
  ])('and %s is not asked twice: a model would be billed twice', async (_, ending) => {
    for (const sent of [[], [chunk('a')]]) {
      const run = begin((attempt) => ending(attempt.accept().send(...sent)), { protocol })
      await settle(600_000)
      await run.over
      expect(run.transport.attempts).toHaveLength(1)
      expect(run.snapshot()).toMatchObject({ status: 'interrupted', error: { code: 'interrupted' } })
      expect(run.snapshot().data.text).toBe(sent.length > 0 ? 'a' : '')
    }
  })

  test('is asked again where the caller wants that, with a new key and from nothing, and only so often', async () => {
    const run = begin((attempt) => attempt.accept().send(chunk('a'), chunk('b')).cut(), {
      protocol,
      again: true,
      retry: { maxRetries: 3 },
    })
    await settle(600_000)
    await run.over
    expect(run.transport.attempts.map(({ request }) => request.start!.key)).toEqual([
      'key-0',
      'key-1',
      'key-2',
      'key-3',
    ])
    expect(run.of('reset')).toMatchObject([{ reason: 'restart' }, { reason: 'restart' }, { reason: 'restart' }])
    expect(run.snapshot()).toMatchObject({ status: 'interrupted', data: { text: 'ab' } })
  })

  test('is asked again to a good end', async () => {
    const run = begin(
      (attempt, number) =>
        number === 1 ? attempt.accept().send(chunk('old')).cut() : attempt.accept().send(chunk('new'), done),
      { protocol, again: true },
    )
    await settle(60_000)
    await run.over
    expect(run.snapshot()).toMatchObject({ status: 'done', data: { text: 'new' } })
  })

  test('and fails for a reason that another attempt cannot mend is not asked again', async () => {
    const run = begin((attempt) => attempt.accept().send(chunk('a'), { event: 'message', data: '{' }), {
      protocol,
      again: true,
    })
    await settle(600_000)
    await run.over
    expect(run.transport.attempts).toHaveLength(1)
    expect(run.snapshot()).toMatchObject({ status: 'failed', data: { text: 'a' }, error: { code: 'decode' } })
  })
})

describe('a log that has lost what was asked for', () => {
  test('begins again where it says', async () => {
    const run = begin((attempt, number) =>
      number === 1
        ? attempt.accept({ location: '/1' }).send(hello(0), text(1, 'a'), text(2, 'b')).cut()
        : attempt.accept().send(...reset('f-6', 'epoch'), text('f-7', 'g'), {
            event: 'end',
            id: 'f-8',
            data: '{"state":"done","n":7}',
          }),
    )
    await settle(60_000)
    await run.over
    expect(run.of('reset')).toMatchObject([{ reason: 'epoch', cursor: 'f-6' }])
    expect(run.snapshot()).toMatchObject({ status: 'done', data: { text: 'g' } })
  })
})
