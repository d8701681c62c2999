import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { gate } from '../test/served'
import { createHandler, createHub, createOperations, type Hub, type HubEvent, type Log, memoryLog } from './index'
import { toNodeListener } from './node'
import type { OperationsOptions } from './operations'

const hubs: Hub[] = []
afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.close({ drainTimeout: 0 })
})

function open(log: Partial<Log> = {}, options: OperationsOptions = {}) {
  const events: HubEvent[] = []
  const hub = createHub({ log: { ...memoryLog(), ...log }, onEvent: (event) => void events.push(event) })
  hubs.push(hub)
  const operations = createOperations(hub, options)
  const ask = (path: string, init?: RequestInit) => operations(new Request(`http://server${path}`, init))
  return { hub, operations, ask, events }
}

const until = async (response: Promise<Response>) => {
  const { status, headers } = await response
  return { status, retryAfter: headers.get('retry-after'), body: await (await response).json() }
}

describe('/healthz', () => {
  it('[R100] says that the process lives, also while it drains and while its log is away', async () => {
    const { hub, ask } = open({ check: () => Promise.reject(new Error('away')) })
    expect(await until(ask('/healthz'))).toEqual({ status: 200, retryAfter: null, body: { status: 'alive' } })
    await hub.close()
    expect((await ask('/healthz')).status).toBe(200)
  })

  it('is kept by no cache', async () => {
    expect((await open().ask('/healthz')).headers.get('cache-control')).toContain('no-store')
  })
})

describe('/readyz', () => {
  it('[R100] is 200 while the hub is open and reaches its log', async () => {
    expect(await until(open().ask('/readyz'))).toEqual({ status: 200, retryAfter: null, body: { status: 'ready' } })
  })

  it('[R100] is 503 with Retry-After from the beginning of a drain on', async () => {
    const { hub, ask } = open()
    const closed = hub.close()
    expect(await until(ask('/readyz'))).toEqual({ status: 503, retryAfter: '1', body: { status: 'draining' } })
    await closed
    expect((await ask('/readyz')).status).toBe(503)
  })

  it('[R100] is 503 while the log cannot be reached, tells the hook why, and nobody else', async () => {
    let away = true
    const error = new Error('redis://secret@internal')
    const { ask, events } = open({ check: async () => (away ? Promise.reject(error) : undefined) })
    const told = await until(ask('/readyz'))
    expect(told).toEqual({ status: 503, retryAfter: '1', body: { status: 'unreachable' } })
    expect(events).toEqual([{ type: 'request-failed', method: 'GET', path: '/readyz', error }])
    away = false
    expect((await ask('/readyz')).status).toBe(200)
  })

  it('waits no longer than the time limit for a log that says nothing, and asks it again', async () => {
    let asked = 0
    const check = () => (++asked === 1 ? new Promise<void>(() => undefined) : Promise.resolve())
    const { ask, events } = open({ check }, { checkTimeout: 30 })
    expect((await ask('/readyz')).status).toBe(503)
    expect(events[0]).toMatchObject({ error: { code: 'timeout' } })
    expect((await ask('/readyz')).status).toBe(200)
  })

  it('asks the log once, however many ask at a time', async () => {
    let asked = 0
    const { opened, open: answer } = gate()
    const { ask } = open({
      check() {
        asked++
        return opened
      },
    })
    const all = Array.from({ length: 20 }, () => ask('/readyz'))
    answer()
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(asked).toBe(1)
  })

  it('is 503 where the drain began while the log was asked', async () => {
    const { opened, open: answer } = gate()
    const { hub, ask } = open({ check: () => opened })
    const asked = ask('/readyz')
    const closed = hub.close()
    answer()
    expect((await asked).status).toBe(503)
    await closed
  })
})

describe('/metrics', () => {
  const metrics = { contentType: 'text/plain; version=0.0.4', metrics: async () => 'up 1\n' }

  it('[R101] shows what the registry says, in its type', async () => {
    const response = await open({}, { metrics }).ask('/metrics')
    expect(response.headers.get('content-type')).toBe(metrics.contentType)
    expect(await response.text()).toBe('up 1\n')
  })

  it('is not there without a registry', async () => {
    expect((await open().ask('/metrics')).status).toBe(404)
  })

  it('is a 500 without a detail where the registry fails', async () => {
    const failing = { ...metrics, metrics: () => Promise.reject(new Error('secret')) }
    const { ask, events } = open({}, { metrics: failing })
    const response = await ask('/metrics')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
    expect(events).toMatchObject([{ type: 'request-failed', path: '/metrics' }])
  })
})

it('answers HEAD without a body, other methods with 405, and other addresses with 404', async () => {
  const { ask } = open()
  const head = await ask('/healthz', { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  const posted = await ask('/healthz', { method: 'POST' })
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect((await ask('/api/chat')).status).toBe(404)
})

it('leaves all other addresses to the handler beside it, on both paths', async () => {
  const { hub } = open()
  const handler = createHandler(hub, { '/api/chat': ({ text }) => text('Hello') })
  const operations = createOperations(hub, { beside: handler })
  const start = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
  expect((await operations(new Request('http://server/api/chat', start))).status).toBe(201)
  expect((await operations(new Request('http://server/readyz'))).status).toBe(200)

  const server = createServer(toNodeListener(operations)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const response = await fetch(`${url}/api/chat`, start)
  expect([response.status, await response.text()]).toEqual([201, expect.stringContaining('Hello')])
  expect(await until(fetch(`${url}/healthz`))).toMatchObject({ status: 200, body: { status: 'alive' } })
  server.closeAllConnections()
  server.close()
})

it('[R100] is nowhere on the routes of an application', async () => {
  const { hub } = open()
  const handler = createHandler(hub, { '/api/chat': ({ text }) => text('Hello') })
  for (const path of ['/healthz', '/readyz', '/metrics'])
    expect((await handler(new Request(`http://server${path}`))).status).toBe(404)
})

it.each([
  [{ metric: 1 }, 'There is no option createOperations.metric. Known are metrics, checkTimeout, beside.'],
  [{ checkTimeout: 0 }, 'The option createOperations.checkTimeout is 0.'],
  [{ metrics: {} }, 'The option createOperations.metrics is no registry.'],
  [{ beside: () => undefined }, 'The option createOperations.beside is no handler.'],
])('refuses %j', (options, sentence) => {
  expect(() => createOperations(open().hub, options as never)).toThrow(sentence)
})
