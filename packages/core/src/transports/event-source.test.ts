import type { RequestListener } from 'node:http'
import { EventSource } from 'eventsource'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bodyOf, serve, stream } from '../../test/http-server'
import type { Frame } from '../frame'
import { keepstream } from '../protocols/keepstream'
import { createStream } from '../stream'
import { type EventSourceOptions, eventSourceTransport } from './event-source'
import type { OpenRequest } from './transport'

const leaving: AbortController[] = []

afterEach(() => {
  for (const controller of leaving.splice(0)) controller.abort()
  vi.unstubAllGlobals()
})

function open(options: EventSourceOptions, request: Partial<OpenRequest> = {}) {
  const controller = new AbortController()
  leaving.push(controller)
  const { signal } = controller
  const first = { cursor: undefined, attempt: 1, start: undefined, location: undefined, signal }
  return eventSourceTransport({ EventSource, method: 'GET', ...options })({ ...first, ...request })
}

async function framesOf(connection: AsyncIterable<readonly Frame[]>) {
  const frames: Frame[] = []
  try {
    for await (const batch of connection) frames.push(...batch)
    return { frames, error: undefined }
  } catch (error) {
    return { frames, error }
  }
}

async function record(answer: RequestListener) {
  const asked: { method: string; url: string; headers: Record<string, unknown>; body: string }[] = []
  const url = await serve(async (request, response) => {
    const body = await bodyOf(request)
    asked.push({ method: request.method!, url: request.url!, headers: request.headers, body })
    answer(request, response)
  })
  return { url, asked }
}

describe('what an EventSource can do', () => {
  test('a cursor travels in the address, in place of one that is there', async () => {
    const { url, asked } = await record((_, response) => stream(response).end())
    await framesOf(await open({ url: `${url}/a?b=1&after=old` }, { cursor: 'é-57' }))
    expect(asked[0]).toMatchObject({ method: 'GET', url: `/a?b=1&after=${encodeURIComponent('é-57')}` })
  })

  test('a start is a POST that asks for JSON, and then a read of its location', async () => {
    const { url, asked } = await record((request, response) => {
      if (request.method === 'POST') response.writeHead(202, { location: '/api/chat/streams/1' }).end('{}')
      else stream(response).end('data: a\n\n')
    })
    const start = { input: { prompt: '안녕' }, key: 'k'.repeat(22) }
    const options = { url: `${url}/api/chat`, method: 'POST', headers: { 'x-token': 't' } } as const
    const connection = await open(options, { start, cursor: 'e-1' })
    expect(connection.location).toBe(`${url}/api/chat/streams/1`)
    await framesOf(connection)
    expect(asked).toMatchObject([
      {
        method: 'POST',
        body: '{"prompt":"안녕"}',
        headers: { accept: 'application/json', 'idempotency-key': start.key, 'x-token': 't' },
      },
      { method: 'GET', url: '/api/chat/streams/1?after=e-1', headers: { accept: 'text/event-stream' } },
    ])
    expect(asked[1]!.headers['x-token']).toBeUndefined()
  })

  test('a server that does not say where the answer lives is told so', async () => {
    const { url } = await record((_, response) => response.writeHead(202).end('{}'))
    const start = { input: {}, key: 'k' }
    await expect(open({ url, method: 'POST' }, { start })).rejects.toMatchObject({
      code: 'http',
      message: expect.stringContaining('`Location`'),
    })
  })

  test('the names of the wire are heard, those that are given too, and no others', async () => {
    const { url } = await record((_, response) =>
      stream(response).end(
        'id: 1\nevent: text\ndata: a\n\nevent: progress\ndata: 0.5\n\nevent: unheard\ndata: x\n\nevent: error\ndata: e\n\ndata: m\n\n',
      ),
    )
    const { frames, error } = await framesOf(await open({ url, events: ['progress'] }))
    expect(frames.map(({ event, data }) => [event, data])).toEqual([
      ['text', 'a'],
      ['progress', '0.5'],
      ['error', 'e'],
      ['message', 'm'],
    ])
    expect(frames[0]!.id).toBe('1')
    expect(error).toMatchObject({ code: 'network', retryable: true })
  })

  test('no heartbeat is promised, since none can be seen', async () => {
    const { url } = await record((_, response) =>
      stream(response).end('event: hello\ndata: {"v":1,"heartbeat":15000,"resumed":false}\n\n'),
    )
    const { frames } = await framesOf(await open({ url }))
    expect(frames.map(({ data }) => JSON.parse(data))).toEqual([{ v: 1, resumed: false }])
  })

  test('its own reconnecting never runs', async () => {
    const { url, asked } = await record((_, response) => stream(response).end('retry: 1\nid: 1\ndata: a\n\n'))
    await framesOf(await open({ url }))
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(asked).toHaveLength(1)
  })

  test.each([
    [{}, false],
    [{ credentials: 'include' }, true],
    [{ credentials: 'include', withCredentials: false }, false],
    [{ withCredentials: true }, true],
  ] as const)('with %o, cookies go to other origins: %s', async (options, sent) => {
    let seen: unknown
    class Watched extends EventSource {
      constructor(url: string, init: { withCredentials: boolean }) {
        super(url, init)
        seen = init.withCredentials
      }
    }
    const { url } = await record((_, response) => stream(response).end())
    await framesOf(await open({ url, ...options, EventSource: Watched }))
    expect(seen).toBe(sent)
  })
})

describe('what it cannot', () => {
  test('an event that comes faster than it is read ends the connection, once what waits is read', async () => {
    let left = () => {}
    const leaving = new Promise<void>((resolve) => {
      left = resolve
    })
    const { url } = await record((_, response) => {
      response.once('close', left)
      stream(response)
      for (let index = 1; index <= 50; index++) response.write(`id: e-${index}\ndata: ${'x'.repeat(100)}\n\n`)
    })
    const connection = await open({ url, maxQueueSize: 1_000 })
    await leaving
    const { frames, error } = await framesOf(connection)
    expect(frames.length).toBeGreaterThan(0)
    expect(frames.length).toBeLessThan(11)
    expect(frames.map(({ id }) => id)).toEqual(frames.map((_, index) => `e-${index + 1}`))
    expect(error).toMatchObject({ code: 'network', reason: 'slow', retryAfter: 0 })
  })

  test('a refusal is asked for once more, with fetch, which tells why', async () => {
    const { url, asked } = await record((_, response) => response.writeHead(503, { 'retry-after': '3' }).end())
    await expect(open({ url })).rejects.toMatchObject({ code: 'http', status: 503, retryAfter: 3_000 })
    expect(asked.length).toBe(2)
  })

  test('a page in place of a stream is named', async () => {
    const { url } = await record((_, response) => response.setHeader('content-type', 'text/html').end('<html>'))
    await expect(open({ url })).rejects.toMatchObject({ code: 'content-type', status: 200 })
  })

  test('a runtime without one is told what to do', async () => {
    expect(globalThis.EventSource).toBeUndefined()
    const transport = eventSourceTransport({ url: 'http://localhost', method: 'GET' })
    const { signal } = new AbortController()
    const request = { cursor: undefined, attempt: 1, start: undefined, location: undefined, signal }
    await expect(transport(request)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('option `EventSource`'),
    })
  })

  test.each([
    [{ events: ['open'] }, 'events'],
    [{ events: 'progress' }, 'events'],
    [{ event: [] }, 'event'],
    [{ EventSource: {} }, 'EventSource'],
    [{ maxQueueSize: -1 }, 'maxQueueSize'],
  ])('%o is refused', (options, name) => {
    expect(() => eventSourceTransport({ url: 'http://localhost', ...options } as never)).toThrow(`\`${name}\``)
  })
})

test('a stream over it goes on from its cursor after cuts', async () => {
  const hello = (position: number) =>
    `id: abcdef-${position}\nevent: hello\ndata: {"v":1,"resumed":${position > 0},"heartbeat":15000}\n\n`
  const { url, asked } = await record((request, response) => {
    if (request.method === 'POST') return response.writeHead(202, { location: '/streams/1' }).end('{}')
    const after = Number(/after=abcdef-(\d+)/.exec(request.url!)?.[1] ?? 0)
    stream(response).write(hello(after))
    if (after < 3)
      return response.end(`id: abcdef-${after + 1}\nevent: text\ndata: "${after + 1}"\n\nid: abcdef-9\nevent: te`)
    return response.end('id: abcdef-4\nevent: end\ndata: {"state":"done","n":3}\n\n')
  })
  const transport = eventSourceTransport({ url, EventSource })
  const run = createStream({ protocol: keepstream(), transport, retry: { baseDelay: 1 } }).start({})
  expect(await run).toMatchObject({ status: 'done', data: { text: '123' } })
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1)
})
