import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { serve, stream as stream200 } from '../test/http-server'
import { end, hello, text } from '../test/keepstream-frames'
import { scriptedTransport } from '../test/scripted-transport'
import { StreamError } from './errors'
import { type Inspection, report } from './inspect'
import { type Meter, measure } from './meter'
import { createPool } from './pool'
import { keepstream } from './protocols/keepstream'
import { initialSnapshot, type Signal, type Snapshot, transition } from './session/transition'
import { createStream } from './stream'

const meters: Meter[] = []

afterEach(() => {
  for (const meter of meters.splice(0)) meter.leave()
  vi.useRealTimers()
})

const watch = (stream: Parameters<typeof measure>[0]) => {
  const meter = measure(stream)
  meters.push(meter)
  return meter
}

/** A stream of which only the signals are played, each at the time that the test says. */
function played() {
  const fold = { initial: () => 0, reduce: (data: number) => data + 1 }
  let snapshot: Snapshot<unknown> = initialSnapshot(fold)
  const stream: Inspection['stream'] = { get: () => snapshot, stop: async () => {}, detach() {} }
  return {
    meter: watch(stream),
    tell(signal: Signal<unknown>, at: number) {
      snapshot = transition(snapshot, signal, fold as never)
      report(() => ({ stream, key: undefined, signal, snapshot, at }))
    },
  }
}

const received = (parts: number, duplicates?: number): Signal<unknown> => ({
  type: 'received',
  parts: Array.from({ length: parts }, () => 'x'),
  cursor: undefined,
  ...(duplicates && { duplicates }),
})
const opened = (bytes?: () => number): Signal<unknown> => ({
  type: 'opened',
  location: undefined,
  carrier: 'fetch',
  ...(bytes && { bytes }),
})
const error = new StreamError('network', 'Cut.')
const dropped: Signal<unknown> = { type: 'dropped', error, attempt: 2, retryAt: 0 }

/** By nearest rank: the smallest that so large a share does not exceed. */
const exact = (values: readonly number[], share: number) =>
  values.toSorted((one, other) => one - other)[Math.max(0, Math.ceil(share * values.length) - 1)]!

test('agrees with an exact computation over random histories: counts to the one, percentiles to 5 %', () => {
  const read = fc.record({
    gap: fc.double({ min: 0, max: 100_000, noNaN: true }),
    parts: fc.nat(3),
    duplicates: fc.nat(2),
    size: fc.nat(1_000),
  })
  const visit = fc.record({ down: fc.nat(60_000), connect: fc.nat(500), reads: fc.array(read, { maxLength: 20 }) })
  fc.assert(
    fc.property(fc.array(visit, { minLength: 1, maxLength: 6 }), fc.nat(1e9), (visits, startedAt) => {
      const { meter, tell } = played()
      const times: number[] = []
      let now = startedAt
      const sums = { parts: 0, duplicates: 0, bytes: 0, downtime: 0 }
      tell({ type: 'started', fresh: true }, now)
      for (const [index, { down, connect, reads }] of visits.entries()) {
        let bytes = 0
        if (index > 0) {
          tell(dropped, now)
          sums.downtime += down + connect
          now += down
        }
        tell({ type: 'connecting', attempt: 1 }, now)
        now += connect
        tell(
          opened(() => bytes),
          now,
        )
        for (const { gap, parts, duplicates, size } of reads) {
          now += gap
          bytes += size
          sums.bytes += size
          sums.parts += parts
          sums.duplicates += duplicates
          if (parts > 0) times.push(now)
          tell(received(parts, duplicates), now)
          expect(meter.get().bytes).toBe(sums.bytes)
        }
      }
      tell({ type: 'ended' }, now)
      const statistics = meter.get()
      expect(statistics).toMatchObject({ attempts: visits.length, reconnects: visits.length - 1, carrier: 'fetch' })
      const { parts, duplicates, bytes, downtime } = statistics
      expect({ parts, duplicates, bytes }).toEqual({ ...sums, downtime: undefined })
      expect(downtime).toBeCloseTo(sums.downtime, 3)
      expect(statistics.duration).toBeCloseTo(now - startedAt, 3)
      const [first, ...later] = times
      expect(statistics.timeToFirstPart).toBe(first === undefined ? undefined : first - startedAt)
      const gaps = later.map((time, index) => time - times[index]!)
      expect(statistics.gaps === undefined).toBe(gaps.length === 0)
      if (!statistics.gaps) return
      expect(statistics.gaps.max).toBe(Math.max(...gaps))
      for (const [share, value] of [
        [0.5, statistics.gaps.p50],
        [0.95, statistics.gaps.p95],
      ] as const) {
        const truth = exact(gaps, share)
        expect(value).toBeGreaterThanOrEqual(Math.min(truth, statistics.gaps.max) * (1 - 1e-9))
        expect(value).toBeLessThanOrEqual(Math.max(truth * 1.05, 0.1) * (1 + 1e-9))
      }
      const span = times.at(-1)! - first!
      if (span > 0) expect(statistics.partsPerSecond).toBeCloseTo(((parts - 1) / span) * 1_000, 6)
    }),
    { numRuns: 300 },
  )
})

test('keeps a histogram, however many gaps there are', () => {
  const { meter, tell } = played()
  tell({ type: 'started', fresh: true }, 0)
  tell(opened(), 0)
  const one = received(1)
  for (let at = 0; at < 1_000; at++) tell(one, at)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const before = process.memoryUsage().heapUsed
  let at = 1_000
  for (let count = 0; count < 1_000_000; count++) {
    at += 1 + ((count * 7919) % 1_000)
    tell(one, at)
  }
  collect()
  // A million numbers would be 8 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000)
  const { parts, gaps } = meter.get()
  expect(parts).toBe(1_001_000)
  expect(gaps!.p50).toBeGreaterThan(499)
  expect(gaps!.p50).toBeLessThan(501 * 1.05)
  // As many places as a day has steps of 5 %: to ask costs the same after a million as after one.
  const began = process.cpuUsage()
  for (let count = 0; count < 1_000; count++) meter.get()
  expect(process.cpuUsage(began).user).toBeLessThan(2_000_000)
})

describe('a meter', () => {
  test('says nothing before the first start, and after a reset', () => {
    const { meter, tell } = played()
    const nothing = meter.get()
    expect(nothing).toMatchObject({ duration: 0, parts: 0, attempts: 0, timeToFirstPart: undefined, gaps: undefined })
    tell({ type: 'started', fresh: true }, 5)
    tell({ type: 'connecting', attempt: 1 }, 5)
    expect(meter.get().attempts).toBe(1)
    tell({ type: 'cleared' }, 9)
    expect(meter.get()).toEqual(nothing)
  })

  test('that comes in the middle of an answer waits for the next start, or resume', () => {
    const { meter, tell } = played()
    tell(opened(), 100)
    tell(received(3), 200)
    tell({ type: 'detached' }, 250)
    expect(meter.get()).toMatchObject({ parts: 0, timeToFirstPart: undefined })
    tell({ type: 'started', fresh: false }, 300)
    tell(opened(), 310)
    tell(received(1), 320)
    expect(meter.get()).toMatchObject({ parts: 1, timeToFirstPart: 20 })
  })

  test('counts on after a resume, with the time between as downtime', () => {
    const { meter, tell } = played()
    tell({ type: 'started', fresh: true }, 0)
    tell({ type: 'connecting', attempt: 1 }, 0)
    tell(opened(), 10)
    tell(received(2), 20)
    tell({ type: 'interrupted', error }, 30)
    expect(meter.get()).toMatchObject({ duration: 30, downtime: 0, reconnects: 0 })
    tell({ type: 'started', fresh: false }, 1_000)
    tell({ type: 'connecting', attempt: 1 }, 1_000)
    tell(opened(), 1_010)
    tell(received(1), 1_020)
    tell({ type: 'ended' }, 1_030)
    tell({ type: 'stopped' }, 2_000)
    expect(meter.get()).toMatchObject({ duration: 1_030, downtime: 980, reconnects: 1, attempts: 2, parts: 3 })
    tell({ type: 'started', fresh: true }, 5_000)
    expect(meter.get()).toMatchObject({ downtime: 0, reconnects: 0, attempts: 0, parts: 0 })
  })

  test('counts up to now while the answer is under way, and stands still once it is left', () => {
    vi.useFakeTimers()
    const { meter, tell } = played()
    tell({ type: 'started', fresh: true }, performance.now())
    tell(opened(), performance.now())
    vi.advanceTimersByTime(50)
    expect(meter.get()).toMatchObject({ duration: 50, downtime: 0 })
    tell(dropped, performance.now())
    vi.advanceTimersByTime(30)
    expect(meter.get()).toMatchObject({ duration: 80, downtime: 30 })
    meter.leave()
    vi.advanceTimersByTime(1_000)
    tell({ type: 'ended' }, performance.now())
    expect(meter.get()).toMatchObject({ duration: 80, downtime: 30 })
    meter.leave()
    expect(meter.get().duration).toBe(80)
  })

  test('counts one attempt for a request that waits in a queue, its time included in that to the first part', async () => {
    vi.useFakeTimers()
    const pool = createPool({ limits: { model: [1, 1] } })
    const transport = scriptedTransport({ stop: async () => {} })
    const make = () => createStream({ protocol: keepstream(), transport, via: [pool.for('model')] })
    const [first, second] = [make(), make()]
    const meter = watch(second)
    void first.start('one')
    await vi.advanceTimersByTimeAsync(0)
    void second.start('two')
    await vi.advanceTimersByTimeAsync(100)
    transport.attempts[0]!.accept().send(hello(0), end(1))
    await vi.advanceTimersByTimeAsync(0)
    transport.attempts[1]!.accept().send(hello(0), text(1, 'a'), end(2))
    await vi.advanceTimersByTimeAsync(0)
    expect(meter.get()).toMatchObject({ attempts: 1, reconnects: 0, timeToFirstPart: 100, parts: 1 })
  })
})

test('over a real socket, tells what carries the stream and counts the bytes of all its connections', async () => {
  const wire = ({ event, id, data }: { event: string; id?: string; data: string }) =>
    `event: ${event}\n${id ? `id: ${id}\n` : ''}data: ${data}\n\n`
  const bodies = [
    wire(hello(0)) + wire(text(1, 'Grüße')),
    wire(hello(1)) + wire(text(1, 'Grüße')) + wire(text(2, '!')) + wire(end(3)),
  ]
  let requests = 0
  let cut = () => {}
  const url = await serve((_, response) => {
    const number = requests++
    stream200(response, { location: '/streams/1' }).write(bodies[number]!)
    if (number === 0) cut = () => response.destroy()
    else response.end()
  })
  const stream = createStream({ url, protocol: keepstream(), retry: { baseDelay: 20, jitterFactor: 0 } })
  const meter = watch(stream)
  // Not before it was read: what is on its way then may be lost with the connection.
  stream.subscribe(() => stream.get().data.text === 'Grüße' && cut())
  expect((await stream.start({})).data.text).toBe('Grüße!')
  const statistics = meter.get()
  expect(statistics).toMatchObject({ carrier: 'fetch', attempts: 2, reconnects: 1, duplicates: 1, parts: 2 })
  expect(statistics.bytes).toBe(Buffer.byteLength(bodies.join('')))
  expect(statistics.downtime).toBeGreaterThanOrEqual(15)
  expect(statistics.duration).toBeGreaterThan(statistics.downtime)
})

test('what is no stream, such as the result of a hook, is refused with a sentence', () => {
  expect(() => measure(undefined as never)).toThrow('`stream` is undefined')
  expect(() => measure({ status: 'idle' } as never)).toThrow('`stream`')
})
