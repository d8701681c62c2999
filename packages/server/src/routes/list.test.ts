import { describe, expect, it } from 'vitest'
import { dataOf, eventsOf, paths, type Served, serve, until } from '../../test/served'
import type { Producer } from '../generation'
import type { Authorize } from '../hub-options'

const authorize: Authorize = ({ request, verb }) => {
  if (verb === 'list' && request.headers.has('x-no-list')) return undefined
  const user = request.headers.get('x-user') ?? undefined
  return { tenant: request.headers.get('x-tenant') ?? undefined, user }
}
const endless: Producer = ({ text, signal }) => {
  text('so far')
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}
const json = { accept: 'application/json' }

async function startAt(served: Served, path: string, headers: Record<string, string>) {
  const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', ...json, ...headers } }
  return (await (await served.get(path, init)).json()) as { id: string; location: string }
}

interface Listed {
  readonly id: string
  readonly location: string
  readonly state: string
  readonly createdAt: number
  readonly head: number
}

async function listed(served: Served, headers: Record<string, string>, path = '/api/chat') {
  const response = await served.get(`${path}/streams`, { headers })
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache, no-store, no-transform'])
  return ((await response.json()) as { streams: Listed[] }).streams
}

describe.each(paths)('the list of live streams on the %s path', (path) => {
  it('[R76] shows a user what is live on this route, the newest first, so that another tab finds it', async () => {
    const routes = { '/api/chat': endless, '/api/other': endless }
    await using served = await serve(path, routes, { authorize })
    const ada = { 'x-user': 'ada', 'x-tenant': 'x' }
    const before = Date.now()
    const first = await startAt(served, '/api/chat', ada)
    const second = await startAt(served, '/api/chat', ada)
    const other = await startAt(served, '/api/other', ada)
    for (const foreign of [
      { 'x-user': 'bob', 'x-tenant': 'x' },
      { 'x-user': 'ada', 'x-tenant': 'y' },
      { 'x-user': 'ada' },
    ]) {
      await startAt(served, '/api/chat', foreign)
      expect(await listed(served, foreign)).toHaveLength(1)
    }
    await until(() => served.events.filter(({ type }) => type === 'begun').length === 6)
    const streams = await listed(served, ada)
    expect(streams).toEqual(
      [second, first].map(({ id, location }) => ({
        id,
        location,
        state: 'live',
        createdAt: expect.any(Number),
        head: 1,
      })),
    )
    for (const { createdAt } of streams) expect(createdAt >= before && createdAt <= Date.now()).toBe(true)
    expect((await listed(served, ada, '/api/other')).map(({ id }) => id)).toEqual([other.id])

    // Another tab follows what it found.
    const reader = eventsOf(await served.get(streams[1]!.location, { headers: ada }))
    await reader.next()
    expect(dataOf((await reader.next()).value!)).toBe('so far')
    await reader.return()

    await served.get(`${second.location}/stop`, { method: 'POST', headers: ada })
    expect((await listed(served, ada)).map(({ id }) => id)).toEqual([first.id])
  })

  it('[R76] is bounded, and of those there are more the newest are shown', async () => {
    await using served = await serve(path, endless, { authorize, limits: { streamsPerUser: 200 } })
    const ids: string[] = []
    for (let index = 0; index < 103; index++) ids.push((await startAt(served, '/api/chat', { 'x-user': 'ada' })).id)
    expect((await listed(served, { 'x-user': 'ada' })).map(({ id }) => id)).toEqual(ids.reverse().slice(0, 100))
  })

  it("[R76] is nobody's where nobody is told apart, and nobody's else in any case", async () => {
    await using open = await serve(path, endless)
    await startAt(open, '/api/chat', {})
    const told = await open.get('/api/chat/streams')
    expect([told.status, await told.json()]).toMatchObject([404, { error: { code: 'not_found' } }])

    await using served = await serve(path, endless, { authorize })
    await startAt(served, '/api/chat', {})
    // A hook that lets everybody in names nobody: all who have no name would share one list.
    expect((await served.get('/api/chat/streams')).status).toBe(404)
    const denied = await served.get('/api/chat/streams', { headers: { 'x-user': 'ada', 'x-no-list': '1' } })
    expect(denied.status).toBe(403)
    const posted = await served.get('/api/chat/streams', { method: 'POST', headers: { 'x-user': 'ada' } })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })
})
