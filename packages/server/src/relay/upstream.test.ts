import type { StreamError } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { createRetryBudget } from './budget'
import { upstreamTransport } from './upstream'

const request = (attempt = 1, signal = new AbortController().signal) => ({
  cursor: undefined,
  attempt,
  signal,
  start: { input: {}, key: 'k' },
  location: undefined,
})

function transport(fetch: (url: string, init: RequestInit) => Promise<Response>, headTimeout = 1000) {
  const options = { url: 'http://provider.test/v1', accept: 'text/event-stream', headTimeout, fetch }
  return upstreamTransport({ ...options, budget: createRetryBudget() })
}

/** What Node's `fetch` throws: a TypeError around the error of the socket. */
const broken = (code: string) => () => {
  const cause = Object.assign(new Error('internal'), { code })
  return Promise.reject(new TypeError('fetch failed', { cause }))
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: StreamError) => error,
  )

describe('[R36] upstreamTransport', () => {
  it.each([
    ['ECONNREFUSED', true],
    ['ENOTFOUND', true],
    ['EAI_AGAIN', true],
    ['UND_ERR_CONNECT_TIMEOUT', true],
    ['CERT_HAS_EXPIRED', true],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', true],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true],
    ['ERR_TLS_CERT_ALTNAME_INVALID', true],
    ['ECONNRESET', false],
    ['EPIPE', false],
    ['ETIMEDOUT', false],
    ['UND_ERR_SOCKET', false],
    ['UND_ERR_HEADERS_TIMEOUT', false],
    ['SOMETHING_NEW', false],
  ])('takes %s for a request that was never sent: %s', async (code, retryable) => {
    expect(await failureOf(transport(broken(code))(request()))).toMatchObject({ code: 'network', retryable })
  })

  it('takes an error that it does not know for one that may have been sent', async () => {
    const error = await failureOf(transport(() => Promise.reject(new Error('?')))(request()))
    expect(error).toMatchObject({ code: 'network', retryable: false })
  })

  it('does not repeat a request whose answer is late, and leaves it', async () => {
    let left = false
    const hanging = (_: string, { signal }: RequestInit) =>
      new Promise<Response>((_, reject) => {
        signal?.addEventListener('abort', () => {
          left = true
          reject(signal.reason)
        })
      })
    const error = await failureOf(transport(hanging, 20)(request()))
    expect(error).toMatchObject({ code: 'timeout', retryable: false })
    expect(left).toBe(true)
  })

  it('follows no redirect', async () => {
    const modes: unknown[] = []
    const error = await failureOf(
      transport(async (_, { redirect }) => {
        modes.push(redirect)
        return new Response(null, { status: 307, headers: { location: 'http://elsewhere.test/' } })
      })(request()),
    )
    expect([modes, error.code, error.status]).toEqual([['manual'], 'http', 307])
  })

  it('takes a retry out of the budget before anything is sent', async () => {
    let sent = 0
    const open = transport(() => {
      sent++
      return broken('ECONNREFUSED')()
    })
    await failureOf(open(request()))
    for (let retry = 0; retry < 10; retry++)
      expect(await failureOf(open(request(2)))).toMatchObject({ retryable: true })
    expect(await failureOf(open(request(2)))).toMatchObject({ retryable: false })
    expect(sent).toBe(11)
    for (let fresh = 0; fresh < 11; fresh++) await failureOf(open(request()))
    expect(await failureOf(open(request(2)))).toMatchObject({ retryable: true })
    expect(await failureOf(open(request(2)))).toMatchObject({ retryable: false })
  })

  it('leaves no listener on the signal, however it ends', async () => {
    const counted = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = counted.signal
    Object.assign(counted.signal, {
      addEventListener: (...given: Parameters<typeof addEventListener>) => {
        listeners++
        addEventListener.apply(counted.signal, given)
      },
      removeEventListener: (...given: Parameters<typeof removeEventListener>) => {
        listeners--
        removeEventListener.apply(counted.signal, given)
      },
    })
    await failureOf(transport(broken('ECONNRESET'))(request(1, counted.signal)))
    const headers = { 'content-type': 'text/event-stream' }
    const connection = await transport(async () => new Response('data: 1\n\n', { headers }))(request(1, counted.signal))
    for await (const frames of connection) expect(frames).toBeDefined()
    expect(listeners).toBe(0)
  })
})
