import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createHandler, createHub, type HubOptions, memoryLog, type Producer } from '@keepstream/server'
import { Hono } from 'hono'
import { afterEach, expect, it, vi } from 'vitest'

const untilAborted: Producer = ({ text, signal }) => {
  text('so far')
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}

const json = { 'content-type': 'application/json' }

/** The Web handler in Hono, as the README mounts it, over a real socket. */
async function mount(produce: Producer, options: Partial<HubOptions> = {}) {
  const hub = createHub({ log: memoryLog(), ...options })
  const handler = createHandler(hub, { '/api/chat': produce })
  const app = new Hono()
  app.all('/api/*', ({ req }) => handler(req.raw))
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    hub,
    server,
    start: (init: RequestInit = {}) => fetch(`${url}/api/chat`, { method: 'POST', body: '{}', headers: json, ...init }),
    get: (address: string, init: RequestInit = {}) => fetch(url + address, init),
    async [Symbol.asyncDispose]() {
      await hub.close({ drainTimeout: 1 })
      server.closeAllConnections()
      server.close()
    },
  }
}

afterEach(() => void vi.restoreAllMocks())

it('says nothing when clients leave, at whatever moment', async () => {
  const printed = ['error', 'warn', 'info'].map((level) =>
    vi.spyOn(console, level as 'error').mockImplementation(() => undefined),
  )
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  await using served = await mount(untilAborted)
  let gone = 0
  served.server.on('request', (_, response) => {
    response.on('close', () => setImmediate(() => gone++))
  })
  for (const events of [0, 1]) {
    const leaving = new AbortController()
    const response = await served.start({ signal: leaving.signal })
    const reader = response.body!.getReader()
    for (let count = 0; count < events; count++) await reader.read()
    expect(served.hub.counts().readers).toBe(1)
    leaving.abort()
    await expect.poll(() => served.hub.counts().readers).toBe(0)
  }
  await expect.poll(() => gone).toBe(2)
  expect(served.hub.counts().generations).toBe(2)
  process.off('unhandledRejection', unhandled)
  for (const spy of [...printed, unhandled]) expect(spy.mock.calls).toEqual([])
})

it('answers 408 where a body does not come, and lets go of the connection', async () => {
  await using served = await mount(untilAborted, { limits: { bodyTimeout: 100 } })
  const socket = connect((served.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write('POST /api/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{')
  let said = ''
  socket.on('data', (chunk) => {
    said += chunk
  })
  await once(socket, 'close')
  expect(said).toContain('HTTP/1.1 408')
})

it('closes the connection of a client that takes nothing, which Hono writes down', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const produce: Producer = async ({ text }) => {
    for (let count = 0; count < 200; count++) {
      text('x'.repeat(60_000))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await using served = await mount(produce, { limits: { stallTimeout: 200 } })
  const location = (await served.start({ headers: { ...json, accept: 'application/json' } })).headers.get('location')!
  const socket = connect((served.server.address() as AddressInfo).port, '127.0.0.1')
  socket.pause().write(`GET ${location} HTTP/1.1\r\nhost: x\r\n\r\n`)
  const [, response] = (await once(served.server, 'request')) as [unknown, ServerResponse]
  await once(response, 'close')
  expect(served.hub.counts().readers).toBe(0)
  expect(printed.mock.calls).toEqual([[new Error('The connection was closed by the server.')]])
  socket.destroy()
})
