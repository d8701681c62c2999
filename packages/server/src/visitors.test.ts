import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { allEvents, dataOf, eventsOf, gate, paths, type Served, serve, until } from '../test/served'
import { serveSocket } from '../test/socket'
import type { Producer } from './generation'
import { createHub } from './hub'
import type { Authorize } from './hub-options'
import type { Limits } from './limits'
import { memoryLog } from './memory-log'
import { webSink } from './sinks/web'
import { webExchange } from './web-exchange'

const json = { accept: 'application/json' }

const untilAborted: Producer = ({ signal }) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
/** As the standard has an `EventSource` ask. */
const eventSource = { accept: 'text/event-stream', 'cache-control': 'no-cache' }

const authorize: Authorize = ({ request }) => {
  const [tenant, user] = request.headers.get('x-who')?.split('/') ?? []
  return { tenant: tenant || undefined, user }
}

async function hold(path: 'node' | 'web', limits: Partial<Limits>, trustProxy = 0) {
  const { opened, open } = gate()
  const retry = { min: 1200, max: 1200 }
  const served = await serve(path, () => opened, { authorize, limits, retry }, { trustProxy })
  // With the answer, which fetch would give up once nobody holds it.
  const readers: { readonly leaving: AbortController; readonly response: Response }[] = []
  return {
    served,
    open,
    locate: async (headers: Record<string, string> = {}) =>
      (await served.start({}, { ...json, ...headers })).headers.get('location')!,
    /** A connection that stays. */
    async read(location: string, headers: Record<string, string> = {}) {
      const leaving = new AbortController()
      const response = await served.get(location, { headers, signal: leaving.signal })
      if (response.status === 200) readers.push({ leaving, response })
      return response
    },
    leave: () => readers.pop()!.leaving.abort(),
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  }
}

const told = async (response: Response) => ({
  status: response.status,
  retryAfter: response.headers.get('retry-after'),
  code: ((await response.json()) as { error: { code: string } }).error.code,
})

describe.each(paths)('bounds on connections on the %s path', (path) => {
  it('[R85 R86] bounds those of one user, and gives the place of one that left to the next', async () => {
    await using line = await hold(path, { connectionsPerUser: 2 })
    const ann = { 'x-who': 'acme/ann' }
    const location = await line.locate(ann)
    for (let count = 0; count < 2; count++) expect((await line.read(location, ann)).status).toBe(200)
    const refused = await line.read(location, ann)
    expect(await told(refused)).toEqual({ status: 429, retryAfter: '2', code: 'too_many_connections' })
    // Of the same name, and somebody else.
    for (const who of ['/ann', 'other/ann', 'acme/bob']) {
      expect((await line.read(await line.locate({ 'x-who': who }), { 'x-who': who })).status).toBe(200)
      line.leave()
    }
    line.leave()
    await until(() => line.served.hub.counts().readers === 1)
    expect((await line.read(location, ann)).status).toBe(200)
    line.open()
  })

  it('[R85] refuses a start that would be read, before anything begins, and none that would not', async () => {
    await using line = await hold(path, { connectionsPerUser: 1 })
    const ann = { 'x-who': 'acme/ann' }
    expect((await line.read(await line.locate(ann), ann)).status).toBe(200)
    expect(await told(await line.served.start({}, ann))).toMatchObject({ status: 429 })
    expect(line.served.hub.counts().generations).toBe(1)
    expect((await line.served.start({}, { ...ann, ...json })).status).toBe(202)
    line.open()
  })

  it('[R85] counts a poll that waits', async () => {
    await using line = await hold(path, { connectionsPerUser: 1 })
    const ann = { 'x-who': 'acme/ann' }
    const location = await line.locate(ann)
    const poll = line.served.get(`${location}?wait=30`, { headers: { ...ann, ...json } })
    await until(() => line.served.hub.visitors.refusal({ tenant: 'acme', user: 'ann' }) !== undefined)
    for (const headers of [ann, { ...ann, ...json }]) {
      expect((await told(await line.served.get(location, { headers }))).status).toBe(429)
    }
    line.open()
    expect((await poll).status).toBe(200)
    await until(() => line.served.hub.visitors.refusal({ tenant: 'acme', user: 'ann' }) === undefined)
  })

  it('[R86] gives back the place of a poll whose client left while somebody was asked about it', async () => {
    const { opened, open } = gate()
    let asked = 0
    const slow: Authorize = async ({ verb }) => {
      if (verb === 'read' && asked++ === 0) await opened
      return { user: 'ann' }
    }
    await using served = await serve(path, untilAborted, { authorize: slow, limits: { connectionsPerUser: 1 } })
    const location = await startOf(served)
    const client = connect(served.port, '127.0.0.1')
    client.write(`GET ${location}?wait=30 HTTP/1.1\r\nhost: x\r\naccept: application/json\r\n\r\n`)
    await until(() => asked === 1)
    const [connection] = [...served.sockets].filter(({ remotePort }) => remotePort === client.localPort)
    client.destroy()
    await once(connection!, 'close')
    open()
    const isFree = () => served.hub.visitors.refusal({ user: 'ann' }) === undefined
    await until(isFree)
    expect((await served.get(location, { headers: json })).status).toBe(200)
    expect(isFree()).toBe(true)
  })

  it('[R85] bounds those of one address where it is told to, as the nearest proxy gives it', async () => {
    await using line = await hold(path, { connectionsPerAddress: 1 }, 1)
    const location = await line.locate()
    const from = (address: string) => line.read(location, { 'x-forwarded-for': address })
    expect((await from('192.0.2.1')).status).toBe(200)
    expect(await told(await from('192.0.2.1'))).toMatchObject({ status: 429, code: 'too_many_connections' })
    expect((await from('192.0.2.9, 192.0.2.1')).status).toBe(429)
    expect((await from('192.0.2.1, 192.0.2.9')).status).toBe(200)
    expect((await from('2001:db8::1')).status).toBe(200)
    expect((await from('2001:db8::2')).status).toBe(429)
    line.open()
  })

  it('[R85] bounds those of the process with 503', async () => {
    await using line = await hold(path, { connections: 2 })
    const location = await line.locate()
    for (let count = 0; count < 2; count++) expect((await line.read(location)).status).toBe(200)
    expect(await told(await line.read(location))).toEqual({ status: 503, retryAfter: '2', code: 'overloaded' })
    line.leave()
    await until(() => line.served.hub.counts().readers === 1)
    expect((await line.read(location)).status).toBe(200)
    line.open()
  })

  it('[R87] makes an EventSource wait, which would give up for good at any other status', async () => {
    await using line = await hold(path, { connectionsPerUser: 1 })
    const ann = { 'x-who': 'acme/ann' }
    const location = await line.locate(ann)
    await line.read(location, ann)
    const response = await line.read(location, { ...ann, ...eventSource })
    expect(response.status).toBe(200)
    const frames = await allEvents(response)
    expect(frames.map(({ event, retry }) => [event, retry])).toEqual([
      ['hello', 1200],
      ['bye', undefined],
    ])
    expect(dataOf(frames[1])).toEqual({ reason: 'busy', after: 1200 })
    expect(line.served.hub.counts().readers).toBe(1)
    expect(line.served.events.at(-1)).toEqual({
      type: 'refused',
      route: '/api/chat',
      status: 429,
      code: 'too_many_connections',
    })
    // Who can send a header can read a status.
    const other = await line.read(location, { ...ann, ...eventSource, authorization: 'Bearer x' })
    expect(other.status).toBe(429)
    line.open()
  })

  it('[R88] bounds the answers under way of one user, and finds one of them by its key all the same', async () => {
    await using line = await hold(path, { streamsPerUser: 2 })
    const start = (who: string, key?: string) =>
      line.served.start({}, { ...json, 'x-who': who, ...(key && { 'idempotency-key': key }) })
    const first = await start('acme/ann', 'one')
    expect([first.status, (await start('acme/ann')).status]).toEqual([202, 202])
    expect(await told(await start('acme/ann'))).toEqual({ status: 429, retryAfter: '2', code: 'too_many_streams' })
    expect(await told(await start('acme/ann', 'two'))).toMatchObject({ status: 429 })
    const again = await start('acme/ann', 'one')
    expect([again.status, again.headers.get('location')]).toEqual([200, first.headers.get('location')])
    expect((await start('acme/bob')).status).toBe(202)
    await line.served.get(`${first.headers.get('location')}/stop`, { method: 'POST', headers: { 'x-who': 'acme/ann' } })
    await until(() => line.served.hub.counts().generations === 2)
    expect((await start('acme/ann', 'two')).status).toBe(202)
    line.open()
  })

  it('[R88] finds an answer that is over by its key where all places are taken, and tells another request', async () => {
    let count = 0
    const produce: Producer = (context) => (count++ === 0 ? undefined : untilAborted(context))
    const options = { authorize, limits: { streamsPerUser: 1 } }
    await using served = await serve(path, produce, options)
    const start = (key: string, input: unknown = {}) =>
      served.start(input, { ...json, 'x-who': 'acme/ann', 'idempotency-key': key })
    const first = await start('one')
    await until(() => served.hub.counts().generations === 0)
    expect((await start('two')).status).toBe(202)
    const again = await start('one')
    expect([again.status, again.headers.get('location')]).toEqual([200, first.headers.get('location')])
    expect((await start('one', 'other')).status).toBe(422)
    expect((await start('three')).status).toBe(429)
    await served.get(`/api/chat/stop`, { method: 'POST', headers: { 'x-who': 'acme/ann', 'idempotency-key': 'two' } })
    await until(() => served.hub.counts().generations === 0)
    expect((await start('three')).status).toBe(202)
  })

  it('[R88] counts a start that was repeated many times at once as one', async () => {
    await using line = await hold(path, { streamsPerUser: 2 })
    const start = (key: string) => line.served.start({}, { ...json, 'x-who': 'a/ann', 'idempotency-key': key })
    const many = await Promise.all(Array.from({ length: 20 }, () => start('one')))
    expect(many.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 202])
    expect([(await start('two')).status, (await start('three')).status]).toEqual([202, 429])
    line.open()
  })

  it('[R88] gives back the place of a start that came to nothing', async () => {
    await using line = await hold(path, { streamsPerUser: 1 })
    const start = (input: unknown, key: string) =>
      line.served.start(input, { ...json, 'x-who': 'a/ann', 'idempotency-key': key })
    const stop = (key: string) =>
      line.served.get('/api/chat/stop', { method: 'POST', headers: { 'x-who': 'a/ann', 'idempotency-key': key } })
    await stop('stopped')
    expect((await start(1, 'stopped')).status).toBe(200)
    expect((await start(2, 'stopped')).status).toBe(422)
    expect((await start(1, 'one')).status).toBe(202)
    expect((await start(2, 'one')).status).toBe(422)
    expect((await start(2, 'two')).status).toBe(429)
    line.open()
    await until(() => line.served.hub.counts().generations === 0)
    expect((await start(2, 'two')).status).toBe(202)
  })

  it('[R84] ends a connection with its credential, and takes no poll further', async () => {
    const { opened, open } = gate()
    const expiring: Authorize = ({ request }) => ({ expires: Number(request.headers.get('x-expires') ?? 60_000) })
    await using served = await serve(path, () => opened, { authorize: expiring, heartbeat: 40 })
    const location = await startOf(served)
    const began = performance.now()
    const soon = { 'x-expires': '150' }
    const [frames, page] = await Promise.all([
      served.get(location, { headers: soon }).then(allEvents),
      served.get(`${location}?wait=30`, { headers: { ...soon, ...json } }).then((response) => response.json()),
    ])
    expect(performance.now() - began).toBeGreaterThan(140)
    expect(performance.now() - began).toBeLessThan(4000)
    expect([frames.at(-1)!.event, dataOf(frames.at(-1))]).toEqual(['bye', { reason: 'auth', after: 0 }])
    expect(page).toMatchObject({ entries: [], state: 'live' })
    const stays = eventsOf(await served.get(location))
    expect((await stays.next()).value).toMatchObject({ event: 'hello' })
    open()
    expect((await stays.next()).value).toMatchObject({ event: 'end' })
  })
})

it('[R84] no connection outlives its credential by more than a second, whenever it began', async () => {
  vi.useFakeTimers()
  try {
    const hub = createHub({ log: memoryLog() })
    const owner = { route: '/api/chat' }
    const { stream } = await hub.start({ owner, input: {}, produce: untilAborted })
    const late: number[] = []
    for (let expires = 100; expires < 4000; expires += 130) {
      const began = performance.now()
      const end = () => void late.push(performance.now() - began - expires)
      const sink = { open: () => undefined, write: () => true, end, destroy: end }
      hub.attach(stream, { position: 0, resumed: false }, sink, { expires })
      await vi.advanceTimersByTimeAsync(37)
    }
    await vi.advanceTimersByTimeAsync(6000)
    expect(late).toHaveLength(30)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...late)).toBeLessThanOrEqual(1000)
  } finally {
    vi.useRealTimers()
  }
})

async function startOf(served: Served): Promise<string> {
  return (await served.start({}, json)).headers.get('location')!
}

it('[R85] a stream of a WebSocket counts as a connection, and is refused as its request would be', async () => {
  const { opened, open } = gate()
  await using served = await serveSocket(() => opened, {
    authorize: () => ({ user: 'ann' }),
    limits: { connectionsPerUser: 2 },
  })
  const location = await startOf(served)
  const headers = { 'cache-control': 'no-cache' }
  const client = await served.open({ headers })
  for (const id of [1, 2]) {
    client.say({ type: 'read', id, location })
    await client.hear('opened', id)
  }
  client.say({ type: 'read', id: 3, location })
  expect(await client.hear('refused')).toMatchObject({ id: 3, status: 429, code: 'too_many_connections' })
  expect((await served.get(location)).status).toBe(429)
  client.say({ type: 'leave', id: 1 })
  await client.hear('closed', 1)
  client.say({ type: 'read', id: 4, location })
  await client.hear('opened', 4)
  open()
})

it('[R85] whoever attaches where there is no room is told to come back, and is held no longer', async () => {
  const { opened, open } = gate()
  await using served = await serve('web', () => opened, { limits: { connections: 1 } })
  const location = await startOf(served)
  const ask = () => served.handler.reply(webExchange(new Request(served.url + location)))
  // Both are admitted before either is attached.
  const replies = await Promise.all([ask(), ask()])
  const bodies = replies.map((reply) => {
    if (!('stream' in reply)) throw new Error(`There was no room: ${reply.status}`)
    const { sink, body } = webSink({ gone: new AbortController().signal, stallTimeout: 1000 })
    served.hub.attach(reply.stream, reply.place, sink, reply.visitor)
    return new Response(body)
  })
  expect(served.hub.counts().readers).toBe(1)
  expect((await allEvents(bodies[1]!)).map(({ event }) => event)).toEqual(['hello', 'bye'])
  open()
  expect((await allEvents(bodies[0]!)).map(({ event }) => event)).toEqual(['hello', 'end'])
})

it.each([
  ['connections', 0],
  ['connectionsPerUser', 1.5],
  ['connectionsPerAddress', '64'],
  ['streamsPerUser', -1],
  ['entryBytes', Number.POSITIVE_INFINITY],
  ['connectionPerUser', 5],
])('createHub refuses limits.%s of %j with a sentence', (name, value) => {
  expect(() => createHub({ log: memoryLog(), limits: { [name]: value } })).toThrow(
    expect.objectContaining({ code: 'option', message: expect.stringContaining(`limits.${name}`) }),
  )
})

it.each(['connections', 'connectionsPerUser', 'connectionsPerAddress', 'streamsPerUser'])(
  'createHub takes Infinity for limits.%s',
  (name) => {
    const hub = createHub({ log: memoryLog(), limits: { [name]: Number.POSITIVE_INFINITY } })
    expect(hub.limits[name as 'connections']).toBe(Number.POSITIVE_INFINITY)
  },
)
