import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { wait } from './wait'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const settles = async (promise: Promise<unknown>) => {
  let settled = false
  promise.then(() => {
    settled = true
  })
  await vi.advanceTimersByTimeAsync(0)
  return settled
}

test('resolves after its time and not before', async () => {
  const controller = new AbortController()
  const waiting = wait(1_000, controller.signal)
  await vi.advanceTimersByTimeAsync(999)
  expect(await settles(waiting)).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(await settles(waiting)).toBe(true)
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})

test('resolves at once when aborted, and leaves no timer', async () => {
  const controller = new AbortController()
  const waiting = wait(1_000, controller.signal)
  controller.abort()
  expect(await settles(waiting)).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})

test('does not begin on a signal that is aborted already', async () => {
  expect(await settles(wait(1_000, AbortSignal.abort()))).toBe(true)
})

test.each([0x80000000, 1e12, Infinity])(
  '%s milliseconds, more than a timer can count, do not end at once',
  async (ms) => {
    const controller = new AbortController()
    const waiting = wait(ms, controller.signal)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await settles(waiting)).toBe(false)
    controller.abort()
  },
)

test('a thousand waits on one signal leave no listener', async () => {
  const { signal } = new AbortController()
  for (let count = 0; count < 1_000; count++) {
    const waiting = wait(1, signal)
    await vi.advanceTimersByTimeAsync(1)
    await waiting
  }
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
