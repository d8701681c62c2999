// Above 150 lines: proxies of several kinds, each with the few lines that make it one.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { StreamError } from '@keepstream/core'
import { pollTransport, whenBuffered } from '@keepstream/core/poll'
import { prefer } from '@keepstream/core/websocket'
import { createFaultProxy } from '@keepstream/testing'
import { expect } from 'vitest'
import { after, keepstreamLine } from './harness'
import { chapter } from './table'
import { until } from './until'
import { expectWhole } from './verdict'
import { type HubLine, onBoth, place, serveSocketWire, socketTo, transports, webSocketLine } from './websocket-line'
import { end, events, hello, location, sends, serveWire, word } from './wire'

const fault = chapter(import.meta.filename, 'Proxies', transports)

const half = hello(0) + word(1, '안녕') + word(2, ' ')
const rest = word(3, '세상') + end(4)

async function listen(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/api/chat`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Sends a request on, with the headers that matter here. */
async function pass(request: IncomingMessage, target: string): Promise<Response> {
  const chunks: Buffer[] = []
  for await (const bytes of request) chunks.push(bytes as Buffer)
  const names = ['accept', 'authorization', 'content-type', 'idempotency-key', 'last-event-id']
  const headers = names.flatMap((name) => {
    const value = request.headers[name]
    return typeof value === 'string' ? [[name, value] as [string, string]] : []
  })
  const { method = 'GET', url = '/' } = request
  return fetch(new URL(url, target), { method, headers, ...(method === 'POST' && { body: Buffer.concat(chunks) }) })
}

/** Collects every answer until it is complete. */
const collecting = (target: string) =>
  listen(async (request, response) => {
    try {
      const answer = await pass(request, target)
      const whole = Buffer.from(await answer.arrayBuffer())
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(whole)
    } catch {
      response.destroy()
    }
  })

fault('a proxy that collects each answer until it is complete', {
  fetch: [
    'says that it is buffered, and reads on by long polling, while the model writes',
    async () => {
      await using line = await keepstreamLine({ tokensPerSecond: 40 })
      await using proxy = await collecting(line.direct)
      const via = [whenBuffered(pollTransport({ url: proxy.url, wait: 1_000 }), { patience: 200 })]
      const client = line.open({ url: proxy.url, via })
      const reasons = new Set<string | undefined>()
      client.stream.subscribe(() => reasons.add(client.stream.get().connection.error?.reason))
      const run = client.ask()
      await client.reads(after(5))
      expect(line.model.ledger[0]!.outcome, 'it is read before it is complete').not.toBe('finished')
      const snapshot = await run
      expect(reasons).toContain('buffered')
      return await expectWhole(line, client, snapshot)
    },
  ],
  webSocket: 'cannot happen: such a proxy lets no socket open, which is the row below',
})

fault('a proxy that takes the upgrade and passes nothing', {
  fetch: 'cannot happen: there is no upgrade',
  webSocket: [
    'the socket does not open in time; events over `fetch` instead, within the same attempt',
    async () => {
      await using line = await webSocketLine({ tokensPerSecond: 200 })
      await using dead = await createFaultProxy({ target: line.direct })
      dead.blackhole()
      const via = [prefer(socketTo(dead.url, { connect: 200 }).transport('/api/chat'))]
      const client = line.open({ url: line.url, via, transport: undefined as never })
      const snapshot = await client.ask()
      expect([client.drops, dead.accepted]).toEqual([[], 1])
      return await expectWhole(line, client, snapshot)
    },
  ],
})

const page = '<!doctype html><p>Sign in.</p>'

fault('a page of HTML with status 200', {
  fetch: 'see "Event streams that are wrong"',
  webSocket: [
    'no socket opens: tried again, and told in the end',
    async () => {
      await using line = await webSocketLine()
      await line.proxy.answer({ status: 200, headers: { 'content-type': 'text/html' }, body: page, times: 3 })
      const client = line.open({ retry: { maxRetries: 2, baseDelay: 5 } })
      const snapshot = await client.ask()
      expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'network' } })
      expect([line.proxy.accepted, line.model.calls]).toEqual([3, 0])
      await line.settled()
      return 'failed `network`, no call'
    },
  ],
})

fault('a server that takes the socket and speaks something else', {
  fetch: 'see "another content type"',
  webSocket: [
    'fails with a sentence, at once',
    async () => {
      await using wire = await serveSocketWire(() => {})
      const client = wire.client({
        socket: {
          WebSocket: class extends (await import('ws')).default {
            constructor(url: string) {
              super(url)
            }
          },
        },
      })
      expect(await client.ask()).toMatchObject({ status: 'failed', error: { code: 'content-type' } })
      expect([client.drops, wire.requests.length]).toEqual([[], 0])
      return 'failed `content-type`, no request'
    },
  ],
})

fault('502, 503 and 504 with a page of HTML, with and without `Retry-After`, at the reconnect', {
  ...onBoth('is never read as events; tries again and goes on from its cursor', async (lineOf) => {
    // Idle connections are closed before the answers are planned, which takes a while.
    await using line = await lineOf({ tokensPerSecond: 50 })
    const client = line.open()
    const run = client.ask()
    await client.reads(after(5))
    for (const status of [502, 503, 504]) {
      await line.proxy.answer({ status, headers: { 'content-type': 'text/html' }, body: page })
      const headers = { 'content-type': 'text/html', 'retry-after': '0' }
      await line.proxy.answer({ status, headers, body: page })
    }
    line.proxy.cut()
    const snapshot = await run
    // A browser shows no status of an upgrade that was refused.
    const [cut, ...refused] = client.drops
    expect([cut, refused.length]).toEqual(['network', 6])
    expect(new Set(refused).size).toBe(1)
    return await expectWhole(line, client, snapshot)
  }),
})

/** Closes what is silent for 300 ms, as proxies do after a minute. */
async function idleLimit(lineOf: (options: object) => Promise<HubLine>, heartbeat: number) {
  await using line = await lineOf({ firstTokenDelay: 1_000, hub: { heartbeat } })
  let seen = { bytes: -1, at: 0, looks: 0 }
  const timer = setInterval(() => {
    const bytes = line.proxy.bytes.down
    if (bytes !== seen.bytes) seen = { bytes, at: performance.now(), looks: 0 }
    // Of a machine that stood still nothing has passed either: it is given some turns to catch up.
    else if (++seen.looks > 10 && performance.now() - seen.at > 300) line.proxy.cut({ how: 'end' })
  }, 10)
  const client = line.open()
  const snapshot = await client.ask().finally(() => clearInterval(timer))
  return { drops: client.drops.length, said: await expectWhole(line, client, snapshot) }
}

fault('an idle limit, with heartbeats', {
  ...onBoth('is never reached', async (lineOf) => {
    const { drops, said } = await idleLimit(lineOf, 100)
    expect(drops).toBe(0)
    return said
  }),
})

fault('an idle limit, without heartbeats', {
  ...onBoth('costs a connection each time and nothing else', async (lineOf) => {
    const { drops, said } = await idleLimit(lineOf, 15_000)
    expect(drops).toBeGreaterThan(1)
    return said
  }),
})

fault('a redirect (301, 302, 307, 308) of the address to read from', {
  fetch: [
    'is followed with the position kept',
    async () => {
      for (const status of [301, 302, 307, 308]) {
        await using wire = await serveWire(
          sends(half, location),
          (response) => response.writeHead(status, { location: '/moved' }).end(),
          sends(hello(2) + rest),
        )
        const client = wire.keepstream()
        expect(await client.ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
        expect(wire.requests.map(({ method, url, headers }) => [method, url, headers['last-event-id']])).toEqual([
          ['POST', '/api/chat', undefined],
          ['GET', '/api/chat/streams/one', 'abcdef-2'],
          ['GET', '/moved', 'abcdef-2'],
        ])
      }
      return 'done, one start'
    },
  ],
  webSocket: 'cannot happen: there is no redirect on an open socket',
})

fault('a redirect (307, 308) of the start', {
  fetch: [
    'is followed with body and key',
    async () => {
      for (const status of [307, 308]) {
        await using wire = await serveWire(
          (response) => response.writeHead(status, { location: '/moved' }).end(),
          sends(half + rest, location),
        )
        expect(await wire.keepstream().ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
        expect(wire.requests.map(({ method, url }) => [method, url])).toEqual([
          ['POST', '/api/chat'],
          ['POST', '/moved'],
        ])
        expect(new Set(wire.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
      }
      return 'done, one key'
    },
  ],
  webSocket: [
    'of the upgrade: followed by no browser; tried again like any connection that could not be made',
    async () => {
      await using line = await webSocketLine()
      for (const status of [301, 307]) await line.proxy.answer({ status, headers: { location: '/moved' } })
      const client = line.open()
      const snapshot = await client.ask()
      expect(client.drops).toEqual(['network', 'network'])
      return await expectWhole(line, client, snapshot)
    },
  ],
})

fault('a redirect to another origin', {
  fetch: [
    'is followed without `authorization` and cookies, as the Fetch standard says',
    async () => {
      await using other = await serveWire(sends(hello(2) + rest))
      await using wire = await serveWire(sends(half, location), (response) =>
        response.writeHead(307, { location: other.url }).end(),
      )
      const client = wire.keepstream({ headers: { authorization: 'Bearer secret', cookie: 'session=secret' } })
      expect(await client.ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      expect(wire.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', 'Bearer secret'])
      expect(other.requests.map(({ headers }) => [headers.authorization, headers.cookie])).toEqual([
        [undefined, undefined],
      ])
      return 'done, no token told'
    },
  ],
  webSocket: [
    'a `location` at another origin is refused, as over `fetch`',
    async () => {
      await using wire = await serveSocketWire((reply) => reply.opened(201, `http://127.0.0.1:9${place}`))
      const client = wire.client()
      expect(await client.ask()).toMatchObject({ status: 'failed', error: { code: 'http' } })
      expect(wire.requests).toHaveLength(1)
      return 'failed `http`'
    },
  ],
})

fault('a server that moves to another port between attempts', {
  fetch: [
    'the `url` function is asked again; a location at the old port is not used there',
    async () => {
      await using moved = await serveWire(sends(hello(0) + word(1, '안녕') + word(2, ' ') + rest))
      let url = ''
      await using wire = await serveWire(async (response) => {
        url = moved.url
        events(response).end(half)
      })
      url = wire.url
      const client = wire.keepstream({ url: () => url })
      expect(await client.ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      const keys = [...wire.requests, ...moved.requests].map(({ headers }) => headers['idempotency-key'])
      expect([keys.length, new Set(keys).size]).toEqual([2, 1])
      return 'done, one key'
    },
  ],
  webSocket: [
    'the `url` function is asked at each connect; goes on from its cursor',
    async () => {
      await using line = await webSocketLine({ tokensPerSecond: 100 })
      await using other = await createFaultProxy({ target: line.direct })
      let url = line.url
      const client = line.open({ over: socketTo(line.url, { url: () => new URL('/api/socket', url) }) })
      const run = client.ask()
      await client.reads(after(5))
      url = other.url
      await line.proxy.refuse()
      line.proxy.cut()
      const snapshot = await run
      expect([client.drops, other.accepted]).toEqual([['network'], 1])
      return await expectWhole(line, client, snapshot)
    },
  ],
})

/** Keeps every answer to a GET that does not forbid it, for whoever asks next. */
const caching = (target: string, kept: Map<string, Buffer>) =>
  listen(async (request, response: ServerResponse) => {
    const { method, url = '/' } = request
    const held = method === 'GET' ? kept.get(url) : undefined
    if (held) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(held)
      return
    }
    const answer = await pass(request, target)
    const body = Buffer.from(await answer.arrayBuffer())
    if (method === 'GET' && !/no-store/.test(answer.headers.get('cache-control') ?? '')) kept.set(url, body)
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(body)
  })

fault('a cache that keeps whatever it may, and another user who asks for the same address', {
  fetch: [
    'nothing is kept: every answer says `no-store`; the other user is turned away',
    async () => {
      const authorize = ({ request }: { readonly request: Request }) => {
        const user = request.headers.get('authorization')
        if (user) return { user }
        throw new StreamError('http', 'Sign in.', { status: 401 })
      }
      await using line = await keepstreamLine({ hub: { authorize } })
      const kept = new Map<string, Buffer>()
      await using proxy = await caching(line.direct, kept)
      const one = line.open({ url: proxy.url, headers: { authorization: 'Bearer one' } })
      const snapshot = await one.ask()
      const found = await fetch(line.direct, {
        method: 'POST',
        headers: { authorization: 'Bearer one', 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ messages: [{ role: 'user', content: 'Again.' }] }),
      })
      const { pathname } = new URL(found.headers.get('location')!, line.direct)
      const url = new URL(pathname, proxy.url).href
      const reader = (user: string) => line.open({ url, method: 'GET', headers: { authorization: `Bearer ${user}` } })
      const mine = reader('one')
      await until(() => mine.stream.get().status, 'done')
      const foreign = reader('two')
      await until(() => foreign.stream.get().connection.state, 'closed')
      expect([foreign.text(), foreign.stream.get().error?.status]).toEqual(['', 404])
      expect(kept.size).toBe(0)
      expect([snapshot.data, mine.text()]).toEqual([await line.whole(), (await line.whole()).text])
      await line.settled()
      return 'done, nothing kept, nothing told'
    },
  ],
  webSocket: 'cannot happen: no cache keeps what goes over a socket',
})
