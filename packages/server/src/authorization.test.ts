import { expect, it, vi } from 'vitest'
import { paths, serve, until } from '../test/served'
import { serveSocket } from '../test/socket'
import { boundAuthorize } from './authorization'
import { httpError } from './exchange'
import type { Authorize } from './hub-options'
import { type Limits, resolveLimits } from './limits'

const question = { verb: 'read', route: '/', request: new Request('http://localhost/') } as const
const json = { accept: 'application/json' }

function bound(authorize: Authorize, limits: Partial<Limits> = {}) {
  return async () => boundAuthorize(authorize, resolveLimits(limits))(question)
}

it('says what the hook says, now or later', async () => {
  for (const answer of [undefined, false, { user: 'ann' }] as const) {
    expect(await bound(() => answer)()).toBe(answer)
    expect(await bound(async () => answer)()).toBe(answer)
  }
  const denied = httpError(401, 'expired', 'Sign in again.')
  await expect(bound(() => Promise.reject(denied))()).rejects.toBe(denied)
})

it.each(paths)('[R89] waits no longer than it says for a hook that never answers, on the %s path', async (path) => {
  const limits = { authorizeTimeout: 50 }
  await using served = await serve(path, () => {}, { authorize: () => new Promise(() => undefined), limits })
  for (const [address, method] of [
    ['/api/chat', 'POST'],
    ['/api/chat/streams/nobody', 'GET'],
    ['/api/chat/streams/nobody/stop', 'POST'],
  ] as const) {
    const response = await served.get(address, { method, headers: json })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await response.json()).toMatchObject({ error: { code: 'undecided' } })
  }
  expect(served.hub.counts().generations).toBe(0)
})

it('[R89] lets only so many requests wait for the hook, and those after them again', async () => {
  const waiting: (() => void)[] = []
  const authorize = () => new Promise<object>((resolve) => waiting.push(() => resolve({})))
  await using served = await serve('node', () => {}, { authorize, limits: { authorizations: 2 } })
  const start = () => served.start({}, json).then(({ status }) => status)
  const first = [start(), start()]
  await until(() => waiting.length === 2)
  expect(await start()).toBe(503)
  for (const answer of waiting.splice(0)) answer()
  expect(await Promise.all(first)).toEqual([202, 202])
  const next = start()
  await until(() => waiting.length === 1)
  waiting[0]!()
  expect(await next).toBe(202)
})

it('[R89] refuses a socket whose handshake nobody decides about', async () => {
  const limits = { authorizeTimeout: 50 }
  await using served = await serveSocket(() => {}, { authorize: () => new Promise(() => undefined), limits })
  expect(await served.refused()).toMatchObject({ status: 503 })
})

it('leaves no timer behind', async () => {
  vi.useFakeTimers()
  await bound(async () => undefined)()
  await bound(() => Promise.reject(new Error('no')))().catch(() => undefined)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})
