// Above 150 lines: HTTP has many ways to go wrong, and each is a test over a real socket.
import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bodyOf, serve, stream } from '../../test/http-server'
import type { StreamError } from '../errors'
import type { Frame } from '../frame'
import { text } from '../protocols/text'
import { createStream } from '../stream'
import { type FetchTransportOptions, fetchTransport } from './fetch'
import type { Connection, OpenRequest } from './transport'

afterEach(() => {
  vi.unstubAllGlobals()
})

const events = 'text/event-stream'
const start = { input: { messages: ['안녕'] }, key: 'abcdefghijklmnopqrstuv' }

function open(options: Partial<FetchTransportOptions>, request: Partial<OpenRequest> = {}): Promise<Connection> {
  const signal = new AbortController().signal
  return fetchTransport({ accept: events, ...options })({
    cursor: undefined,
    attempt: 1,
    signal,
    start: undefined,
    location: undefined,
    ...request,
  })
}

async function framesOf(connection: Connection): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const read of connection) frames.push(...read)
  return frames
}

const failure = async (promise: Promise<unknown>): Promise<StreamError> =>
  promise.then(
    () => {
      throw new Error('It did not fail.')
    },
    (error: StreamError) => error,
  )

/** What a server was asked. */
async function record(listener: RequestListener = (_, response) => stream(response).end()) {
  const requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = []
  const url = await serve(async (request, response) => {
    requests.push({ method: request.method!, url: request.url!, headers: request.headers, body: await bodyOf(request) })
    listener(request, response)
  })
  return { url, requests }
}

describe('a request', () => {
  test('that starts is a POST with the input as JSON, the key and what can be read', async () => {
    const { url, requests } = await record()
    await framesOf(await open({ url: `${url}/api/chat` }, { start }))
    expect(requests).toMatchObject([
      {
        method: 'POST',
        url: '/api/chat',
        body: '{"messages":["안녕"]}',
        headers: { accept: events, 'content-type': 'application/json', 'idempotency-key': start.key },
      },
    ])
    expect(requests[0]!.headers['last-event-id']).toBeUndefined()
  })

  test('to an endpoint that keeps nothing goes without a key, which its CORS might forbid', async () => {
    const { url, requests } = await record()
    await framesOf(await open({ url: `${url}/v1/chat/completions`, durable: false }, { start }))
    expect(requests[0]!.headers['idempotency-key']).toBeUndefined()
  })

  test('that reads is a GET of the location, with the cursor and without a body', async () => {
    const { url, requests } = await record()
    await framesOf(
      await open({ url: `${url}/api/chat` }, { start, location: `${url}/api/chat/streams/1`, cursor: 'k3Zp9Q-57' }),
    )
    expect(requests).toMatchObject([
      { method: 'GET', url: '/api/chat/streams/1', body: '', headers: { 'last-event-id': 'k3Zp9Q-57' } },
    ])
    expect(requests[0]!.headers['idempotency-key']).toBeUndefined()
    expect(requests[0]!.headers['content-type']).toBeUndefined()
  })

  test('of a GET stream is a GET of its url', async () => {
    const { url, requests } = await record()
    await framesOf(await open({ url, method: 'GET' }))
    expect(requests).toMatchObject([{ method: 'GET', url: '/' }])
  })

  test('asks functions for url and headers on each attempt, and waits for promises', async () => {
    const { url, requests } = await record()
    let asked = 0
    const transport = fetchTransport({
      accept: events,
      url: async () => new URL(`${url}/${++asked}`),
      headers: async () => ({ authorization: `Bearer ${asked}` }),
    })
    for (let attempt = 1; attempt <= 2; attempt++) {
      const signal = new AbortController().signal
      await framesOf(await transport({ cursor: undefined, attempt, signal, start, location: undefined }))
    }
    expect(requests.map((request) => [request.url, request.headers.authorization])).toEqual([
      ['/1', 'Bearer 1'],
      ['/2', 'Bearer 2'],
    ])
  })

  test('sends the headers that are given, but its own where they carry meaning', async () => {
    const { url, requests } = await record()
    await open(
      { url, headers: { 'x-tenant': 'a', accept: 'text/html', 'content-type': 'application/vnd.a+json' } },
      { start },
    )
    expect(requests[0]!.headers).toMatchObject({
      'x-tenant': 'a',
      accept: events,
      'content-type': 'application/vnd.a+json',
    })
  })

  test.each([
    ['a string', () => 'plain', /^text\/plain/, 'plain'],
    ['a form', () => new URLSearchParams({ a: '1' }), /^application\/x-www-form-urlencoded/, 'a=1'],
    ['bytes', () => new TextEncoder().encode('bytes'), /^undefined/, 'bytes'],
    ['a blob', () => new Blob(['blob'], { type: 'text/x' }), /^text\/x/, 'blob'],
    ['an object', (input: unknown) => ({ wrapped: input }), /^application\/json/, '{"wrapped":{"messages":["안녕"]}}'],
    ['a promise of an object', async () => ({ late: 1 }), /^application\/json/, '{"late":1}'],
    ['a number', () => 5, /^application\/json/, '5'],
    ['null', () => null, /^application\/json/, 'null'],
    ['nothing', () => undefined, /^undefined/, ''],
  ])('sends %s that `body` makes of the input', async (_, body, type, sent) => {
    const { url, requests } = await record()
    await open({ url, body: body as (input: unknown) => unknown }, { start })
    expect(requests[0]!.body).toBe(sent)
    expect(String(requests[0]!.headers['content-type'])).toMatch(type)
  })

  test('sends a form with files as the browser would', async () => {
    const { url, requests } = await record()
    const form = new FormData()
    form.set('file', new Blob(['안녕']), 'a.txt')
    await open({ url, body: () => form }, { start })
    expect(requests[0]!.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(requests[0]!.body).toContain('안녕')
  })

  test('whose input is no JSON is refused with a sentence and not repeated', async () => {
    const loop: Record<string, unknown> = {}
    loop.self = loop
    for (const input of [loop, { big: 5n }]) {
      const error = await failure(open({ url: 'http://127.0.0.1:1' }, { start: { ...start, input } }))
      expect(error).toMatchObject({ code: 'option', retryable: false })
    }
  })

  test('encodes a cursor beyond Latin-1 as UTF-8, as the standard says', async () => {
    const { url, requests } = await record()
    await open({ url, method: 'GET' }, { cursor: 'é-한-1' })
    expect(Buffer.from(requests[0]!.headers['last-event-id'] as string, 'latin1').toString()).toBe('é-한-1')
  })

  test('goes through the `fetch` that is given', async () => {
    const asked: [string, RequestInit][] = []
    const connection = await open(
      {
        url: 'http://anywhere.invalid/chat',
        credentials: 'include',
        fetch: async (url, init) => {
          asked.push([url, init])
          return new Response('data: 1\n\n', { headers: { 'content-type': events } })
        },
      },
      { start },
    )
    expect(await framesOf(connection)).toEqual([{ event: 'message', data: '1' }])
    expect(asked).toMatchObject([
      ['http://anywhere.invalid/chat', { method: 'POST', credentials: 'include', cache: 'no-store' }],
    ])
  })
})

describe('an answer', () => {
  test('of events is their frames, one array for each read', async () => {
    let more = () => {}
    const url = await serve((_, response) => {
      stream(response).write('id: 1\ndata: a\n\nid: 2\nda')
      more = () => response.end('ta: b\n\n')
    })
    const reads: (readonly Frame[])[] = []
    for await (const read of await open({ url })) {
      if (read.length > 0) reads.push(read)
      more()
    }
    expect(reads).toEqual([[{ event: 'message', data: 'a', id: '1' }], [{ event: 'message', data: 'b', id: '2' }]])
  })

  test('of blocks without data tells of their id and retry', async () => {
    const url = await serve((_, response) => {
      stream(response).end('id: 7\n\nretry: 2500\n\n')
    })
    const frames = await framesOf(await open({ url }))
    expect(frames.every(({ event }) => event === '')).toBe(true)
    expect(frames.findLast(({ id }) => id !== undefined)?.id).toBe('7')
    expect(frames.findLast(({ retry }) => retry !== undefined)?.retry).toBe(2_500)
  })

  test('that begins with a retry alone does not void the cursor', async () => {
    const url = await serve((_, response) => {
      stream(response).end('retry: 1000\n\n: comment\n\ndata: a\n\n')
    })
    const frames = await framesOf(await open({ url }, { cursor: 'e-5' }))
    expect(frames.filter(({ id }) => id !== undefined)).toEqual([])
    expect(frames.map(({ data }) => data)).toContain('a')
  })

  test('with an empty id voids the cursor, as the standard says', async () => {
    const url = await serve((_, response) => {
      stream(response).end('id: 7\ndata: a\n\nid\n\n')
    })
    expect((await framesOf(await open({ url }))).at(-1)).toMatchObject({ event: '', id: '' })
  })

  test('of plain text comes as it is, wherever UTF-8 is cut', async () => {
    const bytes = Buffer.from('안녕, 👋 world')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 4 }), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            for (let index = 1; index < edges.length; index++) {
              const piece = bytes.subarray(edges[index - 1], edges[index])
              if (piece.length > 0) controller.enqueue(new Uint8Array(piece))
            }
            controller.close()
          },
        })
        const response = new Response(body, { headers: { 'content-type': 'text/plain; charset=utf-8' } })
        const answer = createStream({ url: 'http://a.invalid', protocol: text(), fetch: async () => response })
        expect(await answer.start()).toMatchObject({ status: 'done', data: { text: '안녕, 👋 world' } })
      }),
      { numRuns: 200 },
    )
  })

  test('names where it lives, relative to where it was asked', async () => {
    const url = await serve((request, response) => {
      stream(response, { location: request.url === '/a/chat' ? '/a/chat/streams/1' : 'streams/2' }, 201).end()
    })
    expect((await open({ url: `${url}/a/chat` }, { start })).location).toBe(`${url}/a/chat/streams/1`)
    expect((await open({ url: `${url}/b/chat` }, { start })).location).toBe(`${url}/b/streams/2`)
  })

  test.each([
    'https://evil.invalid/streams/1',
    '//evil.invalid/1',
    'javascript:alert(1)',
    'http://[',
    'http://127.0.0.1:1/1',
  ])('that claims to live at %s is refused, and for good', async (location) => {
    const url = await serve((_, response) => {
      stream(response, { location }, 201)
    })
    const error = await failure(open({ url }, { start }))
    expect(error).toMatchObject({ code: 'http', retryable: false, status: 201 })
    expect(error.message).toContain('origin')
  })

  test('of a redirect is followed, with the cursor kept', async () => {
    const { url, requests } = await record((request, response) => {
      if (request.url === '/old') response.writeHead(307, { location: '/new' }).end()
      else stream(response, { location: 'streams/1' }).end('data: a\n\n')
    })
    const connection = await open({ url: `${url}/old` }, { start, cursor: 'e-1' })
    expect(await framesOf(connection)).toHaveLength(1)
    expect(requests.at(-1)).toMatchObject({ method: 'POST', url: '/new', headers: { 'last-event-id': 'e-1' } })
    expect(connection.location).toBe(`${url}/streams/1`)
  })

  test('of a redirect to another origin may not take the stream there: the next request would carry the credentials', async () => {
    const elsewhere = await serve((_, response) => {
      stream(response, { location: '/streams/1' }).end()
    })
    const url = await serve((_, response) => {
      response.writeHead(307, { location: `${elsewhere}/chat` }).end()
    })
    const error = await failure(open({ url, headers: { authorization: 'Bearer secret' } }, { start }))
    expect(error).toMatchObject({ code: 'http', retryable: false })
    expect(error.message).toContain(elsewhere)
  })

  test('204 to a reader says that nothing is left; to a start it is an error', async () => {
    const url = await serve((_, response) => {
      response.writeHead(204).end()
    })
    const connection = await open({ url, method: 'GET' })
    expect(connection.exhausted).toBe(true)
    expect(await framesOf(connection)).toEqual([])
    expect(await failure(open({ url }, { start }))).toMatchObject({ code: 'http', status: 204 })
  })

  test.each([404, 410])('%s to a reader is a stream that is gone; to a start it is an error', async (status) => {
    const url = await serve((_, response) => {
      response.writeHead(status).end()
    })
    expect(await failure(open({ url, method: 'GET' }))).toMatchObject({ code: 'gone', status })
    expect(await failure(open({ url }, { start, location: `${url}/1` }))).toMatchObject({ code: 'gone', status })
    expect(await failure(open({ url }, { start }))).toMatchObject({ code: 'http', status })
  })

  test.each([400, 401, 403, 405, 413, 422, 429, 500, 502, 503])(
    '%s is an error with the server’s own sentence',
    async (status) => {
      const url = await serve((_, response) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ error: { code: 'why', message: 'Give messages.' } }))
      })
      const error = await failure(open({ url }, { start }))
      expect(error).toMatchObject({ code: 'http', status, retryAfter: undefined })
      expect(error.message).toContain('Give messages.')
      expect(error.message).toContain(String(status))
    },
  )

  test('with Retry-After says how long to wait, in both forms', async () => {
    const url = await serve((request, response) => {
      const date = new Date(Date.now() + 60_000).toUTCString()
      response.writeHead(503, { 'retry-after': request.url === '/date' ? date : '7' }).end()
    })
    expect((await failure(open({ url }, { start }))).retryAfter).toBe(7_000)
    const { retryAfter } = await failure(open({ url: `${url}/date` }, { start }))
    expect(retryAfter).toBeGreaterThan(40_000)
    expect(retryAfter).toBeLessThanOrEqual(60_000)
  })

  test.each([
    ['no JSON', 'application/json', '{"error":'],
    ['no object', 'application/json', 'null'],
    ['no message', 'application/json', '{"error":{"message":5}}'],
    ['a page', 'text/html', '<h1>Bad gateway</h1>'],
    ['nothing', 'application/json', ''],
  ])('of an error with %s has a sentence of our own', async (_, type, body) => {
    const url = await serve((_, response) => {
      response.writeHead(502, { 'content-type': type }).end(body)
    })
    const error = await failure(open({ url }, { start }))
    expect(error).toMatchObject({ code: 'http', status: 502, message: 'The server answered 502.' })
  })

  test('of an error without end, or without a beginning, holds nobody up', async () => {
    const closed: Promise<unknown>[] = []
    const url = await serve((request, response) => {
      closed.push(once(response, 'close'))
      response.writeHead(401, { 'content-type': request.url === '/html' ? 'text/html' : 'application/json' })
      response.flushHeaders()
      if (request.url === '/endless') response.write('{"error":{"message":"It goes on ')
    })
    for (const path of ['html', 'endless', 'silent']) {
      expect(await failure(open({ url: `${url}/${path}` }, { start }))).toMatchObject({ code: 'http', status: 401 })
    }
    await Promise.all(closed)
  })

  test('that is a page with status 200 is an error that says so, and the socket is closed', async () => {
    let closed: Promise<unknown> | undefined
    const url = await serve((_, response) => {
      closed = once(response, 'close')
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).write('<!doctype html>')
    })
    const error = await failure(open({ url: `${url}/chat` }, { start }))
    expect(error).toMatchObject({ code: 'content-type', status: 200, retryable: false })
    expect(error.message).toContain('page')
    expect(error.message).toContain(`${url}/chat`)
    await closed
  })

  test.each(['application/json', 'text/plain', ''])(
    'of the type "%s" in place of events is an error that names both',
    async (type) => {
      const url = await serve((_, response) => {
        response.writeHead(200, type ? { 'content-type': type } : {}).end('data: a\n\n')
      })
      const error = await failure(open({ url }, { start }))
      expect(error.code).toBe('content-type')
      expect(error.message).toContain(type || 'no content type')
      expect(error.message).toContain(events)
    },
  )

  test('type is read whatever its case and parameters', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'Text/Event-Stream;charset=UTF-8' }).end('data: a\n\n')
    })
    expect(await framesOf(await open({ url }, { start }))).toHaveLength(1)
  })

  test('with an event above the bound is an error, after what came before it', async () => {
    const url = await serve((_, response) => {
      stream(response).write(`data: a\n\ndata: ${'x'.repeat(200)}\n\n`)
    })
    const connection = await open({ url, maxEventSize: 100 }, { start })
    const frames: Frame[] = []
    const reading = (async () => {
      for await (const read of connection) frames.push(...read)
    })()
    // Although the server says no more.
    expect(await failure(reading)).toMatchObject({ code: 'too-large' })
    expect(frames).toEqual([{ event: 'message', data: 'a' }])
  })

  test('that breaks is a network error, after what came before it', async () => {
    let reset = () => {}
    const url = await serve((_, response) => {
      stream(response).write('data: a\n\ndata: b')
      // What has not been read yet when the connection breaks is lost with it.
      reset = () => response.socket!.resetAndDestroy()
    })
    const frames: Frame[] = []
    const error = await failure(
      (async () => {
        for await (const read of await open({ url }, { start })) {
          frames.push(...read)
          if (frames.length > 0) reset()
        }
      })(),
    )
    expect(error).toMatchObject({ code: 'network', retryable: true })
    expect(frames).toEqual([{ event: 'message', data: 'a' }])
  })

  test('that does not come is a network error that names the address', async () => {
    const error = await failure(open({ url: 'http://127.0.0.1:1/chat' }, { start }))
    expect(error).toMatchObject({ code: 'network', retryable: true })
    expect(error.message).toContain('http://127.0.0.1:1/chat')
  })
})

describe('aborted', () => {
  test('before it begins, sends nothing', async () => {
    const { url, requests } = await record()
    await expect(open({ url }, { start, signal: AbortSignal.abort() })).rejects.toThrow()
    expect(requests).toEqual([])
  })

  test('while it waits for the head, ends at once and closes the socket', async () => {
    const controller = new AbortController()
    let arrived!: (response: ServerResponse) => void
    const response = new Promise<ServerResponse>((resolve) => {
      arrived = resolve
    })
    const url = await serve((_, response) => arrived(response))
    const opening = failure(open({ url }, { start, signal: controller.signal }))
    const closed = once(await response, 'close')
    controller.abort()
    await opening
    await closed
  })

  test('while it reads, ends at once and closes the socket', async () => {
    const controller = new AbortController()
    let closed: Promise<unknown> | undefined
    const url = await serve((_, response) => {
      closed = once(response, 'close')
      stream(response).write('data: a\n\n')
    })
    const connection = await open({ url }, { start, signal: controller.signal })
    await failure(
      (async () => {
        for await (const _ of connection) controller.abort()
        controller.signal.throwIfAborted()
      })(),
    )
    await closed
  })

  test('while it reads what is not tied to the signal, ends at once', async () => {
    const controller = new AbortController()
    let cancelled = false
    const body = new ReadableStream({
      cancel() {
        cancelled = true
      },
    })
    const fetch = async () => new Response(body, { headers: { 'content-type': events } })
    const connection = await open({ url: 'http://a.invalid', fetch }, { start, signal: controller.signal })
    const reading = framesOf(connection)
    controller.abort()
    await reading.catch(() => {})
    expect(cancelled).toBe(true)
  })

  test('by a clock, plain text that is not tied to the signal is cut and not done', async () => {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('a')) })
    const fetch = async () => new Response(body, { headers: { 'content-type': 'text/plain' } })
    const answer = createStream({ url: 'http://a.invalid', protocol: text(), fetch, clocks: { stall: 30 } })
    expect(await answer.start()).toMatchObject({
      status: 'interrupted',
      data: { text: 'a' },
      error: { reason: 'timeout' },
    })
  })

  test('a connection that is left closes the socket', async () => {
    let closed: Promise<unknown> | undefined
    const url = await serve((_, response) => {
      closed = once(response, 'close')
      stream(response).write('data: a\n\n')
    })
    for await (const _ of await open({ url }, { start })) break
    await closed
  })
})

describe('a stop', () => {
  const stop = (options: Partial<FetchTransportOptions>, location?: string) =>
    fetchTransport({ accept: events, ...options }).stop!({ location, start, signal: new AbortController().signal })

  test('is a POST below the location, with the key and fresh headers', async () => {
    const { url, requests } = await record((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
    await stop({ url: `${url}/chat`, headers: () => ({ authorization: 'Bearer 1' }) }, `${url}/chat/streams/1?tenant=a`)
    await stop({ url: `${url}/chat/` })
    expect(requests).toMatchObject([
      { method: 'POST', url: '/chat/streams/1/stop?tenant=a', body: '', headers: { authorization: 'Bearer 1' } },
      { method: 'POST', url: '/chat/stop', headers: { 'idempotency-key': start.key } },
    ])
  })

  test.each([200, 202, 204])('is acknowledged by %s', async (status) => {
    const url = await serve((_, response) => {
      response.writeHead(status).end()
    })
    await expect(stop({ url })).resolves.toBeUndefined()
  })

  test('is refused by anything else', async () => {
    const url = await serve((request, response) => {
      response.writeHead(request.url === '/gone/stop' ? 404 : 503, { 'retry-after': '1' }).end()
    })
    expect(await failure(stop({ url: `${url}/gone` }))).toMatchObject({ code: 'gone' })
    expect(await failure(stop({ url }))).toMatchObject({ code: 'http', status: 503, retryAfter: 1_000 })
  })

  test('is acknowledged by the head: a body without end holds nobody up', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200).write('…')
    })
    await expect(stop({ url })).resolves.toBeUndefined()
    const body = new ReadableStream({ cancel: () => new Promise(() => {}) })
    await expect(stop({ url: 'http://a.invalid', fetch: async () => new Response(body) })).resolves.toBeUndefined()
  })
})

describe('wrong options are sentences', () => {
  test.each([
    ['/api/chat', 'url'],
    ['', 'url'],
    ['http://', 'url'],
    [undefined, 'url'],
    [5, 'url'],
  ])('the url %j outside a page', async (url, name) => {
    const error = await failure(open({ url: url as string }, { start }))
    expect(error).toMatchObject({ code: 'option', retryable: false })
    expect(error.message).toContain(`\`${name}\``)
  })

  test('a relative url is one of the page', async () => {
    const { url, requests } = await record()
    vi.stubGlobal('location', new URL(`${url}/app/index.html`))
    await open({ url: '../api/chat' }, { start })
    expect(requests[0]!.url).toBe('/api/chat')
  })

  test('a relative url is one of the base that the page names, as for every other request', async () => {
    const { url, requests } = await record()
    vi.stubGlobal('location', new URL('http://a.invalid/chats/1'))
    vi.stubGlobal('document', { baseURI: `${url}/app/` })
    await open({ url: 'api/chat' }, { start })
    expect(requests[0]!.url).toBe('/app/api/chat')
  })

  test('headers that HTTP does not allow', async () => {
    for (const headers of [{ 'a b': '1' }, { a: 'x\ny' }, { a: '안' }]) {
      const error = await failure(open({ url: 'http://127.0.0.1:1', headers }, { start }))
      expect(error).toMatchObject({ code: 'option', retryable: false })
      expect(error.message).toContain('`headers`')
    }
  })

  test('a bound that is no number of bytes', async () => {
    const url = await serve((_, response) => {
      stream(response).end()
    })
    const reading = open({ url, maxEventSize: 1.5 }, { start }).then(framesOf)
    expect(await failure(reading)).toMatchObject({ code: 'option' })
  })
})

describe('a runtime that lacks something is told so', () => {
  test('no fetch', async () => {
    vi.stubGlobal('fetch', undefined)
    const error = await failure(open({ url: 'http://127.0.0.1:1' }, { start }))
    expect(error).toMatchObject({ code: 'unsupported', retryable: false })
    expect(error.message).toContain('`fetch`')
  })

  test('no stream of a body', async () => {
    const fetch = async () =>
      ({ status: 200, ok: true, url: '', headers: new Headers({ 'content-type': events }), body: null }) as Response
    const error = await failure(open({ url: 'http://a.invalid', fetch }, { start }))
    expect(error).toMatchObject({ code: 'unsupported', retryable: false })
  })
})

test('nobody who reads slowly is sent more than eight mebibytes ahead', async () => {
  let written = 0
  const url = await serve((_, response) => {
    stream(response)
    const event = `data: ${'x'.repeat(65_536)}\n\n`
    const write = () => {
      while (written < 64 * 1_048_576) {
        written += event.length
        if (!response.write(event)) {
          response.once('drain', write)
          return
        }
      }
    }
    write()
  })
  const connection = await open({ url }, { start })
  for await (const _ of connection) {
    let before = -1
    while (before !== written) {
      before = written
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(written).toBeLessThan(8 * 1_048_576)
    break
  }
})
