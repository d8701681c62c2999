import { describe, expect, it } from 'vitest'
import { paths, serve } from '../test/served'
import { createHandler } from './handler'
import { createHub } from './hub'
import { memoryLog } from './memory-log'

const id = 'x'.repeat(22)

describe.each(paths)('the handler on the %s path', (path) => {
  it.each([
    ['GET', '/api/chat', 'POST, OPTIONS'],
    ['DELETE', '/api/chat', 'POST, OPTIONS'],
    ['GET', '/api/chat/stop', 'POST, OPTIONS'],
    ['POST', `/api/chat/streams/${id}`, 'GET, HEAD, OPTIONS'],
    ['GET', `/api/chat/streams/${id}/stop`, 'POST, OPTIONS'],
  ])('[R42] answers %s %s with 405 and what is allowed', async (method, address, allow) => {
    await using served = await serve(path, () => {})
    const response = await served.get(address, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
    expect(await response.json()).toEqual({ error: { code: 'method_not_allowed', message: expect.any(String) } })
    const options = await served.get(address, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, allow])
  })

  it.each([
    '/',
    '/api',
    '/api/chat/',
    '/api/chatter',
    '/api/chat/streams',
    `/api/chat/streams/${id}/more`,
    `/streams/${id}`,
    '/stop',
    `/api/chat/streams/${'x'.repeat(2000)}`,
  ])('[R45] answers %s with 404', async (address) => {
    await using served = await serve(path, () => {})
    const response = await served.get(address, { method: 'POST' })
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: { code: 'not_found', message: expect.any(String) } },
    ])
  })
})

describe('createHandler', () => {
  const hub = createHub({ log: memoryLog() })
  const produce = () => {}

  it.each([
    ['a path without a slash', { 'api/chat': produce }, 'The route "api/chat" is no path.'],
    ['a path with one too many', { '/api/chat/': produce }, 'The route "/api/chat/" is no path.'],
    ['a path with a query', { '/api?x': produce }, 'The route "/api?x" is no path.'],
    ['no producer', { '/api': {} as never }, 'The route "/api" has no producer.'],
    [
      'a path that hides another',
      { '/api': produce, '/api/stop': produce },
      'The route "/api/stop" hides an address of the route "/api".',
    ],
    [
      'a path below the streams of another',
      { '/api': produce, '/api/streams/x': produce },
      'The route "/api/streams/x" hides',
    ],
  ])('refuses %s with a sentence', (_, routes, message) => {
    expect(() => createHandler(hub, routes)).toThrow(
      expect.objectContaining({ code: 'option', message: expect.stringContaining(message) }),
    )
  })
})
