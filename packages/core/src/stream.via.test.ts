import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello } from '../test/keepstream-frames'
import { scriptedTransport } from '../test/scripted-transport'
import { StreamError } from './errors'
import { keepstream } from './protocols/keepstream'
import { openaiChat } from './protocols/openai-chat'
import { createStream } from './stream'
import type { OpenRequest, Wrapper } from './transports/transport'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)
const chunk = (content: string) => ({ event: 'message', data: JSON.stringify({ choices: [{ delta: { content } }] }) })
const done = { event: 'message', data: '[DONE]' }

test('a request goes through the wrappers in their order, the first outermost', async () => {
  const passed: string[] = []
  const wrapper =
    (name: string): Wrapper =>
    (transport) =>
    (request) => {
      passed.push(name)
      return transport(request)
    }
  const transport = scriptedTransport({ play: (attempt) => attempt.accept().send(hello(0), end(1)) })
  const stream = createStream({ protocol: keepstream(), transport, via: [wrapper('outer'), wrapper('inner')] })
  expect((await stream.start()).status).toBe('done')
  expect(passed).toEqual(['outer', 'inner'])
})

test.each([
  ['a function', () => {}],
  ['a list of something else', ['pool']],
])('`via` as %s is refused', (_, via) => {
  const options = { protocol: keepstream(), transport: scriptedTransport(), via: via as never }
  expect(() => createStream(options)).toThrow('`via`')
})

describe('a request that waits', () => {
  function queue() {
    let asked: OpenRequest | undefined
    let proceed!: () => void
    const wrapper: Wrapper = (transport) => async (request) => {
      asked = request
      await new Promise<void>((resolve) => {
        proceed = resolve
      })
      return transport(request)
    }
    return { wrapper, waits: (place: number | undefined) => asked?.waits?.(place), proceed: () => proceed() }
  }

  test('says where it stands, and no clock but the total runs meanwhile', async () => {
    const { wrapper, waits, proceed } = queue()
    const transport = scriptedTransport({ play: (attempt) => attempt.accept().send(hello(0), end(1)) })
    const stream = createStream({ protocol: keepstream(), transport, via: [wrapper], clocks: { connect: 1_000 } })
    const over = stream.start()
    await settle()
    waits(3)
    await settle(60_000)
    expect(stream.get().connection).toMatchObject({ state: 'queued', attempt: 1, position: 3 })
    waits(1)
    await settle(60_000)
    expect(stream.get().connection).toMatchObject({ state: 'queued', position: 1 })
    waits(undefined)
    await settle(999)
    expect(stream.get().connection).toMatchObject({ state: 'connecting', attempt: 1, position: undefined })
    proceed()
    expect((await over).status).toBe('done')
  })

  test('ends with the total clock', async () => {
    const { wrapper, waits } = queue()
    const stream = createStream({
      protocol: keepstream(),
      transport: scriptedTransport(),
      via: [wrapper],
      clocks: { total: 5_000 },
    })
    const over = stream.start()
    await settle()
    waits(1)
    await settle(5_000)
    expect(await over).toMatchObject({ status: 'failed', error: { code: 'timeout', reason: 'total' } })
  })

  test('can be stopped', async () => {
    const { wrapper, waits } = queue()
    const stream = createStream({ protocol: openaiChat(), transport: scriptedTransport(), via: [wrapper] })
    const over = stream.start({})
    await settle()
    waits(2)
    await settle()
    await stream.stop()
    expect((await over).status).toBe('stopped')
  })
})

describe('onUnauthorized', () => {
  test('gets fresh credentials without costing a retry', async () => {
    let allowed = false
    const refusal = new StreamError('http', 'The server answered 401.', { status: 401 })
    const transport = scriptedTransport({
      play: (attempt) => (allowed ? attempt.accept().send(hello(0), end(1)) : attempt.refuse(refusal)),
    })
    const onUnauthorized = async () => {
      allowed = true
    }
    const stream = createStream({ protocol: keepstream(), transport, onUnauthorized, retry: { maxRetries: 0 } })
    expect((await stream.start()).status).toBe('done')
  })

  test('may take its time: no clock of the connection runs meanwhile', async () => {
    let allowed = false
    const refusal = new StreamError('http', 'The server answered 401.', { status: 401 })
    const transport = scriptedTransport({
      play: (attempt) => (allowed ? attempt.accept().send(hello(0), end(1)) : attempt.refuse(refusal)),
    })
    const onUnauthorized = () =>
      new Promise<void>((resolve) => {
        setTimeout(() => {
          allowed = true
          resolve()
        }, 120_000)
      })
    const over = createStream({ protocol: keepstream(), transport, onUnauthorized, retry: { maxRetries: 0 } }).start()
    await settle(120_000)
    expect((await over).status).toBe('done')
    expect(transport.attempts).toHaveLength(2)
  })
})

describe('the policy `continue`', () => {
  const protocol = {
    ...openaiChat(),
    continue: (input: unknown, data: { readonly text: string }) => ({ ...(input as object), so: data.text }),
  }

  test('asks to go on after what has arrived, which is kept', async () => {
    const transport = scriptedTransport()
    const stream = createStream({ protocol, transport, interruption: 'continue', retry: { jitterFactor: 0 } })
    const over = stream.start({ messages: [] })
    const texts: string[] = []
    stream.subscribe(() => texts.push(stream.get().data.text))
    await settle()
    transport.latest().accept().send(chunk('안녕')).cut()
    await settle(1_000)
    const [first, second] = transport.attempts
    expect(second?.request).toMatchObject({ start: { input: { so: '안녕' } }, cursor: undefined })
    expect(second?.request.start?.key).not.toBe(first?.request.start?.key)
    transport.latest().accept().send(chunk(', world'), done)
    expect(await over).toMatchObject({ status: 'done', data: { text: '안녕, world' } })
    expect(texts.every((text) => '안녕, world'.startsWith(text))).toBe(true)
    expect(texts.filter((text, index) => text.length < (texts[index - 1]?.length ?? 0))).toEqual([])
  })

  test('leaves the answer interrupted where the protocol cannot', async () => {
    const transport = scriptedTransport({ play: (attempt) => attempt.accept().send(chunk('a')).cut() })
    const cannot = { ...protocol, continue: () => undefined }
    const stream = createStream({ protocol: cannot, transport, interruption: 'continue' })
    expect(await stream.start({})).toMatchObject({ status: 'interrupted', data: { text: 'a' } })
  })

  test('asks only so often as there are retries, for each is billed', async () => {
    const transport = scriptedTransport({ play: (attempt) => attempt.accept().send(chunk('a')).cut() })
    const retry = { maxRetries: 3, jitterFactor: 0 }
    const over = createStream({ protocol, transport, interruption: 'continue', retry }).start({})
    await settle(60_000)
    expect(await over).toMatchObject({ status: 'interrupted', data: { text: 'aaaa' } })
    expect(transport.attempts).toHaveLength(4)
  })

  test('is refused for a protocol that knows no such request', () => {
    const { continue: _, ...cannot } = protocol
    const options = { protocol: cannot, transport: scriptedTransport(), interruption: 'continue' as const }
    expect(() => createStream(options)).toThrow('`interruption`')
  })
})

test('a server of opaque ids that sends again what was there is understood', async () => {
  const frame = (id: string) => ({ ...chunk(id), id })
  const transport = scriptedTransport()
  const stream = createStream({ protocol: openaiChat(), transport, method: 'GET', retry: { jitterFactor: 0 } })
  stream.subscribe(() => {})
  await settle()
  transport.latest().accept().send(frame('x9'), frame('b2'), frame('q7')).cut()
  await settle(1_000)
  expect(transport.latest().request.cursor).toBe('q7')
  transport.latest().accept().send(frame('b2'), frame('q7'), frame('a1'), done)
  await settle()
  expect(stream.get()).toMatchObject({ status: 'done', data: { text: 'x9b2q7a1' } })
})

test('answers that a provider stores are read on and stopped there', async () => {
  const asked: string[] = []
  const protocol = {
    ...openaiChat(),
    stored: {
      has: (cursor: string) => cursor.startsWith('r-'),
      read: (cursor: string, url: string, ask: (url: string) => Promise<Response>) => ask(`${url}/${cursor}`),
      stop: (cursor: string, url: string, ask: (url: string) => Promise<Response>) => ask(`${url}/${cursor}/cancel`),
    },
  }
  const bodies = [`id: r-1\ndata: ${chunk('a').data}\n\n`, `id: r-2\ndata: ${chunk('b').data}\n\n`]
  const stream = createStream({
    url: 'http://a.invalid/v1/responses',
    protocol,
    retry: { jitterFactor: 0 },
    clocks: { firstEvent: Infinity, stall: Infinity },
    async fetch(url, { method = 'GET' }) {
      asked.push(`${method} ${url}`)
      const body = bodies.shift()
      if (body === undefined) return new Response()
      const stays = bodies.length === 0
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(body))
          if (!stays) controller.close()
        },
      })
      return new Response(stream, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  stream.start({})
  await settle(1_000)
  expect(stream.get()).toMatchObject({ status: 'streaming', data: { text: 'ab' }, cursor: 'r-2' })
  const stopped = stream.stop()
  await settle(3_000) // For the last words of the server.
  expect(await stopped).toEqual({ acknowledged: true })
  expect(asked).toEqual([
    'POST http://a.invalid/v1/responses',
    'GET http://a.invalid/v1/responses/r-1',
    'POST http://a.invalid/v1/responses/r-2/cancel',
  ])
})
