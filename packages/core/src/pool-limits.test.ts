import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Allowance, adapt, firstAllowance, type Lesson, type Limits } from './pool-limits'

const limits: Limits = [3, 8]
const admitted = (running: number): Lesson => ({ type: 'admitted', running })
const refused = (sentAt: number, retryAfter?: number, jitter = 0): Lesson => ({
  type: 'refused',
  sentAt,
  retryAfter,
  jitter,
})

/** What is left of `from` after those lessons. */
const learn = (from: Allowance, now: number, ...lessons: Lesson[]) =>
  lessons.reduce((allowance, lesson) => adapt(allowance, limits, lesson, now), from)

const full: Allowance = { ...firstAllowance(limits), limit: 8 }

describe('the allowance of a key', () => {
  test('begins at the low limit, with nothing held', () => {
    expect(firstAllowance(limits)).toMatchObject({ limit: 3, heldUntil: -Infinity })
  })

  test('grows by about one for each round that was let in at the limit', () => {
    const round = learn(firstAllowance(limits), 0, admitted(3), admitted(3), admitted(3), admitted(3))
    expect(Math.floor(round.limit)).toBe(4)
  })

  test('does not grow where the limit was not reached, and is the same object', () => {
    const first = firstAllowance(limits)
    expect(learn(first, 0, admitted(1), admitted(2))).toBe(first)
  })

  test('never grows above the high limit', () => {
    expect(learn(full, 0, admitted(8), admitted(8)).limit).toBe(8)
  })

  test('is halved by a refusal, but never below the low limit', () => {
    expect(learn(full, 10, refused(0)).limit).toBe(4)
    expect(adapt(learn(full, 10, refused(0)), limits, refused(20), 30).limit).toBe(3)
  })

  test('is halved once by all that were sent before it was', () => {
    expect(learn(full, 10, refused(0), refused(5), refused(9)).limit).toBe(4)
  })

  test('nothing is sent before Retry-After is over, and a little later each time', () => {
    expect(learn(full, 10, refused(0, 7_000)).heldUntil).toBe(7_010)
    expect(learn(full, 10, refused(0, 7_000, 0.5)).heldUntil).toBe(7_510)
  })

  test('a shorter Retry-After of another request does not shorten it', () => {
    expect(learn(full, 10, refused(0, 7_000), refused(0, 2_000)).heldUntil).toBe(7_010)
  })

  test('a Retry-After of hours is cut to five minutes', () => {
    expect(learn(full, 0, refused(-1, 1e9)).heldUntil).toBe(300_000)
  })

  test.each([undefined, 0, -5, Number.NaN])(
    'without a usable Retry-After (%s) the pause doubles with each refusal in a row',
    (asked) => {
      let allowance = full
      const pauses: number[] = []
      for (let now = 0; pauses.length < 7; now = allowance.heldUntil + 1) {
        allowance = adapt(allowance, limits, refused(now, asked), now)
        pauses.push(allowance.heldUntil - now)
      }
      expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
      const again = adapt(allowance, limits, admitted(1), 1e6)
      expect(adapt(again, limits, refused(1e6), 1e6).heldUntil).toBe(1e6 + 1_000)
    },
  )

  test('stays between its limits in every history, and a hold is never shortened', () => {
    const lesson = fc.oneof(
      fc.record({ type: fc.constant('admitted' as const), running: fc.nat(30) }),
      fc.record({
        type: fc.constant('refused' as const),
        age: fc.nat(5_000),
        retryAfter: fc.option(fc.double({ min: -10, max: 1e7 }), { nil: undefined }),
        jitter: fc.double({ min: 0, max: 0.999, noNaN: true }),
      }),
    )
    const history = fc.array(fc.tuple(fc.nat(3_000), lesson), { maxLength: 200 })
    const pair = fc.tuple(fc.integer({ min: 1, max: 10 }), fc.nat(10)).map(([low, more]): Limits => [low, low + more])
    fc.assert(
      fc.property(pair, history, (bounds, steps) => {
        let allowance = firstAllowance(bounds)
        let now = 0
        for (const [pause, step] of steps) {
          now += pause
          const before = allowance
          allowance = adapt(before, bounds, step.type === 'admitted' ? step : { ...step, sentAt: now - step.age }, now)
          expect(allowance.limit).toBeGreaterThanOrEqual(bounds[0])
          expect(allowance.limit).toBeLessThanOrEqual(bounds[1])
          expect(allowance.heldUntil).toBeGreaterThanOrEqual(before.heldUntil)
          expect(allowance.heldUntil - now).toBeLessThanOrEqual(301_000)
          if (step.type === 'refused') expect(allowance.heldUntil).toBeGreaterThanOrEqual(now + 1_000)
          else expect(allowance.limit).toBeGreaterThanOrEqual(before.limit)
        }
      }),
    )
  })
})
