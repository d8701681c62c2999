import type { StreamError } from '@keepstream/core'
import { createPool } from '@keepstream/core/pool'
import { describe, expect, it } from 'vitest'
import { createRetryBudget } from './budget'
import { createCircuit } from './circuit'
import { type UpstreamTransportOptions, upstreamTransport } from './upstream'

const request = (attempt = 1, signal = new AbortController().signal) => ({
  cursor: undefined,
  attempt,
  signal,
  start: { input: {}, key: 'k' },
  location: undefined,
})

function transport(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  options: Partial<UpstreamTransportOptions> = {},
) {
  return upstreamTransport({
    url: 'http://provider.test/v1',
    accept: 'text/event-stream',
    headTimeout: 1000,
    budget: createRetryBudget(),
    circuit: createCircuit({ failures: Number.POSITIVE_INFINITY, pause: 1000 }, () => 0),
    onCircuit: () => undefined,
    onEnter: () => undefined,
    maxRetries: 2,
    patience: 60_000,
    retryAmbiguous: false,
    fetch,
    ...options,
  })
}

/** What Node's `fetch` throws: a TypeError around the error of the socket. */
const broken = (code: string, syscall?: string) => () => {
  const cause = Object.assign(new Error('internal'), { code, syscall })
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

  it.each([
    ['EHOSTUNREACH', 'connect', true],
    ['ETIMEDOUT', 'connect', true],
    ['ENETUNREACH', 'connect', true],
    // What a connection that stands may have as well: by then the model may be at work.
    ['EHOSTUNREACH', 'read', false],
    ['ENETUNREACH', 'write', false],
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', undefined, false],
    ['ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC', undefined, false],
    ['ERR_TLS_RENEGOTIATION_DISABLED', undefined, false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', undefined, true],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', undefined, true],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', undefined, true],
  ])('takes %s of %s for a request that was never sent: %s', async (code, syscall, retryable) => {
    expect(await failureOf(transport(broken(code, syscall))(request()))).toMatchObject({ code: 'network', retryable })
  })

  it('sends nothing for whoever has left before, in a line neither', async () => {
    let sent = 0
    const fetch = async () => {
      sent++
      return new Response('data: 1\n\n', { headers: { 'content-type': 'text/event-stream' } })
    }
    const line = { pool: createPool(), key: 'm' }
    const left = AbortSignal.abort(new Error('left'))
    for (const options of [{}, { line }]) await failureOf(transport(fetch, options)(request(1, left)))
    expect([sent, line.pool.get().m?.running ?? 0]).toEqual([0, 0])
  })

  it('waits for the head no longer than it may, also where a `fetch` listens to no signal', async () => {
    const deaf = () => new Promise<Response>(() => undefined)
    const error = await failureOf(transport(deaf, { headTimeout: 20 })(request()))
    expect(error).toMatchObject({ code: 'timeout', reason: 'head-late' })
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
    const error = await failureOf(transport(hanging, { headTimeout: 20 })(request()))
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

  it('lets a failure be repeated while the budget has a retry for it', async () => {
    const open = transport(broken('ECONNREFUSED'))
    const failures = (count: number) => Promise.all(Array.from({ length: count }, () => failureOf(open(request()))))
    // Ten in reserve, and a tenth for each of the requests.
    expect((await failures(20)).map(({ retryable }) => retryable)).toEqual([
      ...Array.from({ length: 10 }, () => true),
      ...Array.from({ length: 10 }, () => false),
    ])
    expect((await failures(11)).filter(({ retryable }) => retryable)).toHaveLength(1)
  })

  it('takes nothing out of the budget for what is not repeated', async () => {
    const budget = createRetryBudget({ reserve: 1 })
    await failureOf(transport(broken('ECONNREFUSED'), { budget, maxRetries: 0 })(request()))
    await failureOf(transport(broken('ECONNRESET'), { budget })(request()))
    await failureOf(transport(async () => new Response(null, { status: 400 }), { budget })(request()))
    expect(budget.withdraw()).toBe(true)
  })

  it('repeats what may have been taken on only where the application wants that', async () => {
    for (const retryAmbiguous of [false, true]) {
      const reset = await failureOf(transport(broken('ECONNRESET'), { retryAmbiguous })(request()))
      expect(reset.retryable).toBe(retryAmbiguous)
      const hanging = (_: string, { signal }: RequestInit) =>
        new Promise<Response>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      const late = await failureOf(transport(hanging, { retryAmbiguous, headTimeout: 10 })(request()))
      expect(late.retryable).toBe(retryAmbiguous)
    }
  })

  it('waits for no longer than it may: what asks for more is not repeated, and keeps its wish', async () => {
    const busy = async () => new Response(null, { status: 429, headers: { 'retry-after': '30' } })
    const error = await failureOf(transport(busy, { patience: 5000 })(request()))
    expect(error).toMatchObject({ status: 429, retryable: false, retryAfter: undefined, cause: { retryAfter: 30_000 } })
    expect(await failureOf(transport(busy)(request()))).toMatchObject({ code: 'http', status: 429, retryAfter: 30_000 })
  })

  it('sends nothing through an open circuit', async () => {
    const circuit = createCircuit({ failures: 1, pause: 1000 }, () => 0)
    let sent = 0
    const open = transport(
      () => {
        sent++
        return broken('ECONNREFUSED')()
      },
      { circuit },
    )
    expect(await failureOf(open(request()))).toMatchObject({ retryable: false })
    expect(await failureOf(open(request()))).toMatchObject({ reason: 'circuit-open', retryable: false })
    expect(sent).toBe(1)
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
