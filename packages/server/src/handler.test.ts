import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createStream, keepstream } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { converse, gate, paths, serve, until } from '../test/served'
import { createHandler } from './handler'
import { createHub } from './hub'
import { memoryLog } from './memory-log'
import { toNodeListener } from './node'

const id = 'x'.repeat(22)

describe.each(paths)('the handler on the %s path', (path) => {
  it.each([
    ['GET', '/api/chat', 'POST, OPTIONS'],
    ['DELETE', '/api/chat', 'POST, OPTIONS'],
    ['GET', '/api/chat/stop', 'POST, OPTIONS'],
    ['POST', '/api/chat/streams', 'GET, HEAD, OPTIONS'],
    ['POST', `/api/chat/streams/${id}`, 'GET, HEAD, OPTIONS'],
    ['GET', `/api/chat/streams/${id}/stop`, 'POST, OPTIONS'],
  ])('[R42] answers %s %s with 405 and what is allowed', async (method, address, allow) => {
    await using served = await serve(path, () => {})
    const response = await served.get(address, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
    expect(await response.json()).toEqual({ error: { code: 'method_not_allowed', message: expect.any(String) } })
    const options = await served.get(address, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, allow])
  })

  it.each([
    '/',
    '/api',
    '/api/chat/',
    '/api/chatter',
    '/api/chat/streams/',
    `/api/chat/streams/${id}/more`,
    `/streams/${id}`,
    '/stop',
    `/api/chat/streams/${'x'.repeat(2000)}`,
  ])('[R45] answers %s with 404', async (address) => {
    await using served = await serve(path, () => {})
    const response = await served.get(address, { method: 'POST' })
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: { code: 'not_found', message: expect.any(String) } },
    ])
  })
})

it.each(['POST /nowhere', 'GET /api/chat', 'POST /api/chat'])(
  'does not wait for the rest of a body that nobody reads: %s',
  async (line) => {
    await using served = await serve('node', () => {}, { limits: { bodyTimeout: 100 } })
    const { said, took } = await converse(served.port, `${line} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{`)
    expect(said).toMatch(/^HTTP\/1.1 4/)
    expect(took).toBeLessThan(4_500)
  },
)

it('leaves a connection open whose body was long, unread and whole', async () => {
  await using served = await serve('node', () => {}, { limits: { bodyTimeout: 600 } })
  const body = 'x'.repeat(200_000)
  const request = `POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  const pause = new Promise((resolve) => setTimeout(resolve, 700))
  const socket = connect(served.port, '127.0.0.1')
  let said = ''
  socket.on('data', (chunk) => {
    said += chunk
  })
  socket.write(request)
  await until(() => said.includes('404'))
  await pause
  socket.write('OPTIONS /api/chat HTTP/1.1\r\nhost: x\r\n\r\n')
  await until(() => said.includes('204'))
  socket.destroy()
})

it('takes only path and query of an address, whatever else it says', async () => {
  const asked: string[] = []
  const authorize = ({ request }: { request: Request }) => {
    asked.push(request.url)
    return {}
  }
  await using served = await serve('node', () => {}, { authorize })
  for (const address of [
    `http://user:word@elsewhere/api/chat/streams/${id}?from=now`,
    `/api/chat/streams/${id}?from=now`,
    `/api/../api/chat/streams/${id}?from=now`,
  ]) {
    const { said } = await converse(served.port, `GET ${address} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    expect(said).toMatch(/^HTTP\/1.1 404/)
    expect(asked.splice(0)).toEqual([`http://localhost/api/chat/streams/${id}?from=now`])
  }
  for (const address of ['*', 'data:x', `//elsewhere/api/chat/streams/${id}`, `/api%2Fchat/streams/${id}`]) {
    const { said } = await converse(served.port, `GET ${address} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    expect(said).toMatch(/^HTTP\/1.1 40[04]/)
  }
  expect(asked).toEqual([])
  expect(new Set(served.events.map(({ type }) => type))).toEqual(new Set(['refused']))
})

it('outlives a response that somebody else has sent', async () => {
  const failures: unknown[] = []
  const told = createHub({ log: memoryLog(), onEvent: (event) => void failures.push(event) })
  const listener = toNodeListener(createHandler(told, { '/api/chat': () => {} }))
  const server = createServer((request, response) => {
    listener(request, response)
    response.writeHead(504, { connection: 'close' }).end('late')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { said } = await converse(port, 'GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n')
  expect(said).toContain('504')
  expect(failures).toMatchObject([
    { type: 'refused', status: 404 },
    { type: 'request-failed', path: '/nowhere', error: { code: 'unsupported' } },
  ])
  server.close()
  await told.close()
})

it('hears of a client of the web path that leaves, also when its request was collected as garbage', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const hub = createHub({ log: memoryLog() })
  const { opened, open } = gate()
  const handler = createHandler(hub, { '/api/chat': () => opened })
  const leaving = new AbortController()
  const headers = { 'content-type': 'application/json' }
  const ask = () =>
    handler(new Request('http://x/api/chat', { method: 'POST', body: '{}', headers, signal: leaving.signal }))
  const response = await ask()
  for (let index = 0; index < 5; index++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    collect()
  }
  expect(hub.counts().readers).toBe(1)
  leaving.abort()
  await until(() => hub.counts().readers === 0)
  expect(response.status).toBe(201)
  open()
  await hub.close()
})

it('serves HTTP/2, its authorisation included', async () => {
  const hub = createHub({
    log: memoryLog(),
    authorize: ({ request }) => ({ user: request.headers.get('x-user') ?? undefined }),
    limits: { bodyTimeout: 500 },
  })
  const handler = createHandler(hub, { '/api/chat': ({ text }) => text('Hello') })
  const server = createHttp2Server(toNodeListener(handler) as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const ask = async (body?: string) => {
    const stream = client.request({ ':method': 'POST', ':path': '/api/chat', 'content-type': 'application/json' })
    if (body) stream.end(body)
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    let text = ''
    for await (const chunk of stream) text += chunk
    stream.destroy()
    return [headers[':status'], text]
  }
  expect(await ask('{}')).toEqual([201, expect.stringContaining('event: end')])
  expect(await ask()).toEqual([408, expect.stringContaining('body_too_slow')])
  client.close()
  server.close()
  await hub.close()
})

describe.each(paths)('authorize on the %s path', (path) => {
  it.each([true, 'ada', { user: 5 }, { tenant: null }, [], { user: {} }])(
    'fails where it returns %j',
    async (wrong) => {
      await using served = await serve(path, () => {}, { authorize: () => wrong as never })
      expect((await served.start()).status).toBe(500)
      const message = expect.stringContaining('authorize')
      expect(served.events).toMatchObject([{ type: 'request-failed', error: { code: 'option', message } }])
    },
  )

  it('may take longer than its client stays', async () => {
    const { opened, open } = gate()
    let asked = 0
    const authorize = async () => {
      asked++
      await opened
      return {}
    }
    await using served = await serve(path, ({ text }) => text('Hello'), { authorize })
    const leaving = new AbortController()
    const start = served.start({}, {}, { signal: leaving.signal })
    const read = served.get(`/api/chat/streams/${id}`, { signal: leaving.signal })
    await until(() => asked === 2)
    leaving.abort()
    await Promise.allSettled([start, read])
    await until(() => served.sockets.size === 0)
    open()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await until(() => served.hub.counts().generations === 0)
    expect(served.hub.counts().readers).toBe(0)
    expect(served.events.filter(({ type }) => type === 'request-failed')).toEqual([])
  })
})

describe.each(paths)('the client of @keepstream/core on the %s path', (path) => {
  const untilAborted = (signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

  it('gets a whole answer through connections that are rotated all the time', async () => {
    const words = Array.from({ length: 120 }, (_, index) => `${index} 말 `)
    const produce = async ({ text }: { text: (piece: string) => unknown }) => {
      for (const word of words) {
        text(word)
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    }
    await using served = await serve(path, produce, { connectionAge: 20, retry: { min: 1, max: 5 } })
    await using answer = createStream({ url: `${served.url}/api/chat`, protocol: keepstream() })
    const { status, data, error } = await answer.start({})
    expect([status, data.text, error]).toEqual(['done', words.join(''), undefined])
    const count = (type: string) => served.events.filter((event) => event.type === type).length
    expect(count('attached')).toBeGreaterThan(2)
    expect(count('created')).toBe(1)
  })

  it('stops an answer, and is told so', async () => {
    await using served = await serve(path, ({ text, signal }) => {
      text('so far')
      return untilAborted(signal)
    })
    await using answer = createStream({ url: `${served.url}/api/chat`, protocol: keepstream() })
    const run = answer.start({})
    await until(() => answer.get().data.text !== '')
    expect(await answer.stop()).toEqual({ acknowledged: true })
    expect(await run).toMatchObject({ status: 'stopped', data: { text: 'so far' } })
  })

  it('hears that the server was shut down, and keeps the text', async () => {
    await using served = await serve(path, ({ text, signal }) => {
      text('so far')
      return untilAborted(signal)
    })
    await using answer = createStream({ url: `${served.url}/api/chat`, protocol: keepstream() })
    const run = answer.start({})
    await until(() => answer.get().data.text !== '')
    await served.hub.close({ drainTimeout: 10 })
    expect(await run).toMatchObject({ status: 'interrupted', data: { text: 'so far' }, error: { reason: 'shutdown' } })
  })

  it('hears that entries were dropped before it came to read them', async () => {
    const log = memoryLog({ maxLogBytes: 300_000 })
    await using served = await serve(
      path,
      ({ text }) => {
        for (let index = 0; index < 4000; index++) text('x'.repeat(80))
      },
      { log },
    )
    const location = (await served.start({}, { accept: 'application/json' })).headers.get('location')!
    await using answer = createStream({ url: served.url + location, method: 'GET', protocol: keepstream() })
    const { status, data } = await answer.resume()
    expect(status).toBe('done')
    expect(data.text.length).toBeLessThan(4000 * 80)
    expect(data.text.length).toBeGreaterThan(1000 * 80)
  })
})

it('reads a long address that leads nowhere in no time', async () => {
  const handler = createHandler(createHub({ log: memoryLog() }), { '/api/chat': () => {} })
  for (const piece of ['/', '/a', '/streams/a', '/api/chat']) {
    const address = `http://localhost/${piece.repeat(15_000 / piece.length)}`
    const began = performance.now()
    for (let count = 0; count < 20; count++) expect((await handler(new Request(address))).status).toBe(404)
    expect(performance.now() - began).toBeLessThan(5_000)
  }
})

describe('createHandler', () => {
  const hub = createHub({ log: memoryLog() })
  const produce = () => {}

  it.each([
    ['a path without a slash', { 'api/chat': produce }, 'The route "api/chat" is no path.'],
    ['a path with one too many', { '/api/chat/': produce }, 'The route "/api/chat/" is no path.'],
    ['a path with a query', { '/api?x': produce }, 'The route "/api?x" is no path.'],
    ['a path that URLs write in another way', { '/채팅': produce }, 'The route "/채팅" is no path.'],
    ['a path that goes back', { '/api/../chat': produce }, 'The route "/api/../chat" is no path.'],
    ['a path that goes back in disguise', { '/api/%2E%2e/chat': produce }, 'The route "/api/%2E%2e/chat" is no path.'],
    ['a pattern', { '/api/:room': produce }, 'The route "/api/:room" looks like a pattern'],
    ['no routes', undefined as never, 'createHandler has no routes.'],
    ['no producer', { '/api': {} as never }, 'The route "/api" has no producer.'],
    [
      'a path that hides another',
      { '/api': produce, '/api/stop': produce },
      'The route "/api/stop" hides an address of the route "/api".',
    ],
    [
      'a path below the streams of another',
      { '/api': produce, '/api/streams/x': produce },
      'The route "/api/streams/x" hides',
    ],
  ])('refuses %s with a sentence', (_, routes, message) => {
    expect(() => createHandler(hub, routes)).toThrow(
      expect.objectContaining({ code: 'option', message: expect.stringContaining(message) }),
    )
  })

  it.each([undefined, { '/api': produce }])('refuses what is no hub: %j', (given) => {
    expect(() => createHandler(given as never, hub as never)).toThrow(
      expect.objectContaining({
        code: 'option',
        message: `The hub of createHandler is ${given ? 'an object' : given}. Give createHub(…).`,
      }),
    )
  })
})
