import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { createFaultProxy, createScriptedModel } from '@keepstream/testing'
import { Hono } from 'hono'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { labAnswer } from '../answers/lab'
import { type FaultTimes, faultNames } from './faults'
import { createLab } from './lab'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** The Lab before a server that says "here", behind the proxy that it breaks. */
async function start(longer: Partial<FaultTimes> = {}) {
  const app = new Hono<{ Bindings: HttpBindings }>()
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(
    () => server.close(),
    () => server.closeAllConnections(),
  )
  const { port } = server.address() as AddressInfo
  const proxy = await createFaultProxy({ target: { host: '127.0.0.1', port } })
  const model = await createScriptedModel({ answer: 'one two three', models: ['lab'] })
  const times = { stall: 150, refuse: 150, answer: 150, weather: 150, inside: 150, ...longer }
  const lab = createLab({ proxy, model, service: undefined, durable: false, times })
  open.push(proxy.close, model.close, lab.close)
  app.route('/lab', lab.routes)
  app.use('/api/*', lab.before)
  app.get('/api/*', ({ text }) => text('here'))
  const tell = (name: string, headers: Record<string, string> = {}) =>
    fetch(`${proxy.url}/lab/${name}`, { method: 'POST', headers })
  const see = () => fetch(`${proxy.url}/api/chat`)
  // Some faults are over before anybody looks.
  const acts = weapons.map((name) => vi.spyOn(proxy, name))
  const begun = () => acts.some(({ mock }) => mock.calls.length > 0)
  return { proxy, model, tell, see, begun, direct: `http://127.0.0.1:${port}` }
}

const weapons = ['cut', 'blackhole', 'refuse', 'delay', 'throttle', 'trickle', 'duplicate', 'buffer'] as const
const clear = { delay: 0, bytesPerSecond: Number.POSITIVE_INFINITY, trickle: false, duplicate: false, buffer: 0 }

describe('a command of the Lab', () => {
  it('is obeyed after it was answered, and over by itself', async () => {
    const { proxy, tell, begun } = await start()
    const response = await tell('trickle')
    expect([response.status, await response.json()]).toEqual([202, { lasts: 150 }])
    await expect.poll(begun).toBe(true)
    expect(proxy.trickle).toHaveBeenCalledOnce()
    await expect.poll(() => proxy.faults).toMatchObject(clear)
  })

  it.each(faultNames)('%s leaves nothing broken behind', async (name) => {
    const { proxy, tell, see, begun } = await start()
    expect((await tell(name)).status).toBe(202)
    await expect.poll(begun).toBe(true)
    await expect.poll(async () => (await see()).text()).toBe('here')
    await expect.poll(() => proxy.faults).toMatchObject({ ...clear, refusing: false, blackhole: undefined })
  })

  it.each([
    ['unavailable', 503, '3', 'application/json'],
    ['busy', 429, expect.stringMatching(/GMT$/), 'application/json'],
    ['html', 200, null, expect.stringContaining('text/html')],
  ])('%s answers in place of the server until it is taken back', async (name, status, retryAfter, type) => {
    // Longer than any machine takes to look.
    const { tell, see } = await start({ answer: 60_000 })
    await tell(name)
    const answers = async () => {
      const { status, headers } = await see()
      return [status, headers.get('retry-after'), headers.get('content-type')]
    }
    await expect.poll(answers, { interval: 10 }).toEqual([status, retryAfter, type])
    // A connection that was cut may be taken for an open one for some milliseconds.
    await expect.poll(async () => (await tell('restore')).status).toBe(204)
    await expect.poll(async () => (await see()).text()).toBe('here')
  })

  it('is taken back by restore', async () => {
    const { proxy, tell } = await start({ weather: 60_000 })
    await tell('duplicate')
    await expect.poll(() => proxy.faults.duplicate).toBe(true)
    expect((await tell('restore')).status).toBe(204)
    expect(proxy.faults.duplicate).toBe(false)
  })

  it.each([{ host: 'demo.example' }, { origin: 'http://elsewhere.example' }, { 'x-forwarded-for': '203.0.113.7' }])(
    'is refused where it does not come from here: %o',
    async (headers) => {
      const { proxy, direct } = await start()
      // `fetch` sets the host by itself.
      const { status } = await request(`${direct}/lab/refuse`, headers)
      expect(status).toBe(403)
      expect(proxy.faults.refusing).toBe(false)
    },
  )

  it('to restart is none where the server is no process of its own', async () => {
    const { tell } = await start()
    expect([(await tell('kill')).status, (await tell('deploy')).status]).toEqual([404, 404])
  })
})

describe('the endpoint without a log', () => {
  it('passes on what the model says, and stops it when its reader leaves', async () => {
    const { proxy, model } = await start()
    const body = JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] })
    const headers = { 'content-type': 'application/json' }
    const ask = (signal?: AbortSignal) =>
      fetch(`${proxy.url}/lab/raw/chat`, { method: 'POST', body, headers, ...(signal && { signal }) })
    expect(await (await ask()).text()).toBe('one two three')
    model.next({ type: 'stall', afterTokens: 1 })
    const leaving = new AbortController()
    const reader = (await ask(leaving.signal)).body!.getReader()
    await reader.read()
    leaving.abort()
    await model.waitForAbort()
    expect((await fetch(`${proxy.url}/lab/raw/chat`, { method: 'POST', body: '{}', headers })).status).toBe(400)
  })

  it('tells all of the answer beforehand, and asks nobody for that', async () => {
    const { proxy, model } = await start()
    const told = await (await fetch(`${proxy.url}/lab/raw/answer?question=${encodeURIComponent('왜?')}`)).json()
    expect(told).toEqual({ text: labAnswer(true) })
    expect(model.ledger).toEqual([])
  })
})

async function request(url: string, headers: Record<string, string>): Promise<{ status: number | undefined }> {
  const { request } = await import('node:http')
  const asked = request(url, { method: 'POST', headers })
  asked.end()
  const [response] = await once(asked, 'response')
  response.resume()
  return { status: response.statusCode }
}
