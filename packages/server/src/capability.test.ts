import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allEvents, dataOf, gate, paths, serve } from '../test/served'
import { serveSocket } from '../test/socket'
import { createCapabilities } from './capability'
import type { Producer } from './generation'

const secret = 'a secret that no client knows, of 32 bytes and more'
const stream = 'x'.repeat(22)
/** Says a word, and is over when it may be. */
const writes =
  (opened: Promise<void>): Producer =>
  async ({ text }) => {
    text('secret')
    await opened
  }

const ask = (capability: string | undefined, verb: 'read' | 'stop' | 'create' = 'read', id = stream) => ({
  request: new Request(
    `http://localhost/api/chat/streams/${id}${verb === 'stop' ? '/stop' : ''}${capability === undefined ? '' : `?capability=${capability}`}`,
  ),
  verb,
  route: '/api/chat',
})

describe('[R83] a capability', () => {
  const { sign, or } = createCapabilities({ secrets: [secret], now: () => 1_000_000 })
  const authorize = or(() => ({ user: 'from the hook' }))

  it('speaks for the owner, for the rest of its time', async () => {
    const capability = await sign({ stream, tenant: 'acme', user: 'ann', expires: 5000 })
    expect(await authorize(ask(capability))).toEqual({ tenant: 'acme', user: 'ann', expires: 5000 })
  })

  it('is good for its verb and its stream alone', async () => {
    const read = await sign({ stream, user: 'ann' })
    const stop = await sign({ stream, user: 'ann', verb: 'stop' })
    expect(await authorize(ask(read, 'stop'))).toBeUndefined()
    expect(await authorize(ask(stop, 'read'))).toBeUndefined()
    expect(await authorize(ask(stop, 'stop'))).toMatchObject({ user: 'ann' })
    expect(await authorize(ask(read, 'read', 'y'.repeat(22)))).toBeUndefined()
  })

  it('starts nothing: the hook is asked', async () => {
    expect(await authorize(ask(await sign({ stream, user: 'ann' }), 'create'))).toEqual({ user: 'from the hook' })
  })

  it('leaves requests without one to the hook', async () => {
    expect(await authorize(ask(undefined))).toEqual({ user: 'from the hook' })
  })

  it('does not fall back to the hook where it is not good', async () => {
    expect(await authorize(ask(''))).toBeUndefined()
    expect(await authorize(ask('nonsense'))).toBeUndefined()
  })

  it('is one text, to which nothing can be appended', async () => {
    const capability = await sign({ stream, user: 'ann' })
    for (const end of ['.', '..', '.!', '.A', '=', '%20', '%00']) {
      expect(await authorize(ask(`${capability}${end}`))).toBeUndefined()
    }
  })

  it('is no good at an address without a stream: a topic, or a stop by key', async () => {
    const stop = await sign({ stream: 'chat', user: 'ann', verb: 'stop' })
    for (const path of ['/api/chat/stop', '/api/chat', '/streams/chat/more/stop']) {
      const request = new Request(`http://localhost${path}?capability=${stop}`)
      expect(await authorize({ request, verb: 'stop', route: '/api/chat' })).toBeUndefined()
    }
  })

  it('is good no longer once it has expired', async () => {
    let time = 0
    const clock = createCapabilities({ secrets: [secret], now: () => time })
    const capability = await clock.sign({ stream, user: 'ann', expires: 1000 })
    const hook = clock.or(() => undefined)
    time = 999
    expect(await hook(ask(capability))).toEqual({ user: 'ann', expires: 1 })
    time = 1000
    expect(await hook(ask(capability))).toBeUndefined()
  })

  it('is refused with any character changed, left out or put in, and whatever else is given', async () => {
    const capability = await sign({ stream, tenant: 'acme', user: 'ann' })
    const characters = fc.constantFrom(...'ABCabc019-_.=+/~\0안')
    const at = fc.nat(capability.length - 1)
    const changed = fc
      .tuple(at, characters, fc.constantFrom(0, 1), fc.boolean())
      .map(
        ([index, character, removed, put]) =>
          capability.slice(0, index) + (put ? character : '') + capability.slice(index + removed),
      )
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, fc.string(), fc.string({ maxLength: 5000 })), async (forged) => {
        fc.pre(forged !== capability)
        expect(await authorize(ask(encodeURIComponent(forged)))).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it('of another secret is refused, and secrets can be changed under way', async () => {
    const [old, fresh] = [secret, new Uint8Array(32).fill(7)]
    const before = createCapabilities({ secrets: [old] })
    const between = createCapabilities({ secrets: [fresh, old] })
    const later = createCapabilities({ secrets: [fresh] })
    const [first, second] = [await before.sign({ stream, user: 'ann' }), await between.sign({ stream, user: 'ann' })]
    const good = async (made: string, by: typeof before) => (await by.or(() => undefined)(ask(made))) !== undefined
    expect([await good(first, before), await good(first, between), await good(first, later)]).toEqual([
      true,
      true,
      false,
    ])
    expect([await good(second, before), await good(second, between), await good(second, later)]).toEqual([
      false,
      true,
      true,
    ])
  })
})

it.each([
  ['no secret', { secrets: [] }, 'createCapabilities.secrets'],
  ['a secret that is too short', { secrets: ['short'] }, 'createCapabilities.secrets'],
  ['a secret in place of a list', { secrets: secret }, 'createCapabilities.secrets'],
  ['a misspelt option', { secrets: [secret], clock: Date.now }, 'createCapabilities.clock'],
  ['a clock that is none', { secrets: [secret], now: 5 }, 'createCapabilities.now'],
])('refuses %s with a sentence that does not repeat it', (_, options, name) => {
  expect(() => createCapabilities(options as never)).toThrow(
    expect.objectContaining({ code: 'option', message: expect.stringContaining(name) }),
  )
  expect(() => createCapabilities(options as never)).not.toThrow(secret)
})

it.each([
  ...[{ expires: Number.POSITIVE_INFINITY }, { expires: 0 }, { verb: 'create' }],
  ...[{ stream: '' }, { stream: undefined }, { stream: 'a/b' }, { user: 5 }, { tenant: null }],
])('signs nothing for %j', async (wrong) => {
  const { sign } = createCapabilities({ secrets: [secret] })
  await expect(sign({ stream, user: 'ann', ...wrong } as never)).rejects.toMatchObject({ code: 'option' })
})

describe.each(paths)('capability URLs on the %s path', (path) => {
  const { sign, or } = createCapabilities({ secrets: [secret] })
  const authorize = or(({ request }) => {
    const user = request.headers.get('x-user')
    return user ? { user } : undefined
  })

  it('[R83 R84] open one stream without any header, until they expire, and are told to nobody', async () => {
    const { opened, open } = gate()
    await using served = await serve(path, writes(opened), { authorize, heartbeat: 40 })
    const { headers } = await served.start({}, { 'x-user': 'ann', accept: 'application/json' })
    const location = headers.get('location')!
    const id = headers.get('stream-id')!
    expect((await served.get(location)).status).toBe(404)

    const capability = await sign({ stream: id, user: 'ann', expires: 800 })
    const began = performance.now()
    const frames = await allEvents(await served.get(`${location}?capability=${capability}`))
    expect(frames.map(({ event }) => event)).toEqual(['hello', 'text', 'bye'])
    expect(dataOf(frames.at(-1))).toEqual({ reason: 'auth', after: 0 })
    expect(performance.now() - began).toBeLessThan(4000)

    expect((await served.get(`${location}?capability=${capability}`)).status).toBe(404)
    const foreign = await sign({ stream: id, user: 'bob' })
    expect((await served.get(`${location}?capability=${foreign}`)).status).toBe(404)
    const stopping = await sign({ stream: id, user: 'ann', verb: 'stop' })
    expect((await served.get(`${location}/stop?capability=${capability}`, { method: 'POST' })).status).toBe(404)
    expect((await served.get(`${location}/stop?capability=${stopping}`, { method: 'POST' })).status).toBe(200)
    expect(JSON.stringify(served.events)).not.toContain(capability.slice(0, 20))
    open()
  })
})

it('[R84] a WebSocket that reads with a capability loses that stream with it, and nothing else', async () => {
  const { opened, open } = gate()
  const { sign, or } = createCapabilities({ secrets: [secret] })
  await using served = await serveSocket(writes(opened), { authorize: or(() => ({ user: 'ann' })), heartbeat: 40 })
  const { headers } = await served.start({}, { accept: 'application/json' })
  const location = headers.get('location')!
  const capability = await sign({ stream: headers.get('stream-id')!, user: 'ann', expires: 1000 })
  const client = await served.open()
  client.say({ type: 'read', id: 1, location: `${location}?capability=${capability}` })
  client.say({ type: 'read', id: 2, location })
  expect((await client.whole(1)).map(({ event }) => event)).toEqual(['hello', 'text', 'bye'])
  open()
  expect((await client.whole(2)).map(({ event }) => event)).toEqual(['hello', 'text', 'end'])
})
