import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { allEvents, until } from '../../test/served'
import { createHandler } from '../handler'
import { createHub } from '../hub'
import type { Limits } from '../limits'
import { memoryLog } from '../memory-log'
import { webSink } from './web'

async function start(bytes: number, limits: Partial<Limits> = {}) {
  const hub = createHub({ log: memoryLog(), limits })
  const handler = createHandler(hub, {
    '/api/chat': ({ text }) => {
      for (let sent = 0; sent < bytes; sent += 1000) text('x'.repeat(1000))
    },
  })
  const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
  const leaving = new AbortController()
  const response = await handler(new Request('http://localhost/api/chat', { ...init, signal: leaving.signal }))
  await until(() => hub.counts().generations === 0)
  return { hub, handler, response, leaving }
}

it('[R50] makes no bytes before somebody pulls, and one slice for each pull', async () => {
  const { hub, response } = await start(1_000_000)
  const before = process.memoryUsage().arrayBuffers
  await new Promise((resolve) => setImmediate(resolve))
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000)
  const reader = response.body!.getReader()
  const hello = await reader.read()
  expect(new TextDecoder().decode(hello.value)).toContain('event: hello')
  for (let count = 0; count < 5; count++) {
    const { value } = await reader.read()
    expect(value!.length).toBeLessThanOrEqual(64 * 1024)
  }
  expect(hub.counts().readers).toBe(1)
  await reader.cancel()
  expect(hub.counts().readers).toBe(0)
})

it('hands out bytes that the receiver may keep, change or transfer', async () => {
  const { handler, response } = await start(1000)
  const reader = response.body!.getReader()
  await reader.read()
  const { value } = await reader.read()
  structuredClone(value, { transfer: [value!.buffer] })
  const again = await handler(new Request(`http://localhost${response.headers.get('location')}`))
  expect(await again.text()).toContain('x'.repeat(1000))
})

it('leaves when the request is aborted, without an error that nobody is there to see', async () => {
  const { hub, response, leaving } = await start(1_000_000)
  expect(hub.counts().readers).toBe(1)
  leaving.abort()
  expect(hub.counts().readers).toBe(0)
  expect(await response.text()).toBe('')
})

it('[R25 R26] ends with a good-bye where it is the server that closes in the middle', async () => {
  const { hub, response } = await start(1_000_000)
  await hub.close({ drainTimeout: 1 })
  const frames = await allEvents(response)
  expect(frames.map(({ event }) => event)).toEqual(['hello', 'bye'])
})

it('[R26] errors the body where nobody pulls the good-bye either', async () => {
  const { sink, body } = webSink({ gone: new AbortController().signal, stallTimeout: 60_000 })
  const taken = webSink({ gone: new AbortController().signal, stallTimeout: 60_000 })
  for (const each of [sink, taken.sink]) {
    each.open({ resume: () => undefined, park: () => undefined, close: () => undefined, stall: () => undefined })
    each.write(new TextEncoder().encode('bye'))
    each.end(20)
  }
  expect(await new Response(taken.body).text()).toBe('bye')
  await expect(body.getReader().closed).rejects.toThrow('The connection was closed by the server.')
})

it('[R26 R50] tells a reader that pulls nothing for the stall timeout to go, and not one that is slow', async () => {
  const { hub, handler, response } = await start(1_200_000, { stallTimeout: 400 })
  const again = await handler(new Request(`http://localhost${response.headers.get('location')}`))
  expect(hub.counts().readers).toBe(2)
  // It wakes up before the grace is over.
  const stuck = until(() => hub.counts().readers === 1).then(() => allEvents(response))
  const slow = again.body!.getReader()
  const began = performance.now()
  for (let length = 0; length < 1_200_000; ) {
    const { value } = await slow.read()
    length += value!.length
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  expect(performance.now() - began).toBeGreaterThan(450)
  const [, bye] = await stuck
  expect(bye).toMatchObject({ event: 'bye', data: expect.stringContaining('"slow"') })
  while (!(await slow.read()).done);
})

it('leaves no listener on the signal of a request whose answer was read to its end', async () => {
  const { signal } = new AbortController()
  const { sink, body } = webSink({ gone: signal, stallTimeout: 60_000 })
  const hub = createHub({ log: memoryLog() })
  const { stream } = await hub.start({ owner: { route: '/' }, input: {}, produce: ({ text }) => text('Hello') })
  hub.attach(stream, { position: 0, resumed: false }, sink)
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  expect(await new Response(body).text()).toContain('event: end')
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})
