import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTimeLeft } from './time-left'

/** The estimate after each of `steps`, of `[milliseconds, per cent]`. */
function follow(steps: readonly (readonly [ms: number, gained: number])[]): (number | undefined)[] {
  const estimate = createTimeLeft()
  let time = 5_000
  let percent = 0
  estimate.add(percent, time)
  return steps.map(([ms, gained]) => {
    time += ms
    percent = Math.min(100, percent + gained)
    estimate.add(percent, time)
    return estimate.at(time)
  })
}

describe('the estimate of the time left', () => {
  it('is exact where the work is steady, whatever its pace', () => {
    for (const ms of [250, 1_000, 60_000]) {
      const estimates = follow(Array.from({ length: 100 }, () => [ms, 1] as const))
      estimates.forEach((left, index) => {
        if ((index + 1) * ms < 1_000) expect(left).toBeUndefined()
        else expect(Math.abs(left! - (99 - index) * ms)).toBeLessThanOrEqual(50)
      })
    }
  })

  it('stays within a fifth of the truth where steps take between half and half as long again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.5, max: 1.5, noNaN: true }), { minLength: 200, maxLength: 200 }),
        (noise) => {
          const steps = noise.map((factor) => [factor * 1_000, 0.5] as const)
          const estimates = follow(steps)
          for (let index = 60; index < 199; index++) {
            // What is left as it would be on average: what comes is not to be foreseen.
            const mean = steps.slice(0, index + 1).reduce((sum, [ms]) => sum + ms, 0) / (index + 1)
            const truth = (199 - index) * mean
            expect(Math.abs(estimates[index]! - truth)).toBeLessThanOrEqual(0.2 * truth + 100)
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('follows work that becomes four times slower, and does not jump there', () => {
    const fast = Array.from({ length: 25 }, () => [1_000, 2] as const)
    const slow = Array.from({ length: 40 }, () => [4_000, 1] as const)
    const estimates = follow([...fast, ...slow])
    const after = estimates.slice(24)
    const first = after[1]! / after[0]!
    expect(first).toBeGreaterThan(1)
    expect(first).toBeLessThan(1.5)
    // Ten per cent before the end: 4 s each.
    expect(after.at(-1)).toBeGreaterThan(30_000)
    expect(after.at(-1)).toBeLessThan(50_000)
  })

  it('grows while nothing moves, and does not freeze', () => {
    const estimate = createTimeLeft()
    estimate.add(0, 0)
    estimate.add(50, 10_000)
    const waiting = [10_000, 20_000, 40_000].map((time) => estimate.at(time))
    expect(waiting).toEqual([10_000, 20_000, 40_000])
  })

  it('says nothing where there is nothing to judge by: too early, no progress, further than a month', () => {
    const estimate = createTimeLeft()
    expect(estimate.at(0)).toBeUndefined()
    // A job that goes on from a checkpoint has not done 60 per cent in no time.
    estimate.add(60, 0)
    expect(estimate.at(5_000)).toBeUndefined()
    estimate.add(60, 20_000)
    expect(estimate.at(20_000)).toBeUndefined()
    estimate.add(60.000_001, 30_000)
    expect(estimate.at(30_000)).toBeUndefined()
  })

  it('is a time or nothing, whatever the history', () => {
    const step = fc.tuple(fc.integer({ min: 0, max: 1e9 }), fc.double({ min: 0, max: 100, noNaN: true }))
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        for (const left of follow(steps)) {
          if (left !== undefined) expect(left >= 0 && left <= 30 * 24 * 3_600_000).toBe(true)
        }
      }),
    )
  })
})
