// Above 150 lines: everything that a client can do on a socket, over real ones.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { StreamError } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { allEvents, dataOf, gate, numbersOf, serve, textOf, until } from '../test/served'
import { serveSocket } from '../test/socket'
import type { Producer } from './generation'
import type { Authorize } from './hub-options'
import { attachWebSocket } from './websocket'

const says =
  (...pieces: string[]): Producer =>
  ({ text }) => {
    for (const piece of pieces) text(piece)
  }

/** Says one piece per call of `go`, and ends when it is told to. */
function stepwise() {
  const gates = Array.from({ length: 40 }, gate)
  const produce: Producer = async ({ text, signal }) => {
    for (const [index, { opened }] of gates.entries()) {
      await opened
      if (signal.aborted) return
      text(`${index} `)
    }
  }
  let next = 0
  return {
    produce,
    go: (count = 1) => {
      for (let step = 0; step < count; step++) gates[next++]?.open()
    },
  }
}

const key = (letter: string) => letter.repeat(22)
const start = (id: number, more: object = {}) => ({ type: 'start', id, route: '/api/chat', input: {}, ...more })

describe('an exchange on a socket', () => {
  it('[R51 R54 R57] starts an answer and carries the events that HTTP would', async () => {
    await using served = await serveSocket(says('안녕 ', '"a"\n', '👩‍👩‍👧'))
    const client = await served.open()
    expect(client.socket.protocol).toBe('keepstream.v1')
    client.say(start(1, { input: { messages: [] } }))
    const frames = await client.whole(1)
    expect(client.heard[0]).toEqual({ type: 'welcome', v: 1, heartbeat: 15_000, maxPayload: 65_536 })
    const opened = await client.hear('opened', 1)
    expect(opened).toMatchObject({ status: 201, location: expect.stringMatching(/^\/api\/chat\/streams\/[\w-]{22}$/) })
    expect(frames.map(({ event }) => event)).toEqual(['hello', 'text', 'end'])
    expect(numbersOf(frames)).toEqual([0, 1, 2, 3, 4])
    expect(frames[0]!.retry).toBeGreaterThanOrEqual(1000)
    const [, ...overHttp] = await allEvents(await served.get(opened.location!))
    expect(frames.slice(1)).toEqual(overHttp)
  })

  it('[R54] attaches a repetition with the same key, and refuses another input with it', async () => {
    let calls = 0
    await using served = await serveSocket(({ text }) => {
      calls++
      text('once')
    })
    const client = await served.open()
    for (const id of [1, 2]) client.say(start(id, { key: key('k'), input: { a: 1 } }))
    client.say(start(3, { key: key('k'), input: { a: 2 } }))
    expect(textOf(await client.whole(1))).toBe('once')
    expect(textOf(await client.whole(2))).toBe('once')
    const [first, second] = [await client.hear('opened', 1), await client.hear('opened', 2)]
    expect([first.status, second.status].sort()).toEqual([200, 201])
    expect(second.location).toBe(first.location)
    expect(await client.hear('refused', 3)).toMatchObject({ status: 422, code: 'key_reused' })
    expect(calls).toBe(1)
  })

  it('[R54] reads on from a cursor, says that nothing is left, and resets where there is no such place', async () => {
    await using served = await serveSocket(says('a', 'b', 'c'))
    const client = await served.open()
    client.say(start(1))
    const { epoch } = dataOf((await client.whole(1))[0])
    const { location } = await client.hear('opened', 1)
    client.say({ type: 'read', id: 2, location, after: `${epoch}-2` })
    client.say({ type: 'read', id: 3, location: `https://elsewhere.example${location}`, after: `${epoch}-4` })
    client.say({ type: 'read', id: 4, location, after: 'no place\n' })
    client.say({ type: 'read', id: 5, location: '/api/chat/streams/unknown' })
    const resumed = await client.whole(2)
    expect(dataOf(resumed[0])).toMatchObject({ resumed: true, position: 2 })
    expect(textOf(resumed)).toBe('c')
    await client.hear('closed', 3)
    expect(await client.hear('opened', 3)).toEqual({ type: 'opened', id: 3, status: 204 })
    expect(client.events(3)).toEqual([])
    expect(dataOf((await client.whole(4))[1])).toMatchObject({ reason: 'unknown' })
    expect(textOf(client.events(4))).toBe('abc')
    const message = 'There is no such stream.'
    expect(await client.hear('refused', 5)).toEqual({ type: 'refused', id: 5, status: 404, code: 'not_found', message })
  })

  it('[R5 R35 R54] resumes on a new socket without a hole or a repetition, wherever the first was cut', async () => {
    const { produce, go } = stepwise()
    await using served = await serveSocket(produce)
    const first = await served.open()
    first.say(start(1))
    const { location } = await first.hear('opened', 1)
    let seen: string[] = []
    let after: string | undefined
    for (let cut = 0; cut < 8; cut++) {
      go(5)
      const client = await served.open()
      client.say({ type: 'read', id: cut, location, after })
      await until(() => numbersOf(client.events(cut).filter(({ event }) => event === 'text')).length >= 3)
      client.socket.terminate()
      const frames = client.events(cut)
      seen = [...seen, ...frames.filter(({ event }) => event === 'text').map(({ data }) => JSON.parse(data))]
      after = frames.at(-1)!.id
    }
    const last = await served.open()
    last.say({ type: 'read', id: 1, location, after })
    const rest = textOf(await last.whole(1))
    expect(seen.join('') + rest).toBe(Array.from({ length: 40 }, (_, index) => `${index} `).join(''))
  })

  it('[R37 R54] stops by location and acknowledges with the end, also a second time', async () => {
    const { produce, go } = stepwise()
    await using served = await serveSocket(produce)
    const client = await served.open()
    client.say(start(1))
    const { location } = await client.hear('opened', 1)
    go()
    await until(() => textOf(client.events(1)) === '0 ')
    client.say({ type: 'stop', id: 2, location })
    const stopped = await client.hear('stopped', 2)
    expect(stopped).toMatchObject({ status: 200, entry: { event: 'end', data: { state: 'stopped', n: 1 } } })
    expect(dataOf((await client.whole(1)).at(-1))).toMatchObject({ state: 'stopped', n: 1 })
    client.say({ type: 'stop', id: 3, location })
    expect((await client.hear('stopped', 3)).entry).toEqual(stopped.entry)
  })

  it('[R39 R40 R54] stops by key before the start, which then finds itself stopped', async () => {
    let calls = 0
    await using served = await serveSocket(() => void calls++)
    const client = await served.open()
    client.say({ type: 'stop', id: 1, route: '/api/chat', key: key('s') })
    expect(await client.hear('stopped', 1)).toEqual({ type: 'stopped', id: 1, status: 202 })
    client.say(start(2, { key: key('s') }))
    expect((await client.whole(2)).map(({ event }) => event)).toEqual(['hello', 'end'])
    expect(calls).toBe(0)
  })

  it('[R35 R56] leaves without stopping, also before the answer is there, and other streams go on', async () => {
    const [one, two] = [stepwise(), stepwise()]
    const admitted = gate()
    let asked = 0
    const authorize: Authorize = async ({ verb }) => {
      if (verb === 'create' && ++asked === 3) await admitted.opened
      return {}
    }
    await using served = await serveSocket({ '/api/a': one.produce, '/api/b': two.produce }, { authorize })
    const client = await served.open()
    client.say(start(1, { route: '/api/a' }))
    client.say(start(2, { route: '/api/b' }))
    await client.hear('opened', 1)
    await client.hear('opened', 2)
    client.say({ type: 'leave', id: 1 })
    await client.hear('closed', 1)
    expect(served.hub.counts()).toEqual({ generations: 2, readers: 1 })
    client.say(start(3, { route: '/api/a', key: key('z') }))
    await until(() => asked === 3)
    client.say({ type: 'leave', id: 3 })
    client.say({ type: 'leave', id: 99 })
    admitted.open()
    await client.hear('closed', 3)
    expect(client.events(3)).toEqual([])
    expect(served.hub.counts()).toEqual({ generations: 3, readers: 1 })
    two.go(40)
    expect(dataOf((await client.whole(2)).at(-1))).toMatchObject({ state: 'done', n: 40 })
    expect(textOf(client.events(1))).toBe('')
  })

  it('[R3 R56] carries many streams on one socket, each whole and in order', async () => {
    await using served = await serveSocket(async ({ input, text }) => {
      for (let index = 0; index < 200; index++) {
        await text(`${(input as { name: number }).name}:${index} `)
        if (index % 7 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    })
    const client = await served.open()
    const ids = Array.from({ length: 50 }, (_, index) => index)
    for (const id of ids) client.say(start(id, { input: { name: id } }))
    for (const id of ids) {
      const frames = await client.whole(id)
      expect(numbersOf(frames.slice(1))).toEqual(Array.from({ length: 201 }, (_, index) => index + 1))
      expect(textOf(frames)).toBe(Array.from({ length: 200 }, (_, index) => `${id}:${index} `).join(''))
    }
    expect(served.hub.counts()).toEqual({ generations: 0, readers: 0 })
  })

  it.each([
    ['a route that is not there', { route: '/api/none' }, 404, 'not_found'],
    ['an address that cannot be started', { route: '/api/chat/streams/x' }, 405, 'method_not_allowed'],
    ['a key that is none', { key: 'no key' }, 400, 'invalid_key'],
    ['a route that is no string', { route: 5 }, 400, 'invalid_message'],
    ['a start without an input', { input: undefined }, 400, 'invalid_message'],
    ['a read without a location', { type: 'read' }, 400, 'invalid_message'],
    ['a stop of nothing', { type: 'stop' }, 400, 'invalid_message'],
    ['an input that is nested too deep', { input: JSON.parse('['.repeat(600) + ']'.repeat(600)) }, 400, 'invalid_json'],
  ])(
    '[R45 R54] refuses %s with the status and the sentence of HTTP, and the socket stays',
    async (_, more, status, code) => {
      await using served = await serveSocket(says('a'))
      const client = await served.open()
      client.say(start(1, more))
      const refused = await client.hear('refused', 1)
      expect(refused).toMatchObject({ status, code, message: expect.stringMatching(/^[A-Z].*\.$/) })
      client.say(start(2))
      expect(textOf(await client.whole(2))).toBe('a')
    },
  )

  it('[R54] passes on when to come back', async () => {
    const authorize: Authorize = ({ verb }) => {
      if (verb !== 'create') return {}
      throw new StreamError('http', 'Slow down.', { status: 429, reason: 'busy', retryAfter: 3000 })
    }
    await using served = await serveSocket(says('a'), { authorize })
    const client = await served.open()
    client.say(start(1))
    const expected = { type: 'refused', id: 1, status: 429, code: 'busy', message: 'Slow down.', retryAfter: 3000 }
    expect(await client.hear('refused', 1)).toEqual(expected)
  })

  it('[R56] refuses more streams than one socket may have', async () => {
    const { produce } = stepwise()
    await using served = await serveSocket(produce, {}, { streams: 2 })
    const client = await served.open()
    for (const id of [1, 2, 3]) client.say(start(id))
    expect(await client.hear('refused', 3)).toMatchObject({ status: 429, code: 'too_many_streams', retryAfter: 1000 })
    client.say({ type: 'leave', id: 1 })
    await client.hear('closed', 1)
    client.say(start(4))
    expect(await client.hear('opened', 4)).toMatchObject({ status: 201 })
  })
})

describe('who may open a socket', () => {
  it('[R52] compares the origin exactly, before the upgrade', async () => {
    let asked = 0
    const authorize: Authorize = () => ({ user: String(asked++) })
    await using served = await serveSocket(says('a'), { authorize }, { origins: ['https://app.example'] })
    for (const origin of [
      'https://app.example.evil.example',
      'http://app.example',
      'https://app.example:8443',
      'null',
    ]) {
      const { status, body } = await served.refused({ origin })
      expect([status, JSON.parse(body).error.code], origin).toEqual([403, 'forbidden_origin'])
    }
    expect(asked).toBe(0)
    expect(served.attached.sockets).toBe(0)
    await served.open({ origin: 'https://app.example' })
    await served.open()
    expect(served.attached.sockets).toBe(2)
  })

  it('[R51] wants the subprotocol, the path, and room', async () => {
    await using served = await serveSocket(says('a'), {}, { sockets: 1 })
    expect((await served.refused({}, '')).status).toBe(400)
    expect((await served.refused({}, 'keepstream.v2')).status).toBe(400)
    const client = await served.open()
    expect((await served.refused()).status).toBe(503)
    client.socket.close()
    await until(() => served.attached.sockets === 0)
    await served.open()
    const other = connect(served.port, '127.0.0.1')
    const upgrade = 'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n'
    other.write(`GET /api/other HTTP/1.1\r\nhost: x\r\n${upgrade}sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
    expect(String((await once(other, 'data'))[0])).toMatch(/^HTTP\/1.1 404 /)
    await once(other, 'close')
  })

  it('[R52] leaves other paths to whoever else listens', async () => {
    await using served = await serve('node', says('a'))
    attachWebSocket(served.server, served.handler, { path: '/one', origins: [] })
    attachWebSocket(served.server, served.handler, { path: '/two', origins: [] })
    for (const path of ['/one', '/two']) {
      const socket = new WebSocket(`ws://127.0.0.1:${served.port}${path}`, 'keepstream.v1')
      await once(socket, 'open')
      socket.close()
      await once(socket, 'close')
    }
    // Neither of them is asked for this one, and nobody else listens: it is told so, and does not wait for ever.
    const lost = new WebSocket(`ws://127.0.0.1:${served.port}/three`, 'keepstream.v1')
    expect((await once(lost, 'error'))[0]).toMatchObject({ message: 'Unexpected server response: 404' })
  })

  it('is attached once for each path, and again after it was closed', async () => {
    await using served = await serve('node', says('a'))
    const attach = () => attachWebSocket(served.server, served.handler, { path: '/one', origins: [] })
    const first = attach()
    expect(attach).toThrow('The path "/one" has a WebSocket on this server already. Attach it once.')
    await first.close()
    attach()
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}/one`, 'keepstream.v1')
    await once(socket, 'open')
    socket.close()
    await once(socket, 'close')
  })

  it('opens no socket for a handshake that the hook decides about after it was closed', async () => {
    const decision = gate()
    let asked = 0
    const authorize: Authorize = async () => {
      asked++
      await decision.opened
      return {}
    }
    await using served = await serveSocket(says('a'), { authorize })
    const refused = served.refused()
    await until(() => asked === 1)
    await served.attached.close()
    decision.open()
    expect((await refused).status).toBe(503)
    expect(served.attached.sockets).toBe(0)
  })

  it('[R47 R52] asks the hook of the hub before the upgrade, and again for every operation, with the same headers', async () => {
    const asked: string[] = []
    const authorize: Authorize = ({ request, verb, route }) => {
      const told = ['cookie', 'accept', 'idempotency-key', 'upgrade', 'sec-websocket-key'].map((name) =>
        request.headers.get(name),
      )
      asked.push([verb, route, request.method, ...told.map(String)].join(' '))
      return request.headers.get('cookie') === 'session=ann' && { user: 'ann' }
    }
    await using served = await serveSocket(says('a'), { authorize }, { tokens: false })
    expect((await served.refused()).status).toBe(401)
    const headers = { cookie: 'session=ann', accept: 'text/html', 'idempotency-key': 'handshake' }
    const client = await served.open({ headers })
    client.say(start(1, { key: key('k') }))
    await client.whole(1)
    const { location } = await client.hear('opened', 1)
    client.say({ type: 'stop', id: 2, location })
    await client.hear('stopped', 2)
    expect(asked).toEqual([
      'connect /api/socket GET null null null null null',
      'connect /api/socket GET session=ann null null null null',
      `create /api/chat POST session=ann text/event-stream ${key('k')} null null`,
      'stop /api/chat POST session=ann text/event-stream null null null',
    ])
  })

  it('takes nothing for an operation that the handshake said of itself', async () => {
    await using served = await serveSocket(says('a', 'b'))
    const headers = { 'idempotency-key': key('h'), 'last-event-id': 'epoch-1', accept: 'application/json' }
    const client = await served.open({ headers })
    for (const id of [1, 2]) client.say(start(id))
    for (const id of [1, 2]) expect(await client.hear('opened', id)).toMatchObject({ status: 201 })
    client.say({ type: 'read', id: 3, location: (await client.hear('opened', 1)).location })
    expect(numbersOf(await client.whole(3))).toEqual([0, 1, 2, 3])
  })

  it('[R48] answers a stream of somebody else as one that is not there', async () => {
    const authorize: Authorize = ({ request }) => ({ user: request.headers.get('cookie') ?? '' })
    await using served = await serveSocket(says('secret'), { authorize })
    const ann = await served.open({ headers: { cookie: 'ann' } })
    ann.say(start(1))
    await ann.whole(1)
    const { location } = await ann.hear('opened', 1)
    const bob = await served.open({ headers: { cookie: 'bob' } })
    bob.say({ type: 'read', id: 1, location })
    bob.say({ type: 'stop', id: 2, location })
    bob.say({ type: 'read', id: 3, location: '/api/chat/streams/AAAAAAAAAAAAAAAAAAAAAA' })
    const [read, stop, none] = await Promise.all([1, 2, 3].map((id) => bob.hear('refused', id)))
    expect({ ...read, id: 0 }).toEqual({ ...none, id: 0 })
    expect({ ...stop, id: 0 }).toEqual({ ...none, id: 0 })
  })

  it('[R52] answers 500 where the hook fails, tells the observer, and tells the client nothing', async () => {
    const authorize: Authorize = () => {
      throw new Error('secret')
    }
    await using served = await serveSocket(says('a'), { authorize })
    const { status, body } = await served.refused()
    expect([status, body.includes('secret')]).toEqual([500, false])
    expect(served.events).toMatchObject([{ type: 'request-failed', path: '/api/socket' }])
  })

  it.each([true, false])('survives a client that is gone before the hook has said %s', async (admitted) => {
    const { opened, open } = gate()
    let asked = 0
    const authorize: Authorize = async () => {
      const first = asked++ === 0
      await opened
      return (admitted || !first) && {}
    }
    await using served = await serveSocket(says('a'), { authorize }, { tokens: false })
    const lost = new WebSocket(`ws://127.0.0.1:${served.port}/api/socket`, 'keepstream.v1')
    lost.on('error', () => undefined)
    await until(() => asked === 1)
    lost.terminate()
    open()
    await served.open()
    await until(() => served.attached.sockets === 1 && served.sockets.size === 1)
  })
})

describe('a token', () => {
  /** Tokens are names, `late:` ones are decided about when `decide` is called, and `short:` ones run out. */
  function names() {
    const { opened, open } = gate()
    const authorize: Authorize = async ({ request }) => {
      const [, kind, user] = /^Bearer (?:(\w+):)?(\w+)$/.exec(request.headers.get('authorization') ?? '') ?? []
      if (kind === 'late') await opened
      if (user === 'busy') throw new StreamError('http', 'Later.', { status: 429 })
      if (!user || user === 'nobody') return undefined
      return { user, ...(kind === 'short' && { expires: 1_000 }) }
    }
    return { authorize, decide: open }
  }

  it('[R53] authenticates by the first message, and holds back what follows until the hook has decided', async () => {
    const { authorize, decide } = names()
    await using served = await serveSocket(says('a'), { authorize })
    const client = await served.open()
    client.say({ type: 'auth', token: 'late:ann' })
    client.say(start(1))
    client.say({ type: 'ping' })
    await client.hear('pong')
    expect(served.hub.counts().generations).toBe(0)
    expect(client.heard.map(({ type }) => type)).toEqual(['welcome', 'pong'])
    decide()
    expect(textOf(await client.whole(1))).toBe('a')
    expect(await client.hear('authorized')).toEqual({ type: 'authorized' })
    const created = served.events.filter(({ type }) => type === 'created')
    expect(created).toMatchObject([{ owner: { user: 'ann' } }])
  })

  it('[R53] runs nothing that followed a token which is refused', async () => {
    const { authorize, decide } = names()
    await using served = await serveSocket(says('a'), { authorize })
    const client = await served.open()
    client.say({ type: 'auth', token: 'late:nobody' })
    client.say(start(1))
    decide()
    expect(await client.closed).toEqual([4401, 'The credential is not accepted.'])
    expect(served.events.map(({ type }) => type)).not.toContain('created')
    expect(client.heard.map(({ type }) => type)).toEqual(['welcome'])
  })

  it.each([
    [start(1), 4401],
    [{ type: 'auth', token: 'two words' }, 1008],
    [{ type: 'auth', token: 'busy' }, 4429],
  ])('[R53 R58] is missed or refused in %o with a code that says so', async (message, code) => {
    await using served = await serveSocket(says('a'), { authorize: names().authorize })
    const client = await served.open()
    client.say(message)
    expect((await client.closed)[0]).toBe(code)
    expect(served.events.map(({ type }) => type)).not.toContain('created')
  })

  it('[R53] has to come in time', async () => {
    await using served = await serveSocket(says('a'), { authorize: names().authorize }, { authTimeout: 50 })
    const client = await served.open()
    expect(await client.closed).toEqual([4401, 'The message auth did not come in time.'])
  })

  it('[R53] is not waited for where a header has said who it is, or tokens are off', async () => {
    await using served = await serveSocket(says('a'), { authorize: names().authorize })
    expect((await served.refused({ headers: { authorization: 'Bearer nobody' } })).status).toBe(401)
    const client = await served.open({ headers: { authorization: 'Bearer ann' } })
    client.say(start(1))
    expect(textOf(await client.whole(1))).toBe('a')
  })

  it('[R26 R53] sends every stream away with bye at its end, and closes with 4401', async () => {
    const { produce, go } = stepwise()
    await using served = await serveSocket(produce, { authorize: names().authorize })
    const client = await served.open()
    client.say({ type: 'auth', token: 'short:ann' })
    client.say(start(1))
    go()
    expect(await client.hear('authorized')).toEqual({ type: 'authorized', expires: 1_000 })
    expect(await client.closed).toEqual([4401, 'The credential has expired.'])
    expect(client.events(1).at(-1)).toMatchObject({ event: 'bye', data: '{"reason":"auth","after":0}' })
    expect(client.heard.at(-1)).toEqual({ type: 'closed', id: 1 })
    expect(served.hub.counts()).toEqual({ generations: 1, readers: 0 })
  })

  it('[R53] is renewed before its end by the same person, and by nobody else', async () => {
    const { produce, go } = stepwise()
    await using served = await serveSocket(produce, { authorize: names().authorize })
    const client = await served.open()
    client.say({ type: 'auth', token: 'short:ann' })
    client.say(start(1))
    await client.hear('opened', 1)
    client.say({ type: 'auth', token: 'ann' })
    await until(() => client.heard.filter(({ type }) => type === 'authorized').length === 2)
    const other = await served.open()
    other.say({ type: 'auth', token: 'short:ann' })
    expect((await other.closed)[0]).toBe(4401)
    // The first token, which was given before that one, has run out as well.
    go(40)
    expect(dataOf((await client.whole(1)).at(-1))).toMatchObject({ state: 'done' })
    client.say({ type: 'auth', token: 'bob' })
    expect((await client.closed)[0]).toBe(4401)
  })

  it('[R58] is not asked about without a bound', async () => {
    const { authorize } = names()
    await using served = await serveSocket(says('a'), { authorize })
    const client = await served.open()
    for (let index = 0; index < 9; index++) client.say({ type: 'auth', token: 'late:ann' })
    expect((await client.closed)[0]).toBe(4429)
  })
})

describe('the life of a socket', () => {
  it.each([
    ['what is no JSON', '{', 1008],
    ['an array', '[]', 1008],
    ['an unknown type', '{"type":"shout","id":1}', 1008],
    ['an operation without an id', '{"type":"read","location":"/"}', 1008],
    ['an id that is no number', '{"type":"read","id":"1","location":"/"}', 1008],
    ['bytes', Buffer.from([1, 2]), 1003],
    ['a message that is too big', `{"type":"ping","x":"${'x'.repeat(70_000)}"}`, 1009],
  ])('[R55] ends at %s', async (_, message, code) => {
    await using served = await serveSocket(says('a'))
    const client = await served.open()
    client.socket.send(message)
    expect((await client.closed)[0]).toBe(code)
    await until(() => served.attached.sockets === 0)
  })

  it('[R55] ends at an id that is in use', async () => {
    await using served = await serveSocket(stepwise().produce)
    const client = await served.open()
    client.say(start(1))
    client.say(start(1))
    expect((await client.closed)[0]).toBe(1008)
    await until(() => served.hub.counts().readers === 0)
  })

  it('[R55] negotiates no compression and takes a bound of its own', async () => {
    await using served = await serveSocket(says('a'), {}, { maxPayload: 200 })
    const client = await served.open({ perMessageDeflate: true })
    expect(client.socket.extensions).toBe('')
    expect(client.heard[0] ?? (await client.hear('welcome'))).toMatchObject({ maxPayload: 200 })
    client.say(start(1, { input: 'x'.repeat(200) }))
    expect((await client.closed)[0]).toBe(1009)
  })

  it('[R59] beats and pings, keeps a client that answers, and cuts off one that does not', async () => {
    await using served = await serveSocket(stepwise().produce, { heartbeat: 80 })
    const [living, dead] = [await served.open(), await served.open({ autoPong: false })]
    for (const client of [living, dead]) {
      client.say(start(1))
      await client.hear('opened', 1)
    }
    expect((await dead.closed)[0]).toBe(1006)
    expect(dead.heard.filter(({ type }) => type === 'beat').length).toBe(2)
    await until(() => living.heard.filter(({ type }) => type === 'beat').length >= 6)
    expect(living.events(1).map(({ event }) => event)).toEqual(['hello'])
    expect(served.attached.sockets).toBe(1)
    await until(() => served.hub.counts().readers === 1)
  })

  it('[R35] lets go of everything when a client vanishes without a word, and the answers go on', async () => {
    const { produce, go } = stepwise()
    await using served = await serveSocket(produce)
    const client = await served.open()
    for (const id of [1, 2, 3]) client.say(start(id))
    for (const id of [1, 2, 3]) await client.hear('opened', id)
    client.socket.terminate()
    await until(() => served.attached.sockets === 0 && served.hub.counts().readers === 0)
    expect(served.hub.counts().generations).toBe(3)
    go(40)
    await until(() => served.hub.counts().generations === 0)
  })

  it('cuts off a client that does not take part in closing', async () => {
    await using served = await serveSocket(says('a'))
    const client = await served.open()
    client.socket.pause()
    const closed = served.attached.close()
    await closed
    expect(served.attached.sockets).toBe(0)
    await until(() => served.sockets.size === 0)
  })
})

describe('[R46 R60] a drain', () => {
  it('lets streams end, refuses what is new, and closes with 1012 and a delay once nothing is left', async () => {
    const { produce, go } = stepwise()
    await using served = await serveSocket(produce, { retry: { min: 700, max: 700 } })
    const [busy, idle] = [await served.open(), await served.open()]
    busy.say(start(1))
    await busy.hear('opened', 1)
    const drained = served.hub.close({ drainTimeout: 5000 })
    expect(await idle.closed).toEqual([1012, '700'])
    expect((await served.refused()).status).toBe(503)
    busy.say(start(2))
    expect(await busy.hear('refused', 2)).toMatchObject({ status: 503, code: 'closing', retryAfter: 1000 })
    go(40)
    expect(dataOf((await busy.whole(1)).at(-1))).toMatchObject({ state: 'done' })
    expect(await busy.closed).toEqual([1012, '700'])
    await drained
  })

  it('tells of an answer that it cuts before it closes', async () => {
    await using served = await serveSocket(stepwise().produce)
    const client = await served.open()
    client.say(start(1))
    await client.hear('opened', 1)
    await served.hub.close({ drainTimeout: 50 })
    expect(dataOf((await client.whole(1)).at(-1))).toMatchObject({ state: 'lost', code: 'shutdown' })
    expect((await client.closed)[0]).toBe(1012)
  })
})

it.each([
  [{ path: 'socket' }, 'attachWebSocket.path'],
  [{ path: '/socket?x' }, 'attachWebSocket.path'],
  [{ origins: undefined }, 'attachWebSocket.origins'],
  [{ origins: ['*'] }, '"*"'],
  [{ origins: ['https://app.example/'] }, 'without a path'],
  [{ origins: ['https://App.example'] }, 'lower case'],
  [{ origins: [7] }, 'has 7'],
  [{ tokens: 'yes' }, 'attachWebSocket.tokens'],
  [{ authTimeout: 0 }, 'attachWebSocket.authTimeout'],
  [{ maxPayload: 0 }, 'attachWebSocket.maxPayload'],
  [{ streams: 1.5 }, 'attachWebSocket.streams'],
  [{ sockets: -1 }, 'attachWebSocket.sockets'],
  [{ maxPayLoad: 5 }, 'attachWebSocket.maxPayLoad'],
])('refuses the option %o with a sentence', async (given, sentence) => {
  await using served = await serve('node', says('a'))
  const options = { path: '/socket', origins: [], ...given } as never
  expect(() => attachWebSocket(createServer(), served.handler, options)).toThrow(
    expect.objectContaining({ code: 'option', message: expect.stringContaining(sentence) }),
  )
})
