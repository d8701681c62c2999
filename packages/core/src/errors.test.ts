import { describe, expect, test } from 'vitest'
import { StreamError } from './errors'

describe('StreamError', () => {
  test('is an Error with a name, a code and a sentence', () => {
    const error = new StreamError('network', 'The connection broke.')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'StreamError', code: 'network', message: 'The connection broke.' })
    expect(String(error)).toBe('StreamError: The connection broke.')
  })

  test.each([
    ['network', true],
    ['timeout', true],
    ['hole', true],
    ['http', false],
    ['gone', false],
    ['content-type', false],
    ['too-large', false],
    ['decode', false],
    ['interrupted', false],
    ['server', false],
    ['option', false],
    ['unsupported', false],
  ] as const)('%s is worth another attempt: %s', (code, retryable) => {
    expect(new StreamError(code, 'A sentence.').retryable).toBe(retryable)
  })

  test('whoever throws it may know better whether another attempt helps', () => {
    expect(new StreamError('timeout', 'Too late.', { retryable: false }).retryable).toBe(false)
    expect(new StreamError('server', 'Busy.', { retryable: true }).retryable).toBe(true)
  })

  test('carries the status, the wait, the reason and the cause', () => {
    const cause = new Error('socket')
    const error = new StreamError('http', '503.', { status: 503, retryAfter: 1_000, reason: 'busy', cause })
    expect(error).toMatchObject({ status: 503, retryAfter: 1_000, reason: 'busy', cause })
    expect('cause' in new StreamError('http', '503.')).toBe(false)
  })

  test('a StreamError passes through `from` untouched', () => {
    const error = new StreamError('gone', 'Not here.')
    expect(StreamError.from(error, 'network', 'Another sentence.')).toBe(error)
  })

  test.each([
    [new TypeError('fetch failed'), 'fetch failed'],
    ['a string', 'a string'],
    [undefined, 'undefined'],
    [null, 'null'],
  ])('`from` wraps %s', (cause, message) => {
    expect(StreamError.from(cause, 'network')).toMatchObject({ code: 'network', message, retryable: true })
    expect(StreamError.from(cause, 'decode', 'Not JSON.').message).toBe('Not JSON.')
  })
})
