import { describe, expect, it } from 'vitest'
import { allEvents, gate, paths, serve } from '../test/served'
import { createHandler } from './handler'
import { createHub } from './hub'
import { memoryLog } from './memory-log'

const page = 'https://chat.example'
const origins = [page, 'http://localhost:5173']

const corsOf = (response: Response) =>
  Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('access-control-')))

describe.each(paths)('origins on the %s path', (path) => {
  it('[R77] lets a listed page read every answer, errors included, and shows it what it needs', async () => {
    await using served = await serve(path, ({ text }) => text('Hello'), {}, { origins })
    const granted = {
      'access-control-allow-origin': page,
      'access-control-expose-headers': 'Stream-Id, Location, Retry-After, Idempotent-Replayed',
    }
    const started = await served.start({}, { origin: page })
    expect([started.status, corsOf(started)]).toEqual([201, granted])
    await allEvents(started)
    const location = started.headers.get('location')!
    for (const [address, status] of [
      [location, 200],
      ['/nowhere', 404],
      ['/api/chat', 405],
    ] as const) {
      const response = await served.get(address, { headers: { origin: page } })
      expect([response.status, corsOf(response)]).toEqual([status, granted])
      await response.text()
    }
  })

  it('[R77] answers a preflight, with credentials only where they are allowed', async () => {
    const ask = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
    for (const credentials of [false, true]) {
      await using served = await serve(path, () => {}, {}, { origins, credentials, headers: ['X-Tenant'] })
      const response = await served.get('/api/chat', { method: 'OPTIONS', headers: { origin: origins[1]!, ...ask } })
      expect([response.status, corsOf(response)]).toEqual([
        204,
        {
          'access-control-allow-origin': origins[1],
          'access-control-allow-methods': 'POST',
          'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Tenant',
          'access-control-max-age': '600',
          'access-control-expose-headers': 'Stream-Id, Location, Retry-After, Idempotent-Replayed',
          ...(credentials && { 'access-control-allow-credentials': 'true' }),
        },
      ])
      expect(response.headers.get('cache-control')).toBe('no-cache, no-store, no-transform')
      expect(response.headers.get('vary')).toContain('origin')
    }
  })

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['a listed origin at another port', { origin: `${page}:8443` }],
    ['a listed origin without TLS', { origin: 'http://chat.example' }],
    ['a listed origin as the beginning of another', { origin: `${page}.evil.example` }],
    ['a listed origin in capitals', { origin: 'https://CHAT.example' }],
    ['a sandboxed page', { origin: 'null' }],
    ['another site that tells no origin', { 'sec-fetch-site': 'cross-site' }],
    ['a sister site that tells no origin', { 'sec-fetch-site': 'same-site' }],
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ])('[R78] answers %s with 403, starts nothing, and grants nothing', async (_, headers) => {
    let asked = 0
    const authorize = () => {
      asked++
      return {}
    }
    await using served = await serve(path, () => {}, { authorize }, { origins, credentials: true })
    const attempts = [
      served.start({}, headers as Record<string, string>),
      served.get(`/api/chat/streams/${'x'.repeat(22)}`, { headers }),
      served.get(`/api/chat/streams/${'x'.repeat(22)}/stop`, { method: 'POST', headers }),
      served.get('/api/chat', { method: 'OPTIONS', headers: { ...headers, 'access-control-request-method': 'POST' } }),
    ]
    for (const response of await Promise.all(attempts)) {
      expect([response.status, corsOf(response)]).toEqual([403, {}])
      expect(await response.json()).toMatchObject({ error: { code: 'forbidden_origin' } })
    }
    expect([asked, served.hub.counts().generations]).toEqual([0, 0])
  })

  it.each([
    ['a page of the server itself', { origin: 'https://own.example', 'sec-fetch-site': 'same-origin' }],
    ['a person at the address bar', { 'sec-fetch-site': 'none' }],
    ['what is no browser', {}],
  ])('[R78] answers %s', async (_, headers) => {
    await using served = await serve(path, () => {}, {}, { origins })
    const response = await served.start({}, headers as Record<string, string>)
    expect([response.status, corsOf(response)]).toEqual([201, {}])
    await response.text()
  })

  it('[R77] grants nothing, and refuses nothing, where no origins are given', async () => {
    await using served = await serve(path, () => {})
    const response = await served.start({}, { origin: page })
    expect([response.status, corsOf(response)]).toEqual([201, {}])
    await response.text()
    const headers = { origin: page, 'access-control-request-method': 'POST' }
    const preflight = await served.get('/api/chat', { method: 'OPTIONS', headers })
    expect([preflight.status, corsOf(preflight)]).toEqual([204, {}])
  })

  it('[R79] says what an answer depends on, so that no cache gives it to somebody else', async () => {
    const { opened, open } = gate()
    await using served = await serve(path, () => opened, {}, { origins })
    const started = await served.start({}, { accept: 'application/json' })
    const location = started.headers.get('location')!
    const answers = [
      started,
      await served.get(location, { headers: { accept: 'application/json' } }),
      await served.get(location, { method: 'HEAD' }),
      await served.get(`${location}?from=later`),
      await served.get('/nowhere'),
      await served.get('/api/chat', { method: 'OPTIONS' }),
      await served.get('/api/chat', { headers: { origin: 'https://evil.example' } }),
    ]
    open()
    const whole = await served.get(location)
    await whole.text()
    for (const { headers, url, status } of [...answers, whole]) {
      expect([status, url, headers.get('vary')]).toEqual([
        status,
        url,
        'accept, authorization, cookie, last-event-id, origin',
      ])
      expect(headers.get('cache-control')).toBe('no-cache, no-store, no-transform')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})

describe('createHandler', () => {
  const hub = createHub({ log: memoryLog() })
  it.each([
    ['an origin with a path', { origins: ['https://chat.example/'] }, 'createHandler.origins'],
    ['a star', { origins: ['*'] }, 'createHandler.origins'],
    ['a pattern', { origins: ['https://*.chat.example'] }, 'createHandler.origins'],
    ['an origin in capitals', { origins: ['https://Chat.example'] }, 'createHandler.origins'],
    ['a host without a scheme', { origins: ['chat.example'] }, 'createHandler.origins'],
    ['an origin in place of a list', { origins: page }, 'createHandler.origins'],
    ['credentials without origins', { credentials: true }, 'createHandler.origins'],
    ['credentials that are no boolean', { origins, credentials: 'include' }, 'createHandler.credentials'],
    ['headers that are no names', { origins, headers: ['X Tenant'] }, 'createHandler.headers'],
    ['every header', { origins, headers: ['*'] }, 'createHandler.headers'],
    ['keys that are required a little', { requireIdempotencyKey: 1 }, 'createHandler.requireIdempotencyKey'],
    ['trust in everybody', { trustProxy: true }, 'createHandler.trustProxy'],
    ['trust in less than nobody', { trustProxy: -1 }, 'createHandler.trustProxy'],
    ['a misspelt option', { origin: page }, 'createHandler.origin'],
  ])('refuses %s with a sentence', (_, options, name) => {
    expect(() => createHandler(hub, { '/api': () => {} }, options as never)).toThrow(
      expect.objectContaining({ code: 'option', message: expect.stringContaining(name) }),
    )
  })
})
