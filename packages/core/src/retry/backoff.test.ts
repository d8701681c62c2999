import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StreamError } from '../errors'
import { type BackoffOptions, backoff } from './backoff'

const network = new StreamError('network', 'The connection broke.')
const http = (status: number, retryAfter?: number) => new StreamError('http', `${status}.`, { status, retryAfter })
const highest = () => 1 - Number.EPSILON

/** The delays of `count` failures in a row. */
const delays = (options: BackoffOptions, count: number, hint?: number) => {
  const retry = backoff(options)
  return Array.from({ length: count }, (_, index) => retry({ error: network, failures: index + 1, hint }))
}

describe('the delay', () => {
  test('doubles from half a second to fifteen seconds, then the policy gives up', () => {
    expect(delays({ jitterFactor: 0 }, 9)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, undefined])
  })

  test('is anywhere between nothing and its full length by default', () => {
    expect(delays({ random: () => 0 }, 3)).toEqual([0, 0, 0])
    expect(delays({ random: () => 0.5 }, 3)).toEqual([250, 500, 1_000])
  })

  test('strays from its middle by the factor that is asked for', () => {
    expect(delays({ jitterFactor: 0.2, random: () => 0 }, 2)).toEqual([400, 800])
    expect(delays({ jitterFactor: 0.2, random: () => 0.5 }, 2)).toEqual([500, 1_000])
    expect(delays({ jitterFactor: 0.2, random: highest }, 1)[0]).toBeCloseTo(600)
  })

  test('is drawn anew for each wait', () => {
    let drawn = 0
    const retry = backoff({ random: () => ++drawn / 10 })
    for (let failures = 1; failures <= 5; failures++) retry({ error: network, failures })
    expect(drawn).toBe(5)
  })

  test.each([1_000, 10_000, Number.MAX_SAFE_INTEGER])('does not overflow at attempt %s', (failures) => {
    for (const baseDelay of [0, 1, 500]) {
      const retry = backoff({ maxRetries: Infinity, jitterFactor: 0, baseDelay })
      expect(retry({ error: network, failures })).toBe(baseDelay === 0 ? 0 : 15_000)
    }
  })

  test('of the failures that do not count is the first one', () => {
    const retry = backoff({ jitterFactor: 0 })
    expect(retry({ error: network, failures: 0 })).toBeLessThanOrEqual(500)
  })

  test('is a time that can be waited for, whatever the options', () => {
    const milliseconds = fc.oneof(fc.nat(), fc.constantFrom(0, 1e12))
    const options = fc.record({
      baseDelay: milliseconds,
      maxDelay: milliseconds,
      maxRetryAfter: milliseconds,
      backoffFactor: fc.double({ min: 1, max: 100, noNaN: true }),
      jitterFactor: fc.oneof(fc.constant('full' as const), fc.double({ min: 0, max: 1, noNaN: true })),
    })
    const failure = fc.record({
      failures: fc.nat({ max: 100_000 }),
      hint: fc.option(milliseconds, { nil: undefined }),
      retryAfter: fc.option(fc.oneof(milliseconds, fc.constant(Infinity)), { nil: undefined }),
      draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    })
    fc.assert(
      fc.property(options, failure, (given, { failures, hint, retryAfter, draw }) => {
        const retry = backoff({ ...given, maxRetries: Infinity, random: () => draw })
        const error = new StreamError('network', 'Broken.', { retryAfter })
        const delay = retry({ error, failures, hint })
        const longest = retryAfter === undefined ? given.maxDelay * 2 : given.maxRetryAfter + given.maxDelay
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(longest)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('the server’s hint', () => {
  test('takes the place of the first delay', () => {
    expect(delays({ jitterFactor: 0 }, 4, 2_000)).toEqual([2_000, 4_000, 8_000, 15_000])
  })

  test('of 0 makes no busy loop', () => {
    expect(delays({ jitterFactor: 0 }, 4, 0)).toEqual([100, 200, 400, 800])
  })

  test('of 10^12 makes no wait without end', () => {
    expect(delays({ jitterFactor: 0 }, 2, 1e12)).toEqual([15_000, 15_000])
  })
})

describe('Retry-After', () => {
  test('is waited for in full, and the jitter goes on top', () => {
    expect(backoff({ random: () => 0 })({ error: http(503, 7_000), failures: 1 })).toBe(7_000)
    expect(backoff({ random: () => 0.5 })({ error: http(503, 7_000), failures: 3 })).toBe(7_250)
  })

  test('is cut to the longest that is waited for', () => {
    const retry = backoff({ random: () => 0 })
    expect(retry({ error: http(429, 86_400_000), failures: 1 })).toBe(300_000)
    expect(retry({ error: http(429, Infinity), failures: 1 })).toBe(300_000)
    expect(backoff({ random: () => 0, maxRetryAfter: 10 })({ error: http(429, 7_000), failures: 1 })).toBe(10)
  })

  test.each([-5, Number.NaN])('of %s, which a protocol of one’s own may say, is no wait', (retryAfter) => {
    expect(backoff({ random: () => 0 })({ error: http(503, retryAfter), failures: 1 })).toBe(0)
  })

  test('does not make an error retryable that is not', () => {
    expect(backoff()({ error: http(401, 1_000), failures: 1 })).toBeUndefined()
  })
})

describe('gives up', () => {
  test.each([408, 425, 429, 500, 502, 503, 504])('not on %s', (status) => {
    expect(backoff()({ error: http(status), failures: 1 })).toBeDefined()
  })

  test.each([204, 400, 401, 403, 404, 405, 413, 422, 501, 505])('on %s', (status) => {
    expect(backoff()({ error: http(status), failures: 1 })).toBeUndefined()
  })

  test('by the statuses that are given, whatever the error says of itself', () => {
    const retry = backoff({ retryableStatuses: [418] })
    expect(retry({ error: http(418), failures: 1 })).toBeDefined()
    expect(
      retry({ error: new StreamError('http', '503.', { status: 503, retryable: true }), failures: 1 }),
    ).toBeUndefined()
  })

  test('on errors that no other attempt can mend', () => {
    for (const code of ['gone', 'content-type', 'too-large', 'decode', 'server', 'option', 'unsupported'] as const) {
      expect(backoff()({ error: new StreamError(code, 'A sentence.'), failures: 1 }), code).toBeUndefined()
    }
  })

  test('at once with no retries, and never with Infinity', () => {
    expect(backoff({ maxRetries: 0 })({ error: network, failures: 1 })).toBeUndefined()
    expect(backoff({ maxRetries: Infinity })({ error: network, failures: 1e9 })).toBeDefined()
  })

  test('without retries not on a failure that does not count', () => {
    expect(backoff({ maxRetries: 0 })({ error: network, failures: 0 })).toBeDefined()
  })
})

describe('wrong options are refused with a sentence that names them', () => {
  test.each([
    [{ maxRetries: -1 }, 'retry.maxRetries'],
    [{ maxRetries: Number.NaN }, 'retry.maxRetries'],
    [{ baseDelay: -1 }, 'retry.baseDelay'],
    [{ maxDelay: '5' }, 'retry.maxDelay'],
    [{ maxRetryAfter: -1 }, 'retry.maxRetryAfter'],
    [{ backoffFactor: -1 }, 'retry.backoffFactor'],
    [{ jitterFactor: 2 }, 'retry.jitterFactor'],
    [{ jitterFactor: -0.1 }, 'retry.jitterFactor'],
    [{ jitterFactor: Number.NaN }, 'retry.jitterFactor'],
    [{ jitterFactor: 'none' }, 'retry.jitterFactor'],
    [{ retryableStatuses: 503 }, 'retry.retryableStatuses'],
    [{ random: 0.5 }, 'retry.random'],
    [{ retries: 3 }, 'retry.retries'],
  ])('%j', (options, name) => {
    expect(() => backoff(options as BackoffOptions)).toThrow(
      expect.objectContaining({ code: 'option', message: expect.stringContaining(`\`${name}\``) }),
    )
  })
})
