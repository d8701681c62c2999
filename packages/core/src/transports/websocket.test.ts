// Above 150 lines: a socket has many ways to go wrong, and each is a test over a real one.
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { fakeSockets, NodeWebSocket, type Sent, type ServedSocket, serveSockets } from '../../test/websocket-server'
import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { keepstream } from '../protocols/keepstream'
import { createStream } from '../stream'
import type { Connection, OpenRequest, StopRequest, Transport } from './transport'
import { createSocket, type Socket, type SocketOptions } from './websocket'

const start = { input: { messages: ['안녕'] }, key: 'abcdefghijklmnopqrstuv' }
const route = '/api/chat'
const location = '/api/chat/streams/1'

function socketTo(url: string, options: Partial<SocketOptions> = {}): Socket {
  const socket = createSocket({ url, WebSocket: NodeWebSocket, linger: 20, ...options })
  onTestFinished(socket.close)
  return socket
}

const open = (transport: Transport, request: Partial<OpenRequest> = {}): Promise<Connection> =>
  transport({
    cursor: undefined,
    attempt: 1,
    signal: new AbortController().signal,
    start: undefined,
    location: undefined,
    ...request,
  })

const stop = (transport: Transport, request: Partial<StopRequest> = {}): Promise<void> =>
  transport.stop!({ location: undefined, start: undefined, signal: new AbortController().signal, ...request })

async function framesOf(connection: Connection): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const read of connection) frames.push(...read)
  return frames
}

const failure = (promise: Promise<unknown>): Promise<StreamError> =>
  promise.then(
    () => {
      throw new Error('It did not fail.')
    },
    (error: StreamError) => error,
  )

const text = (seq: number, word = String(seq)): Frame => ({ event: 'text', data: JSON.stringify(word), id: `e-${seq}` })
const asks = ({ type }: Sent) => type === 'start' || type === 'read'

/** Answers each request with `opened` and these events, and closes it. */
const answers =
  (...events: Frame[]) =>
  (message: Sent, socket: ServedSocket) => {
    if (!asks(message)) return
    socket.say({ type: 'opened', id: message.id, status: 201, location })
    socket.say({ type: 'events', id: message.id, events })
    socket.say({ type: 'closed', id: message.id })
  }

/** Answers a request with this, of the exchange that asked. */
const says =
  (...messages: object[]) =>
  (message: Sent, socket: ServedSocket) => {
    if (asks(message) || message.type === 'stop') for (const said of messages) socket.say({ id: message.id, ...said })
  }

describe('a signal', () => {
  test('that is aborted already ends it before anything is sent', async () => {
    const { WebSocket, sockets } = fakeSockets()
    const transport = socketTo('http://a.invalid', { WebSocket }).transport(route)
    const reason = new Error('left')
    expect(await failure(open(transport, { start, signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(await failure(stop(transport, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(sockets).toEqual([])
  })

  test('that is aborted before the socket is open takes the start back: it is never sent', async () => {
    const { WebSocket, sockets } = fakeSockets()
    const transport = socketTo('http://a.invalid', { WebSocket }).transport(route)
    const controller = new AbortController()
    const failed = failure(open(transport, { start, signal: controller.signal }))
    const other = open(transport, { start: { ...start, key: 'other' } })
    await expect.poll(() => sockets).toHaveLength(1)
    controller.abort()
    expect((await failed).name).toBe('AbortError')
    sockets[0]!.open()
    expect(sockets[0]!.sent).toMatchObject([{ type: 'start', key: 'other' }])
    sockets[0]!.say({ type: 'opened', id: sockets[0]!.sent[0]!.id, status: 201 })
    await other
  })

  test('that is aborted while it waits for the answer leaves', async () => {
    const server = await serveSockets(() => {})
    const controller = new AbortController()
    const failed = failure(open(socketTo(server.url).transport(route), { start, signal: controller.signal }))
    await expect.poll(() => server.sockets[0]?.sent).toHaveLength(1)
    controller.abort()
    expect((await failed).name).toBe('AbortError')
    await expect
      .poll(() => server.sockets[0]!.sent.map(({ type, id }) => [type, id]))
      .toEqual([
        ['start', 1],
        ['leave', 1],
      ])
  })

  test('that is aborted while it reads ends the reading at once, with what waits dropped', async () => {
    const server = await serveSockets(
      says({ type: 'opened', status: 200 }, { type: 'events', events: [text(1), text(2)] }),
    )
    const controller = new AbortController()
    const connection = await open(socketTo(server.url).transport(route), { start, signal: controller.signal })
    controller.abort()
    expect((await failure(framesOf(connection))).name).toBe('AbortError')
    await expect.poll(() => server.sockets[0]!.sent.at(-1)!.type).toBe('leave')
  })
})

describe('a request', () => {
  test('that starts says where, with which key and what', async () => {
    const server = await serveSockets(answers(text(1)))
    await framesOf(await open(socketTo(server.url).transport(route), { start }))
    expect(server.sockets[0]!.sent).toEqual([{ type: 'start', id: 1, route, key: start.key, input: start.input }])
    expect(server.sockets[0]!.request.headers['sec-websocket-protocol']).toBe('keepstream.v1')
  })

  test('that starts again says what has arrived, and sends what `body` makes of its input', async () => {
    const server = await serveSockets(answers())
    const body = async (input: unknown) => ({ wrapped: input })
    await framesOf(await open(socketTo(server.url).transport(route, { body }), { start, cursor: 'e-5' }))
    expect(server.sockets[0]!.sent).toMatchObject([{ type: 'start', input: { wrapped: start.input }, after: 'e-5' }])
  })

  test('that reads names the place by its path, wherever it was learned', async () => {
    const server = await serveSockets(answers())
    const transport = socketTo(server.url).transport(route)
    await framesOf(
      await open(transport, { start, location: 'http://elsewhere.invalid/api/chat/streams/1?a=b', cursor: 'e-5' }),
    )
    await framesOf(await open(transport))
    expect(server.sockets[0]!.sent).toMatchObject([
      { type: 'read', id: 1, location: '/api/chat/streams/1?a=b', after: 'e-5' },
      { type: 'read', id: 2, location: route },
    ])
  })

  test.each([
    ['a big number', () => [5n]],
    ['a form', () => new FormData()],
    ['bytes', () => new Uint8Array(1)],
  ])('whose input is no JSON, such as %s, is refused with a sentence', async (_, input) => {
    const { WebSocket, sockets } = fakeSockets()
    const transport = socketTo('http://a.invalid', { WebSocket }).transport(route)
    const error = await failure(open(transport, { start: { ...start, input: input() } }))
    expect(error).toMatchObject({ code: 'option', retryable: false })
    expect(sockets).toEqual([])
  })

  test('goes to the address of the page where it is relative, and to `ws:` in place of `http:`', async () => {
    vi.stubGlobal('location', new URL('https://app.invalid/chats/1'))
    onTestFinished(() => void vi.unstubAllGlobals())
    const { WebSocket, sockets } = fakeSockets()
    for (const url of ['/socket', new URL('http://a.invalid/b'), async () => 'wss://c.invalid/d']) {
      void open(socketTo(url as string, { WebSocket }).transport(route)).catch(() => {})
    }
    await expect
      .poll(() => sockets.map(({ url }) => url).sort())
      .toEqual(['ws://a.invalid/b', 'wss://app.invalid/socket', 'wss://c.invalid/d'])
  })
})

describe('an answer', () => {
  test('is its frames, with the carrier, the bytes and where it lives', async () => {
    const server = await serveSockets(answers(text(1, '안녕'), { ...text(2), retry: 1_750 }))
    const connection = await open(socketTo(server.url).transport(route), { start })
    expect(connection).toMatchObject({ carrier: 'websocket', location: `${server.origin}${location}` })
    expect(await framesOf(connection)).toEqual([text(1, '안녕'), { ...text(2), retry: 1_750 }])
    expect(connection.bytes!()).toBeGreaterThan(Buffer.byteLength('"안녕"'))
  })

  test('that comes while its reader is busy is one batch', async () => {
    const { WebSocket, sockets } = fakeSockets((socket) => queueMicrotask(() => socket.open()))
    const opened = open(socketTo('http://a.invalid', { WebSocket }).transport(route))
    await expect.poll(() => sockets[0]?.sent).toHaveLength(1)
    sockets[0]!.say({ type: 'opened', id: 1, status: 200 })
    const reading = (await opened)[Symbol.asyncIterator]()
    for (const seq of [1, 2, 3]) sockets[0]!.say({ type: 'events', id: 1, events: [text(seq)] })
    expect((await reading.next()).value).toEqual([text(1), text(2), text(3)])
    await reading.return!()
    expect(sockets[0]!.sent.at(-1)).toEqual({ type: 'leave', id: 1 })
  })

  test('204 to a reader says that nothing is left; to a start it is an error', async () => {
    const server = await serveSockets(says({ type: 'opened', status: 204 }, { type: 'closed' }))
    const transport = socketTo(server.url).transport(route)
    const connection = await open(transport, { location })
    expect(connection.exhausted).toBe(true)
    expect(await framesOf(connection)).toEqual([])
    expect(await failure(open(transport, { start }))).toMatchObject({ code: 'http', status: 204 })
  })

  test.each(['https://evil.invalid/streams/1', '//evil.invalid/1', 'javascript:alert(1)', 'http://['])(
    'that claims to live at %s is refused, and left',
    async (claimed) => {
      const server = await serveSockets(says({ type: 'opened', status: 201, location: claimed }))
      const error = await failure(open(socketTo(server.url).transport(route), { start }))
      expect(error).toMatchObject({ code: 'http', retryable: false, status: 201 })
      await expect.poll(() => server.sockets[0]!.sent.at(-1)).toMatchObject({ type: 'leave' })
    },
  )

  test.each([404, 410])('%s to a reader is a stream that is gone; to a start it is an error', async (status) => {
    const server = await serveSockets(says({ type: 'refused', status, code: 'x', message: 'No.' }))
    const transport = socketTo(server.url).transport(route)
    expect(await failure(open(transport, { start, location }))).toMatchObject({ code: 'gone', status })
    expect(await failure(open(transport, { start }))).toMatchObject({ code: 'http', status })
  })

  test.each([400, 401, 403, 422, 429, 503])(
    '%s is an error with the sentence and the delay of the server',
    async (status) => {
      const server = await serveSockets(says({ type: 'refused', status, message: 'Give messages.', retryAfter: 700 }))
      const error = await failure(open(socketTo(server.url).transport(route), { start }))
      expect(error).toMatchObject({
        code: 'http',
        status,
        retryAfter: 700,
        message: `The server answered ${status}: Give messages.`,
      })
    },
  )

  test.each([
    ['that closes before it was opened', { type: 'closed' }, 'network'],
    ['whose events are none', { type: 'events', events: [{ event: 'text' }] }, 'decode'],
    ['whose events are no list', { type: 'events', events: 5 }, 'decode'],
  ])('%s is an error', async (_, message, code) => {
    const server = await serveSockets(says(message))
    expect((await failure(open(socketTo(server.url).transport(route), { start }))).code).toBe(code)
  })

  test.each(['no JSON', 'null', '5'])(
    'of %s harms nobody but, where it cannot be read, this socket',
    async (message) => {
      const server = await serveSockets((sent, socket) => {
        socket.say(message)
        answers(text(1))(sent, socket)
      })
      const outcome = await open(socketTo(server.url).transport(route), { start }).then(
        framesOf,
        (error: StreamError) => error.code,
      )
      expect(outcome).toEqual(message === 'no JSON' ? 'decode' : [text(1)])
    },
  )

  test('larger than the bound is refused, for this stream alone', async () => {
    const server = await serveSockets((message, socket) =>
      answers(text(1, message.route === '/big' ? 'x'.repeat(5_000) : 'y'))(message, socket),
    )
    const socket = socketTo(server.url, { maxBytes: 2_000 })
    const big = open(socket.transport('/big'), { start }).then(framesOf)
    const small = open(socket.transport(route), { start }).then(framesOf)
    expect(await failure(big)).toMatchObject({ code: 'too-large', retryable: false })
    expect(await small).toEqual([text(1, 'y')])
  })
})

describe('a stop', () => {
  test('is acknowledged, by its place or by its key', async () => {
    const server = await serveSockets(says({ type: 'stopped' }))
    const transport = socketTo(server.url).transport(route)
    await stop(transport, { location: `http://a.invalid${location}`, start })
    await stop(transport, { start })
    expect(server.sockets[0]!.sent).toEqual([
      { type: 'stop', id: 1, location, key: start.key },
      { type: 'stop', id: 2, route, key: start.key },
    ])
  })

  test('that is refused says why', async () => {
    const server = await serveSockets((message, socket) =>
      socket.say({ type: 'refused', id: message.id, status: message.location ? 404 : 503, retryAfter: 5 }),
    )
    const transport = socketTo(server.url).transport(route)
    expect(await failure(stop(transport, { location }))).toMatchObject({ code: 'gone' })
    expect(await failure(stop(transport, { start }))).toMatchObject({ code: 'http', status: 503, retryAfter: 5 })
  })

  test('that waits in vain is sent on another socket the next time', async () => {
    const server = await serveSockets((message, socket, number) => {
      if (number > 1) says({ type: 'stopped' })(message, socket)
    })
    const transport = socketTo(server.url).transport(route)
    const controller = new AbortController()
    const failed = failure(stop(transport, { start, signal: controller.signal }))
    await expect.poll(() => server.sockets[0]?.sent).toHaveLength(1)
    controller.abort()
    await failed
    await stop(transport, { start })
    expect(server.sockets).toHaveLength(2)
  })
})

describe('the socket', () => {
  test('is one for all streams, opened by the first and closed a while after the last', async () => {
    const server = await serveSockets(answers(text(1)))
    const socket = socketTo(server.url)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(server.sockets).toHaveLength(0)
    const routes = ['/a', '/b', '/c', '/d', '/e', '/f', '/g', '/h']
    const all = await Promise.all(routes.map((name) => open(socket.transport(name), { start }).then(framesOf)))
    expect(all).toEqual(routes.map(() => [text(1)]))
    expect(server.sockets).toHaveLength(1)
    await expect.poll(() => server.live()).toBe(0)
    await framesOf(await open(socket.transport(route), { start }))
    expect(server.sockets).toHaveLength(2)
  })

  test('that breaks ends each stream on it, after what had arrived', async () => {
    const server = await serveSockets(says({ type: 'opened', status: 200 }, { type: 'events', events: [text(1)] }))
    const transport = socketTo(server.url).transport(route)
    const connections = await Promise.all([open(transport, { start }), open(transport, { start })])
    server.sockets[0]!.cut()
    for (const connection of connections) {
      const reading = connection[Symbol.asyncIterator]()
      expect((await reading.next()).value).toEqual([text(1)])
      expect(await failure(reading.next())).toMatchObject({ code: 'network', retryable: true, retryAfter: undefined })
    }
  })

  test.each([
    [1000, '', { code: 'network', retryAfter: undefined }],
    [1011, '', { code: 'network', retryAfter: undefined }],
    [1012, '', { code: 'network', retryAfter: 1 }],
    [1012, '0', { code: 'network', retryAfter: 1 }],
    [1013, '2500', { code: 'network', retryAfter: 2_500 }],
    [
      4401,
      'Sign in.',
      { code: 'http', status: 401, retryable: false, message: 'The server closed the socket (4401: Sign in.).' },
    ],
    [4403, '', { code: 'http', status: 403, retryAfter: undefined }],
    [4404, '', { code: 'http', status: 404 }],
    [4408, '', { code: 'network', retryAfter: 1 }],
    [4409, '', { code: 'http', status: 409 }],
    [4429, '', { code: 'http', status: 429, retryAfter: 1_000 }],
  ])('that the server closes with %i %j says what to do', async (code, reason, expected) => {
    const server = await serveSockets((_, socket) => socket.close(code, reason))
    expect(await failure(open(socketTo(server.url).transport(route), { start }))).toMatchObject(expected)
  })

  test('that was closed for a message too large blames the one that was', async () => {
    const server = await serveSockets((message, socket) => {
      if (message.route === '/big') socket.close(1009)
    })
    const socket = socketTo(server.url)
    const small = failure(open(socket.transport(route), { start }))
    const big = failure(open(socket.transport('/big'), { start: { ...start, input: 'x'.repeat(70_000) } }))
    expect(await big).toMatchObject({ code: 'http', status: 413 })
    expect(await small).toMatchObject({ code: 'network' })
  })

  test.each([401, 403, 503])(
    'that is refused with %i before it opens is a connection that could not be made',
    async (status) => {
      const server = await serveSockets(() => {}, { refuse: () => status })
      expect(await failure(open(socketTo(server.url).transport(route), { start }))).toMatchObject({ code: 'network' })
    },
  )

  test('of another dialect is refused', async () => {
    const { WebSocket } = fakeSockets((socket) => queueMicrotask(() => socket.open('')))
    const error = await failure(open(socketTo('http://a.invalid', { WebSocket }).transport(route), { start }))
    expect(error).toMatchObject({ code: 'content-type', retryable: false })
  })

  test('that does not open in time is given up, also for those who wait on it', async () => {
    const { WebSocket, sockets } = fakeSockets()
    const transport = socketTo('http://a.invalid', { WebSocket, connect: 20 }).transport(route)
    const errors = await Promise.all([failure(open(transport, { start })), failure(stop(transport, { start }))])
    for (const error of errors) expect(error).toMatchObject({ code: 'network', retryable: true })
    expect(sockets.map(({ closed }) => closed)).toEqual([true])
  })

  test('that is silent is asked for a sign of life, and is dead without one', async () => {
    const server = await serveSockets(says({ type: 'opened', status: 200 }))
    const transport = socketTo(server.url, { ping: 200, pong: 100 }).transport(route)
    const connections = await Promise.all([open(transport, { start }), open(transport, { start })])
    for (const connection of connections) expect(await failure(framesOf(connection))).toMatchObject({ code: 'network' })
    const sent = server.sockets[0]!.sent.map(({ type }) => type)
    expect(sent.filter((type) => type !== 'ping')).toEqual(['start', 'start'])
    expect(sent.at(-1)).toBe('ping')
  })

  test('that answers is alive, and each stream on it hears of that', async () => {
    const server = await serveSockets((message, socket) => {
      if (message.type === 'ping') socket.say({ type: 'pong' })
      else says({ type: 'opened', status: 200 })(message, socket)
    })
    const connection = await open(socketTo(server.url, { ping: 10, pong: 5_000 }).transport(route), { start })
    const reading = connection[Symbol.asyncIterator]()
    for (let beats = 0; beats < 3; beats++) expect((await reading.next()).value).toEqual([])
    await reading.return!()
  })

  test('on which somebody waited until a clock ran out is not used again', async () => {
    const server = await serveSockets((message, socket, number) => {
      if (number > 1) answers(text(1))(message, socket)
    })
    const transport = socketTo(server.url).transport(route)
    const controller = new AbortController()
    const failed = failure(open(transport, { start, signal: controller.signal }))
    await expect.poll(() => server.sockets[0]?.sent).toHaveLength(1)
    const reason = new StreamError('timeout', 'Slow.', { reason: 'connect' })
    controller.abort(reason)
    expect(await failed).toBe(reason)
    expect(await framesOf(await open(transport, { start }))).toEqual([text(1)])
    await expect.poll(() => server.live()).toBe(0)
  })

  test('that is closed here ends what is under way, and opens again for what comes', async () => {
    const server = await serveSockets((message, socket, number) => {
      if (number > 1) answers(text(1))(message, socket)
    })
    const socket = socketTo(server.url)
    const failed = failure(open(socket.transport(route), { start }))
    await expect.poll(() => server.sockets[0]?.sent).toHaveLength(1)
    socket.close()
    expect(await failed).toMatchObject({ code: 'network', retryable: true })
    expect(await framesOf(await open(socket.transport(route), { start }))).toEqual([text(1)])
  })

  test('ignores messages that it does not know, and those for whom nobody waits', async () => {
    const server = await serveSockets((message, socket) => {
      for (const said of [{ type: 'new' }, { type: 'events', id: 99, events: [] }, { type: 'new', id: message.id }])
        socket.say(said)
      answers(text(1))(message, socket)
    })
    expect(await framesOf(await open(socketTo(server.url).transport(route), { start }))).toEqual([text(1)])
  })
})

describe('credentials', () => {
  test('go as the first message, before what waits, without waiting for the answer', async () => {
    const server = await serveSockets(answers(text(1)))
    await framesOf(await open(socketTo(server.url, { token: 'secret' }).transport(route), { start }))
    expect(server.sockets[0]!.sent).toMatchObject([{ type: 'auth', token: 'secret' }, { type: 'start' }])
    expect(server.sockets[0]!.request.url).not.toContain('secret')
  })

  test('are asked for at each connect, and renewed on the open socket before they expire', async () => {
    let asked = 0
    const server = await serveSockets((message, socket) => {
      if (message.type === 'auth') socket.say({ type: 'authorized', expires: 100 })
      else says({ type: 'opened', status: 200 })(message, socket)
    })
    const transport = socketTo(server.url, { token: async () => `token-${++asked}` }).transport(route)
    const began = performance.now()
    const connection = await open(transport, { start })
    await expect.poll(() => server.sockets[0]!.sent.filter(({ type }) => type === 'auth')).toHaveLength(3)
    expect(performance.now() - began).toBeGreaterThan(150)
    server.sockets[0]!.cut()
    await failure(framesOf(connection))
    const tokens = asked
    await open(transport, { start })
    await expect.poll(() => server.sockets[1]?.sent[0]).toEqual({ type: 'auth', token: `token-${tokens + 1}` })
  })

  test('that are refused are a 401; that have expired on the way ask for fresh ones', async () => {
    const server = await serveSockets((message, socket, number) => {
      if (number > 1 && message.type === 'auth') socket.say({ type: 'authorized' })
      if (asks(message)) socket.close(4401, '')
    })
    const transport = socketTo(server.url, { token: 'a' }).transport(route)
    expect(await failure(open(transport, { start }))).toMatchObject({ code: 'http', status: 401 })
    expect(await failure(open(transport, { start }))).toMatchObject({ code: 'network', retryAfter: 1 })
  })

  test('that cannot be had fail the connect with the error of the function', async () => {
    const { WebSocket, sockets } = fakeSockets()
    const reason = new Error('signed out')
    const token = () => Promise.reject(reason)
    expect(await failure(open(socketTo('http://a.invalid', { WebSocket, token }).transport(route)))).toBe(reason)
    expect(sockets).toEqual([])
  })

  test('that cannot be renewed leave the socket as it is', async () => {
    let asked = 0
    let close = () => {}
    const server = await serveSockets((message, socket) => {
      if (message.type === 'auth') socket.say({ type: 'authorized', expires: 10 })
      if (asks(message)) {
        socket.say({ type: 'opened', id: message.id, status: 200 })
        close = () => socket.say({ type: 'closed', id: message.id })
      }
    })
    const token = () => {
      if (++asked === 1) return 'a'
      setTimeout(() => close(), 50)
      throw new Error('signed out')
    }
    expect(await framesOf(await open(socketTo(server.url, { token }).transport(route)))).toEqual([])
    expect(asked).toBe(2)
  })
})

describe('a page that is put away', () => {
  test('takes the socket with it that nobody uses, and leaves no listener behind', async () => {
    const page = new EventTarget()
    const added = vi.fn(page.addEventListener.bind(page))
    const removed = vi.fn(page.removeEventListener.bind(page))
    vi.stubGlobal('addEventListener', added)
    vi.stubGlobal('removeEventListener', removed)
    onTestFinished(() => void vi.unstubAllGlobals())
    const server = await serveSockets(says({ type: 'opened', status: 200 }))
    const transport = socketTo(server.url, { linger: 600_000 }).transport(route)
    const read = async (id: number) => {
      const reading = framesOf(await open(transport))
      page.dispatchEvent(new Event('pagehide')) // In use: that is for the stream to say.
      server.sockets.at(-1)!.say({ type: 'closed', id })
      expect(await reading).toEqual([])
    }
    await read(1)
    await read(2)
    expect(server.sockets).toHaveLength(1)
    page.dispatchEvent(new Event('pagehide'))
    await expect.poll(() => server.live()).toBe(0)
    expect(added).toHaveBeenCalledTimes(2)
    expect(removed.mock.calls.at(-1)).toEqual(added.mock.calls.at(-1))
    await read(1)
    expect(server.sockets).toHaveLength(2)
  })
})

describe('a wrong use is a sentence', () => {
  test.each<[string, object]>([
    ['url', {}],
    ['token', { url: 'http://a.invalid', token: 5 }],
    ['WebSocket', { url: 'http://a.invalid', WebSocket: 'ws' }],
    ['ping', { url: 'http://a.invalid', ping: '5' }],
    ['maxFrames', { url: 'http://a.invalid', maxFrames: 1 }],
    ['maxBytes', { url: 'http://a.invalid', maxBytes: 1 }],
    ['pings', { url: 'http://a.invalid', pings: 5 }],
  ])('about the option `%s`', (name, options) => {
    expect(() => createSocket(options as never)).toThrow(`\`${name}\``)
  })

  test('about a route that is no path', () => {
    expect(() => createSocket({ url: 'http://a.invalid' }).transport('http://a.invalid/chat')).toThrow('`route`')
  })

  test('about a runtime without WebSocket', async () => {
    vi.stubGlobal('WebSocket', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    const error = await failure(open(createSocket({ url: 'http://a.invalid' }).transport(route)))
    expect(error).toMatchObject({ code: 'unsupported', retryable: false })
  })

  test('about an address that no socket can have', async () => {
    const transport = socketTo('ftp://a.invalid').transport(route)
    expect(await failure(open(transport))).toMatchObject({ code: 'option', retryable: false })
  })
})

test('a stream reads over a socket as over anything else, and comes back to its place', async () => {
  const hello = { event: 'hello', data: '{"heartbeat":15000}', id: 'e-0' }
  const end = { event: 'end', data: '{"state":"done","n":2}', id: 'e-3' }
  const server = await serveSockets((message, socket) => {
    const again = message.type === 'read'
    if (!again && message.type !== 'start') return
    socket.say({ type: 'opened', id: message.id, status: 201, location })
    socket.say({ type: 'events', id: message.id, events: again ? [text(2, '세상'), end] : [hello, text(1, '안녕 ')] })
    if (!again) setTimeout(() => socket.cut(), 20)
  })
  const transport = socketTo(server.url).transport(route)
  const stream = createStream({ protocol: keepstream(), transport, retry: { baseDelay: 1 } })
  expect(await stream.start({ prompt: 'Hi' })).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
  const sent = () => server.sockets.flatMap((socket) => socket.sent.map(({ type, after }) => [type, after]))
  await expect
    .poll(() => sent())
    .toEqual([
      ['start', undefined],
      ['read', 'e-1'],
      ['leave', undefined],
    ])
})
