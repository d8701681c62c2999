import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StreamError } from '../errors'
import { backoff } from '../retry/backoff'
import { insist } from './insist'

const retry = backoff({ jitterFactor: 0, maxRetries: 3 })

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const settle = async <T>(promise: Promise<T>, milliseconds: number): Promise<T | 'unsettled'> => {
  let result: T | 'unsettled' = 'unsettled'
  promise.then((value) => {
    result = value
  })
  await vi.advanceTimersByTimeAsync(milliseconds)
  return result
}

test('one request is enough where it is acknowledged', async () => {
  const request = vi.fn(async () => {})
  expect(await settle(insist(request, 15_000, retry), 0)).toBe(true)
  expect(request).toHaveBeenCalledOnce()
})

test('repeats what the network lost, with the delays of the policy', async () => {
  let tries = 0
  const request = async () => {
    if (++tries < 3) throw new TypeError('fetch failed')
  }
  const insisting = insist(request, 15_000, retry)
  expect(await settle(insisting, 1_499)).toBe('unsettled')
  expect(await settle(insisting, 1)).toBe(true)
  expect(tries).toBe(3)
})

test('gives up after the retries of the policy', async () => {
  const request = vi.fn(async () => {
    throw new StreamError('http', '503.', { status: 503 })
  })
  expect(await settle(insist(request, 15_000, retry), 60_000)).toBe(false)
  expect(request).toHaveBeenCalledTimes(4)
})

test.each([new StreamError('http', '403.', { status: 403 }), new StreamError('gone', 'Not here.')])(
  'a refusal is final: %s',
  async (error) => {
    const request = vi.fn(async () => {
      throw error
    })
    expect(await settle(insist(request, 15_000, retry), 60_000)).toBe(false)
    expect(request).toHaveBeenCalledOnce()
  },
)

test('a request that hangs is aborted after its limit and repeated', async () => {
  const signals: AbortSignal[] = []
  const request = (signal: AbortSignal) => {
    signals.push(signal)
    if (signals.length === 2) return Promise.resolve()
    return new Promise<void>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  }
  expect(await settle(insist(request, 15_000, retry), 15_500)).toBe(true)
  expect(signals.map((signal) => signal.aborted)).toEqual([true, false])
})

test('a request that does not even hear of its abort holds nobody up', async () => {
  const request = () => new Promise<void>(() => {})
  expect(await settle(insist(request, 1_000, retry), 60_000)).toBe(false)
})

test.each([Infinity, 1e12])('a limit of %s does not run out at once', async (limit) => {
  const request = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      setTimeout(resolve, 100_000)
    })
  expect(await settle(insist(request, limit, retry), 100_000)).toBe(true)
})
