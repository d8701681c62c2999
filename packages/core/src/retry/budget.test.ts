import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StreamError } from '../errors'
import { createBudget, type HostBudget, hostBudget } from './budget'

const network = new StreamError('network', 'There is no connection.')
const http = (status: number) => new StreamError('http', `The server answered ${status}.`, { status })

/** Makes the circuit open at time 0. */
function open(join: () => HostBudget): void {
  const stream = join()
  for (let count = 0; count < 5; count++) stream.failed(0, network)
}

describe('the tokens of a host', () => {
  test('ten retries go at once, the next ones a tenth of a second apart', () => {
    const stream = createBudget()()
    expect(Array.from({ length: 10 }, () => stream.delay(0, 0))).toEqual(Array(10).fill(0))
    expect(stream.delay(0, 0)).toBeCloseTo(100)
    expect(stream.delay(99, 0)).toBeGreaterThan(0)
    expect(stream.delay(100.1, 0)).toBe(0)
    expect(stream.delay(100.1, 0)).toBeGreaterThan(0)
  })

  test('those that have to wait are spread by a second', () => {
    const stream = createBudget()()
    for (let count = 0; count < 10; count++) stream.delay(0, 0)
    expect(stream.delay(0, 0.999)).toBeCloseTo(1_099)
  })

  test('five answers are worth one retry more', () => {
    const stream = createBudget()()
    for (let count = 0; count < 10; count++) stream.delay(0, 0)
    for (let count = 0; count < 4; count++) stream.succeeded(0)
    expect(stream.delay(0, 0)).toBeGreaterThan(0)
    for (let count = 0; count < 2; count++) stream.succeeded(0)
    expect(stream.delay(0, 0)).toBe(0)
  })

  test('all streams of a host share them', () => {
    const join = createBudget()
    const goes = Array.from({ length: 20 }, () => join().delay(0, 0)).filter((delay) => delay === 0)
    expect(goes.length).toBe(10)
  })

  test('the bucket never exceeds its rate, whoever asks when', () => {
    const asks = fc.array(fc.tuple(fc.nat(500), fc.nat(3), fc.boolean()), { maxLength: 300 })
    fc.assert(
      fc.property(asks, (steps) => {
        const join = createBudget()
        const streams = Array.from({ length: 4 }, join)
        const going: number[] = []
        const answers: number[] = []
        let now = 0
        for (const [pause, who, answered] of steps) {
          now += pause
          if (answered) {
            streams[who]!.succeeded(now)
            answers.push(now)
          } else if (streams[who]!.delay(now, 0) === 0) going.push(now)
        }
        for (const [index, from] of going.entries()) {
          for (let last = index; last < going.length; last++) {
            const earned = answers.filter((at) => at >= from && at <= going[last]!).length * 0.2
            expect(last - index + 1).toBeLessThanOrEqual(10 + (going[last]! - from) / 100 + earned + 1e-6)
          }
        }
      }),
    )
  })
})

describe('the circuit of a host', () => {
  test('five failures in a row of whichever streams open it, and then one retry goes', () => {
    const join = createBudget()
    const streams = Array.from({ length: 5 }, join)
    for (const stream of streams.slice(1)) stream.failed(0, network)
    expect(streams.map((stream) => stream.delay(0, 0.25))).toEqual([0, 0, 0, 0, 0])
    streams[0]!.failed(0, network)
    // A quarter of the first pause was drawn.
    expect(streams[0]!.delay(0, 0)).toBe(250)
    expect(streams.map((stream) => stream.delay(250, 0))).toEqual([0, 1_000, 1_000, 1_000, 1_000])
  })

  test('an answer between failures keeps it closed', () => {
    const join = createBudget()
    const [stream, other] = [join(), join()]
    for (let count = 0; count < 20; count++) {
      stream.failed(0, network)
      if (count % 4 === 0) other.succeeded(0)
    }
    expect(stream.delay(0, 0)).toBe(0)
  })

  test('the cut of answers that were coming does not open it, but not to come back does', () => {
    const join = createBudget()
    const streams = Array.from({ length: 20 }, join)
    for (const stream of streams) stream.succeeded(0)
    for (const stream of streams) stream.failed(0, network)
    expect(streams[0]!.delay(0, 0.5)).toBe(0)
    for (const stream of streams.slice(0, 5)) stream.failed(0, network)
    expect(streams[0]!.delay(0, 0)).toBeGreaterThan(0)
  })

  test.each([
    ['a broken connection', network, true],
    ['a clock that ran out', new StreamError('timeout', 'Too late.'), true],
    ['429', http(429), true],
    ['500', http(500), true],
    ['529', http(529), true],
    ['400', http(400), false],
    ['404', http(404), false],
    ['a lost stream', new StreamError('gone', 'Gone.', { status: 410 }), false],
    ['bad data', new StreamError('decode', 'What is this?'), false],
  ])('%s tells of the health of the host: %#', (_, error, counts) => {
    const stream = createBudget()()
    for (let count = 0; count < 5; count++) stream.failed(0, error)
    expect(stream.delay(0, 0) > 0).toBe(counts)
  })

  test('each probe that fails doubles the pause that is drawn from, up to 15 seconds', () => {
    const join = createBudget()
    open(join)
    let now = 0
    const pauses: number[] = []
    for (let count = 0; count < 8; count++) {
      // Another stream each time: the pause is that of the host.
      const stream = join()
      const since = now
      while (stream.delay(now, 0.5) > 0) now += 10
      pauses.push(now - since)
      stream.failed(now, network)
    }
    // No stream had drawn when it opened.
    expect(pauses).toEqual([1_000, 1_000, 2_000, 4_000, 7_500, 7_500, 7_500, 7_500])
  })

  test('what was under way when it opened neither ends the probe nor lengthens the pause', () => {
    const join = createBudget()
    const [probe, late, other] = [join(), join(), join()]
    open(join)
    expect(probe.delay(1_000, 0.5)).toBe(0)
    for (let count = 0; count < 10; count++) late.failed(1_100, network)
    expect(other.delay(5_000, 0)).toBeGreaterThan(0)
    probe.failed(5_000, network)
    expect(other.delay(5_999, 0)).toBeGreaterThan(0)
    expect(other.delay(6_000, 0)).toBe(0)
  })

  test('a probe whose stream is left lets another one go at once', () => {
    const join = createBudget()
    const [probe, other] = [join(), join()]
    open(join)
    probe.delay(1_000, 0)
    expect(other.delay(1_001, 0)).toBeGreaterThan(0)
    other.left()
    expect(other.delay(1_002, 0)).toBeGreaterThan(0)
    probe.left()
    expect(other.delay(1_003, 0)).toBe(0)
  })

  test('a probe that says nothing for a minute is given up', () => {
    const join = createBudget()
    const [probe, other] = [join(), join()]
    open(join)
    probe.delay(1_000, 0.5)
    expect(other.delay(60_999, 0)).toBeGreaterThan(0)
    expect(other.delay(61_000, 0.5)).toBe(0)
    probe.failed(61_100, network)
    expect(probe.delay(61_200, 0)).toBeGreaterThan(0)
  })

  test('an answer closes it, and those who waited come back a tenth of a second apart', () => {
    const join = createBudget()
    open(join)
    const [probe, ...others] = Array.from({ length: 12 }, join)
    probe!.delay(1_000, 0)
    probe!.succeeded(1_300)
    expect(others.filter((stream) => stream.delay(1_300, 0) === 0).length).toBe(0)
    expect(others.filter((stream) => stream.delay(1_550, 0) === 0).length).toBe(2)
  })

  test('a page that is back closes it, which takes no more than the tokens that there are', () => {
    const join = createBudget()
    open(join)
    const [probing, waiting] = [join(), join()]
    for (let now = 0; now <= 1_000; now += 100) probing.delay(now, 0)
    expect(waiting.delay(1_000, 0)).toBeGreaterThan(0)
    waiting.forgive()
    expect(Array.from({ length: 10 }, () => waiting.delay(1_000, 0.9))).toEqual(Array(10).fill(0))
    expect(waiting.delay(1_000, 0)).toBeGreaterThan(0)
    // The probe of before is one failure among others now.
    for (const stream of [probing, waiting, waiting, waiting]) stream.failed(2_000, network)
    expect(waiting.delay(2_000, 0.9)).toBe(0)
    waiting.failed(2_000, network)
    expect(waiting.delay(2_000, 0)).toBeGreaterThan(0)
  })

  test('in every history at most one probe is under way, and someone may probe in the end', () => {
    const streams = 5
    const event = fc.record({
      pause: fc.nat(3_000),
      who: fc.nat(streams - 1),
      drawn: fc.constantFrom(0, 0.3, 0.999),
      type: fc.constantFrom('ask' as const, 'ask' as const, 'ask' as const, 'fail' as const, 'leave' as const),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 150 }), (events) => {
        const join = createBudget()
        open(join)
        const handles = Array.from({ length: streams }, join)
        // Under way since when.
        const probes = new Map<number, number>()
        let now = 0
        for (const { pause, who, type, drawn } of events) {
          now += pause
          for (const [prober, since] of probes) if (now - since >= 60_000) probes.delete(prober)
          if (type === 'ask' && !probes.has(who)) {
            if (handles[who]!.delay(now, drawn) === 0) probes.set(who, now)
          } else if (type === 'fail') {
            handles[who]!.failed(now, network)
            probes.delete(who)
          } else if (type === 'leave') {
            handles[who]!.left()
            probes.delete(who)
          }
          expect(probes.size).toBeLessThanOrEqual(1)
        }
        expect(join().delay(now + 60_000, 0)).toBe(0)
      }),
    )
  })
})

/** A generator of numbers from 0 to 1 (mulberry32), so that a simulation is the same each time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Fleet {
  readonly pages: number
  readonly streamsPerPage: number
  /** When the host answers again, in milliseconds. */
  readonly outage: number
  readonly budgeted: boolean
}

/**
 * All streams lose their host at once and come back to it by backoff with full jitter; an attempt takes 50 milliseconds.
 * Returns the requests in each second, and how long after the outage the last stream was back.
 */
function simulate({ pages, streamsPerPage, outage, budgeted }: Fleet) {
  const random = numbers(7)
  const queue: { readonly at: number; readonly run: (now: number) => void }[][] = []
  const after = (now: number, delay: number, run: (now: number) => void) => {
    const at = now + delay
    const bucket = Math.floor(at / 10) + (Math.floor(at / 10) === Math.floor(now / 10) ? 1 : 0)
    const jobs = queue[bucket] ?? []
    jobs.push({ at: Math.max(at, bucket * 10), run })
    queue[bucket] = jobs
  }
  const perSecond: number[] = []
  let back = 0
  let lastBack = 0
  for (let page = 0; page < pages; page++) {
    const join = createBudget()
    for (let index = 0; index < streamsPerPage; index++) {
      const host = join()
      let failures = 1
      const retry = (now: number) => after(now, random() * Math.min(15_000, 500 * 2 ** (failures - 1)), due)
      const due = (now: number) => {
        const delay = budgeted ? host.delay(now, random()) : 0
        if (delay > 0) return after(now, delay, due)
        const second = Math.floor(now / 1_000)
        perSecond[second] = (perSecond[second] ?? 0) + 1
        after(now, 50, (then) => {
          if (now < outage) {
            failures++
            host.failed(then, network)
            return retry(then)
          }
          host.succeeded(then)
          back++
          lastBack = then
        })
      }
      retry(0)
    }
  }
  for (let bucket = 0; bucket < queue.length; bucket++) {
    for (const { at, run } of queue[bucket] ?? []) run(at)
    delete queue[bucket]
  }
  const requests = Array.from(perSecond, (count) => count ?? 0)
  return { requests, back, backAfter: lastBack - outage }
}

const peak = (requests: readonly number[], from: number) => Math.max(...requests.slice(from))

describe('many clients at one host that was away for a minute', () => {
  test('1,000 pages with 5 streams each do not return as a storm', () => {
    const fleet = { pages: 1_000, streamsPerPage: 5, outage: 60_000 }
    const [polite, rude] = [simulate({ ...fleet, budgeted: true }), simulate({ ...fleet, budgeted: false })]
    expect([polite.back, rude.back]).toEqual([5_000, 5_000])
    // While it is down, each page asks as one stream does, however many it has.
    const during = (requests: readonly number[]) => requests.slice(30, 60).reduce((sum, count) => sum + count, 0) / 30
    expect(during(polite.requests)).toBeLessThan(during(rude.requests) / 4)
    // When it is back, no second brings more than a fifth of all streams.
    expect(peak(polite.requests, 60)).toBeLessThan(1_000)
    expect(polite.backAfter).toBeLessThan(25_000)
  })

  test('1,000 streams of one process ask a dead host once in 7.5 seconds at most, and come back 10 a second', () => {
    const { requests, back } = simulate({ pages: 1, streamsPerPage: 1_000, outage: 60_000, budgeted: true })
    expect(back).toBe(1_000)
    expect(requests[0]).toBeLessThanOrEqual(20)
    expect(requests.slice(20, 60).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(6)
    // Each answer is worth a fifth of a retry more: 10 a second become 12.5.
    expect(peak(requests, 60)).toBeLessThanOrEqual(25)
  })
})

describe('the table of hosts', () => {
  test('streams of one host share a budget, those of another have their own', () => {
    const [one, two, other] = [hostBudget('a.test'), hostBudget('a.test'), hostBudget('b.test')]
    for (let count = 0; count < 10; count++) one.delay(0, 0)
    expect(two.delay(0, 0)).toBeGreaterThan(0)
    expect(other.delay(0, 0)).toBe(0)
  })

  test('above 100 hosts the one that was asked for longest ago begins anew', () => {
    const empty = (host: string) => {
      for (let count = 0; count < 10; count++) hostBudget(host).delay(0, 0)
    }
    empty('first.test')
    empty('second.test')
    for (let count = 0; count < 98; count++) hostBudget(`${count}.test`)
    hostBudget('first.test')
    hostBudget('last.test')
    expect(hostBudget('first.test').delay(0, 0)).toBeGreaterThan(0)
    expect(hostBudget('second.test').delay(0, 0)).toBe(0)
  })
})
