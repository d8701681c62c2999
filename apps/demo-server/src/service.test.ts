import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createStream, json, task } from '@keepstream/core'
import { memoryLog } from '@keepstream/server'
import { Hono } from 'hono'
import { afterEach, expect, it } from 'vitest'
import type { ReportResult } from './reports'
import { createService } from './service'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** The server of the demo as it is in its own process, without a model: nothing here asks one. */
async function serve(): Promise<string> {
  const upstream = { baseUrl: 'http://127.0.0.1:9/v1', apiKey: false as const, models: ['none'] }
  const { routes, hub } = createService({ upstream, log: memoryLog(), logger: undefined, heartbeat: 1_000 })
  const server = createAdaptorServer({ fetch: new Hono().route('/', routes).fetch }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => hub.close({ drainTimeout: 0 }),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const send = (url: string, body: unknown, type = 'application/json') =>
  fetch(url, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) })

it('makes a report in eight steps, two parts of which have their own, in the language that was asked for', async () => {
  const url = await serve()
  await using stream = createStream({ url: `${url}/api/reports`, protocol: task<ReportResult>() })
  const { status, data } = await stream.start({ topic: '바다', speed: 'fast', language: 'ko' })
  expect(status).toBe('done')
  expect(data).toMatchObject({ percent: 100, step: 8, steps: 8 })
  expect(data.children.map(({ name, percent }) => [name, percent])).toEqual([
    ['차트', 100],
    ['본문', 100],
  ])
  expect(data.result).toMatchObject({ title: '보고서: 바다', findings: expect.any(Array) })
  expect(data.log.length).toBeGreaterThan(5)
})

it('says why a report failed, and ends one that is cancelled', async () => {
  const url = await serve()
  await using failing = createStream({ url: `${url}/api/reports`, protocol: task<ReportResult>() })
  const failed = await failing.start({ topic: 'tides', speed: 'fast', fail: true })
  expect(failed).toMatchObject({ status: 'failed', error: { reason: 'figures_disagree' } })
  expect(failed.data.result).toBeUndefined()
  await using cancelled = createStream({ url: `${url}/api/reports`, protocol: task<ReportResult>() })
  void cancelled.start({ topic: 'tides', speed: 'slow' })
  await expect.poll(() => cancelled.get().data.percent ?? 0).toBeGreaterThan(0)
  expect(await cancelled.stop()).toMatchObject({ acknowledged: true })
  expect(cancelled.get().status).toBe('stopped')
})

it.each([
  [{}, 'topic: Give a topic of 1 to 80 characters.'],
  [{ topic: 'x', speed: 'warp' }, 'speed: Give slow, normal or fast.'],
])('refuses the report %o with a sentence', async (input, sentence) => {
  const response = await send(`${await serve()}/api/reports`, input)
  expect(response.status).toBe(400)
  expect(await response.text()).toContain(sentence)
})

it('gives an announcement to everybody, and a note to the one who is named', async () => {
  const url = await serve()
  const client = 'a'.repeat(22)
  const read = (path: string, event: string) => {
    const protocol = json<{ text: string; from?: string; at: number }>(undefined, { events: [event] })
    const stream = createStream({ url: url + path, method: 'GET', protocol })
    open.push(() => stream.detach())
    void stream.start()
    return stream
  }
  const everyone = read('/api/announcements', 'announcement')
  const mine = read(`/api/inbox?client=${client}`, 'note')
  const other = read(`/api/inbox?client=${'b'.repeat(22)}`, 'note')
  for (const { get } of [everyone, mine, other]) await expect.poll(() => get().connection.state).toBe('open')
  expect((await send(`${url}/api/announcements`, { text: ' Lunch! ', from: 'Ada' })).status).toBe(201)
  expect((await send(`${url}/api/inbox`, { text: 'For you', client })).status).toBe(201)
  await expect.poll(() => everyone.get().data.items).toMatchObject([{ text: 'Lunch!', from: 'Ada' }])
  await expect.poll(() => mine.get().data.items).toMatchObject([{ text: 'For you' }])
  expect(mine.get().data.items[0]).not.toHaveProperty('client')
  expect(other.get().data.items).toEqual([])
})

it.each([
  ['/api/announcements', { text: ' ' }, 400, 'text: Give a text of 1 to 500 characters.'],
  ['/api/announcements', { text: 'x'.repeat(501) }, 400, 'text: Give a text of 1 to 500 characters.'],
  ['/api/announcements', { text: 'x', html: '<b>' }, 400, 'Send a JSON object'],
  ['/api/announcements', { text: 'x'.repeat(9_000) }, 413, 'Send 8 KiB at most.'],
  ['/api/inbox', { text: 'x', client: 'short' }, 400, 'client: Give 22 to 64 random characters'],
])('refuses to publish at %s what is wrong', async (path, body, status, sentence) => {
  const response = await send((await serve()) + path, body)
  expect(response.status).toBe(status)
  expect(await response.text()).toContain(sentence)
})

it('publishes nothing that a form of another site could send', async () => {
  const response = await send(`${await serve()}/api/announcements`, { text: 'x' }, 'text/plain')
  expect(response.status).toBe(400)
})
