import { describe, expect, test, vi } from 'vitest'
import { scriptedTransport } from '../../test/scripted-transport'
import { StreamError } from '../errors'
import { renewing } from './renew'
import type { OpenRequest } from './transport'

const refused = () => new StreamError('http', 'The server answered 401.', { status: 401 })

const request = (given: Partial<OpenRequest> = {}): OpenRequest => ({
  cursor: undefined,
  attempt: 1,
  start: undefined,
  location: undefined,
  signal: new AbortController().signal,
  ...given,
})

/** A server that turns everybody away until `fresh` was called. */
function guarded() {
  let allowed = false
  const transport = scriptedTransport({
    play: (attempt) => (allowed ? attempt.accept() : attempt.refuse(refused())),
    stop: async () => {
      if (!allowed) throw refused()
    },
  })
  return {
    transport,
    fresh: vi.fn(async () => {
      await Promise.resolve()
      allowed = true
    }),
    revoke: () => {
      allowed = false
    },
  }
}

test('asks for fresh credentials once, then sends the same request again', async () => {
  const { transport, fresh } = guarded()
  const waited: (number | undefined)[] = []
  await renewing(transport, fresh)(request({ cursor: 'e-1', waits: (position) => waited.push(position) }))
  expect(fresh).toHaveBeenCalledTimes(1)
  expect(transport.attempts.map(({ request }) => request.cursor)).toEqual(['e-1', 'e-1'])
  expect(waited).toEqual([0, undefined])
})

test('streams that share the function are renewed by one call, also those that are turned away late', async () => {
  const { transport, fresh } = guarded()
  let late!: () => void
  const slow = async (): Promise<never> => {
    await new Promise<void>((resolve) => {
      late = resolve
    })
    throw refused()
  }
  let calls = 0
  const once = renewing((asked) => (calls++ === 0 ? slow() : transport(asked)), fresh)(request())
  const others = Array.from({ length: 20 }, () => renewing(transport, fresh)(request()))
  await Promise.all(others)
  late()
  await once
  expect(fresh).toHaveBeenCalledTimes(1)
})

test('is asked anew when the credentials have run out again', async () => {
  const { transport, fresh, revoke } = guarded()
  const open = renewing(transport, fresh)
  await open(request())
  revoke()
  await open(request())
  expect(fresh).toHaveBeenCalledTimes(2)
})

test('a second 401 is an answer', async () => {
  const { transport } = guarded()
  const fresh = vi.fn()
  await expect(renewing(transport, fresh)(request())).rejects.toMatchObject({ status: 401 })
  expect(fresh).toHaveBeenCalledTimes(1)
})

test('credentials that cannot be had leave the 401, with the reason as its cause', async () => {
  const { transport } = guarded()
  const reason = new Error('signed out')
  const open = renewing(transport, () => {
    throw reason
  })
  await expect(open(request())).rejects.toMatchObject({ code: 'http', status: 401, cause: reason })
})

test('other errors are nobody’s credentials', async () => {
  const fresh = vi.fn()
  const error = new StreamError('http', 'Forbidden.', { status: 403 })
  const open = renewing(scriptedTransport({ play: (attempt) => attempt.refuse(error) }), fresh)
  await expect(open(request())).rejects.toBe(error)
  expect(fresh).not.toHaveBeenCalled()
})

describe('a stop', () => {
  test('that is turned away is sent again with fresh credentials', async () => {
    const { transport, fresh } = guarded()
    const { signal } = new AbortController()
    await renewing(transport, fresh).stop?.({ location: undefined, start: undefined, signal })
    expect([fresh.mock.calls.length, transport.stops.length]).toEqual([1, 2])
  })

  test('is not made up where the transport has none', () => {
    expect(renewing(scriptedTransport(), () => {}).stop).toBeUndefined()
  })
})

test('who is aborted while it waits for credentials ends at once, and the others go on', async () => {
  const { transport } = guarded()
  const controller = new AbortController()
  const never = () => new Promise(() => {})
  const open = renewing(transport, never)(request({ signal: controller.signal }))
  await expect.poll(() => transport.attempts).toHaveLength(1)
  controller.abort(new Error('left'))
  await expect(open).rejects.toThrow('left')
})

test('credentials that never come are waited for five minutes, and then asked for anew', async () => {
  vi.useFakeTimers()
  try {
    const { transport } = guarded()
    const never = vi.fn(() => new Promise(() => {}))
    const open = renewing(transport, never)
    const refusal = expect(open(request())).rejects.toMatchObject({ status: 401, cause: expect.any(Error) })
    await vi.advanceTimersByTimeAsync(300_000)
    await refusal
    open(request()).catch(() => {})
    await vi.advanceTimersByTimeAsync(0)
    expect(never).toHaveBeenCalledTimes(2)
  } finally {
    vi.useRealTimers()
  }
})
