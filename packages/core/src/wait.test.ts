import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { unlessAborted, wait } from './wait'

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

describe('unlessAborted', () => {
  test('settles as the promise does, and leaves no listener', async () => {
    const { signal } = new AbortController()
    expect(await unlessAborted(Promise.resolve(5), signal)).toBe(5)
    await expect(unlessAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken')
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('rejects with the reason at once, although the promise never settles', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const waiting = unlessAborted(new Promise(() => {}), controller.signal)
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(unlessAborted(new Promise(() => {}), controller.signal)).rejects.toBe(reason)
  })

  test('a rejection that comes after the abort is nobody’s unhandled one', async () => {
    const unhandled: unknown[] = []
    const note = (cause: unknown) => unhandled.push(cause)
    process.on('unhandledRejection', note)
    const controller = new AbortController()
    controller.abort()
    let reject!: (cause: unknown) => void
    const late = new Promise((_, no) => {
      reject = no
    })
    await expect(unlessAborted(late, controller.signal)).rejects.toThrow()
    reject(new Error('late'))
    vi.useRealTimers()
    await new Promise((resolve) => setImmediate(resolve))
    vi.useFakeTimers()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})
