import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createWheel } from './wheel'

const tick = 10

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const create = () => createWheel({ tick, now: () => performance.now() })

it('calls each alarm once, in the tick that follows its time, however far off it is and whenever it is set', () => {
  const delays = fc.array(fc.record({ delay: fc.integer({ min: 0, max: 3000 }), before: fc.nat(400) }), {
    maxLength: 30,
  })
  fc.assert(
    fc.property(delays, (given) => {
      const wheel = create()
      const late: number[] = []
      for (const { delay, before } of given) {
        vi.advanceTimersByTime(before)
        const due = performance.now() + delay
        wheel.after(delay, () => void late.push(performance.now() - due))
      }
      vi.advanceTimersByTime(4000)
      expect(late).toHaveLength(given.length)
      expect(late.every((ms) => ms >= 0 && ms <= 2 * tick)).toBe(true)
      wheel.stop()
    }),
    { numRuns: 200 },
  )
})

it('calls again after as long as the task says, and no more once it says nothing', () => {
  const wheel = create()
  const calls: number[] = []
  wheel.after(100, () => {
    calls.push(performance.now())
    return calls.length < 3 ? 200 : undefined
  })
  const began = performance.now()
  vi.advanceTimersByTime(2000)
  expect(calls).toHaveLength(3)
  for (const [index, call] of calls.entries()) {
    expect(call - began).toBeGreaterThanOrEqual(100 + 200 * index)
    expect(call - began).toBeLessThanOrEqual(100 + 200 * index + 2 * tick * (index + 1))
  }
})

it('calls nothing that was called off: before, by an alarm of the same tick, or by itself', () => {
  const wheel = create()
  const called: string[] = []
  wheel.callOff(wheel.after(50, () => void called.push('early')))
  const [first, second] = ['first', 'second'].map((name, index) =>
    wheel.after(50, () => {
      called.push(name)
      if (index === 0) wheel.callOff(second!)
      wheel.callOff(first!)
      return 50
    }),
  )
  vi.advanceTimersByTime(1000)
  expect(called).toEqual(['first'])
})

it('makes up for a process that was held up: what became due meanwhile is called at its next tick', () => {
  let time = 0
  const wheel = createWheel({ tick, now: () => time })
  const called: number[] = []
  for (const delay of [15, 500, 5000]) wheel.after(delay, () => void called.push(delay))
  time = 2000
  vi.advanceTimersByTime(tick)
  expect(called.sort((one, other) => one - other)).toEqual([15, 500])
  time = 6000
  vi.advanceTimersByTime(tick)
  expect(called).toEqual([15, 500, 5000])
})

it('never calls what is due never, and nothing after it was stopped', () => {
  const wheel = create()
  const task = vi.fn(() => undefined)
  wheel.after(Number.POSITIVE_INFINITY, task)
  wheel.after(100, task)
  wheel.stop()
  vi.advanceTimersByTime(10_000)
  expect([task.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0])
})

it('has one timer for all, from the first alarm on', () => {
  const wheel = create()
  expect(vi.getTimerCount()).toBe(0)
  for (let index = 0; index < 100; index++) wheel.after(index * 100, () => 100)
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(500)
  expect(wheel.time).toBe(performance.now())
  wheel.stop()
})
