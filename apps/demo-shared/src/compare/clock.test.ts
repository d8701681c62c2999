import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClock } from './clock'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('ticks while somebody listens, the same for all, and stands still between ticks', () => {
  const clock = createClock(100)
  const [one, two] = [vi.fn(), vi.fn()]
  const leave = [clock.subscribe(one), clock.subscribe(two)]
  const began = clock.get()
  vi.advanceTimersByTime(99)
  expect(clock.get()).toBe(began)
  vi.advanceTimersByTime(1)
  expect(clock.get()).toBe(began + 100)
  expect([one, two].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  leave[0]!()
  vi.advanceTimersByTime(100)
  expect([one, two].map(({ mock }) => mock.calls.length)).toEqual([1, 2])
  leave[1]!()
  expect(vi.getTimerCount()).toBe(0)
})
