import { afterEach, describe, expect, test, vi } from 'vitest'
import { serve, stream } from '../../test/http-server'
import type { Frame } from '../frame'
import { keepstream } from '../protocols/keepstream'
import { createStream } from '../stream'
import { fetchEventSourceTransport } from './fetch-event-source'
import type { OpenRequest } from './transport'

afterEach(() => {
  vi.unstubAllGlobals()
})

function open(options: Parameters<typeof fetchEventSourceTransport>[0], request: Partial<OpenRequest> = {}) {
  const { signal } = new AbortController()
  const first = { cursor: undefined, attempt: 1, start: undefined, location: undefined, signal }
  return fetchEventSourceTransport({ method: 'GET', ...options })({ ...first, ...request })
}

async function framesOf(connection: AsyncIterable<readonly Frame[]>, read = () => {}) {
  const frames: Frame[] = []
  try {
    for await (const batch of connection) {
      frames.push(...batch)
      read()
    }
    return { frames, error: undefined }
  } catch (error) {
    return { frames, error }
  }
}

const said = async (bytes: string) =>
  (await framesOf(await open({ url: await serve((_, response) => stream(response).end(bytes)) }))).frames

describe('its messages become frames', () => {
  test('with an id that persists, and the name `message` where there is none', async () => {
    expect(await said('id: 1\nevent: text\ndata: a\ndata: 안녕\n\ndata: b\nretry: 50\n\n')).toEqual([
      { event: 'text', data: 'a\n안녕', id: '1' },
      { event: 'message', data: 'b', id: '1', retry: 50 },
    ])
  })

  test('but not those that it makes of comments; an id or an interval alone is no event', async () => {
    expect(await said(':h 1\n\nid: 7\n\nretry: 9\n\n')).toEqual([
      { event: '', data: '', id: '7' },
      { event: '', data: '', id: '7', retry: 9 },
    ])
  })

  test('one array for each read', async () => {
    let more = () => {}
    const url = await serve((_, response) => {
      stream(response).write('data: a\n\ndata: b\n\nda')
      more = () => response.end('ta: c\n\n')
    })
    const reads: string[][] = []
    for await (const frames of await open({ url })) {
      reads.push(frames.map(({ data }) => data))
      if (reads.length === 1) more()
    }
    expect(reads).toEqual([['a', 'b'], ['c']])
  })

  test('never for an event that was cut', async () => {
    expect(await said('id: 1\ndata: a\n\nid: 2\ndata: b\n')).toEqual([{ event: 'message', data: 'a', id: '1' }])
  })
})

describe('its own loop', () => {
  test('asks for nothing by itself, neither after an end nor after a cut, and needs no page', async () => {
    expect([globalThis.document, (globalThis as { window?: unknown }).window]).toEqual([undefined, undefined])
    let asked = 0
    let cut = () => {}
    const url = await serve((_, response) => {
      stream(response).write('retry: 1\nid: 1\ndata: a\n\n')
      cut = () => (asked === 1 ? response.end() : response.socket?.resetAndDestroy())
      asked++
    })
    expect(await framesOf(await open({ url }), () => cut())).toMatchObject({
      frames: [{ data: 'a' }],
      error: undefined,
    })
    expect(await framesOf(await open({ url }), () => cut())).toMatchObject({ error: { code: 'network' } })
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(asked).toBe(2)
  })

  test('does not watch a page, nor close with it', async () => {
    const page = { hidden: true, addEventListener: vi.fn(), removeEventListener: vi.fn() }
    vi.stubGlobal('document', page)
    expect(await said('data: a\n\n')).toHaveLength(1)
    expect(page.addEventListener).not.toHaveBeenCalled()
  })

  test('reads no faster than its reader', async () => {
    let pulled = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.enqueue(new TextEncoder().encode(`data: ${++pulled}\n\n`))
          if (pulled === 100) controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    let seen = 0
    for await (const frames of await open({ url: 'http://localhost', fetch })) {
      seen += frames.length
      expect(pulled).toBeLessThan(seen + 2)
      if (seen === 20) break
    }
    expect(pulled).toBeLessThan(22)
  })
})

test.each([
  [{}, 'the-key'],
  [{ durable: false }, undefined],
])('with %o a start carries the key %s', async (options, key) => {
  let headers: Record<string, unknown> = {}
  const url = await serve((request, response) => {
    headers = request.headers
    stream(response).end()
  })
  await framesOf(await open({ url, method: 'POST', ...options }, { start: { input: {}, key: 'the-key' } }))
  expect(headers['idempotency-key']).toBe(key)
})

test('an event that never ends is refused at its bound', async () => {
  const url = await serve((_, response) => {
    stream(response).write('data: first\n\n')
    const more = setInterval(() => response.write(`data: ${'x'.repeat(4_000)}\n`), 1)
    response.once('close', () => clearInterval(more))
  })
  const { frames, error } = await framesOf(await open({ url, maxEventSize: 20_000 }))
  expect(frames).toMatchObject([{ data: 'first' }])
  expect(error).toMatchObject({ code: 'too-large' })
})

test('a stream over it loses nothing to a cut inside an event', async () => {
  const hello = (position: number) =>
    `retry: 10\nid: abcdef-${position}\nevent: hello\ndata: {"v":1,"resumed":${position > 0}}\n\n`
  const word = (position: number) => `id: abcdef-${position}\nevent: text\ndata: "${position}"\n`
  const asked: unknown[] = []
  let cut = () => {}
  const url = await serve((request, response) => {
    const last = request.headers['last-event-id'] as string | undefined
    asked.push([request.method, last])
    const after = Number(last?.split('-')[1] ?? 0)
    stream(response, { location: '/1' }).write(hello(after))
    if (after >= 2) return response.end('id: abcdef-3\nevent: end\ndata: {"state":"done","n":2}\n\n')
    // Its id has been read, and its end has not: there the package would lose it.
    cut = () => response.socket?.resetAndDestroy()
    return response.write(`${word(after + 1)}\n${word(after + 2)}`)
  })
  const answer = createStream({
    protocol: keepstream(),
    transport: fetchEventSourceTransport({ url }),
    retry: { baseDelay: 1 },
  })
  let text = ''
  answer.subscribe(() => {
    const { data } = answer.get()
    if (data.text !== text) setTimeout(() => cut())
    text = data.text
  })
  expect(await answer.start({})).toMatchObject({ status: 'done', data: { text: '12' } })
  expect(asked).toEqual([
    ['POST', undefined],
    ['GET', 'abcdef-1'],
    ['GET', 'abcdef-2'],
  ])
})
