import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { scriptedTransport } from '../test/scripted-transport'
import { keepstream } from './protocols/keepstream'
import { createRegistry, type Registry, registry as shared } from './registry'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

function ask(registry: Registry, key: string) {
  const transport = scriptedTransport()
  return { transport, stream: registry.get({ key, transport, protocol: keepstream() }) }
}

test('who asks for the same key is given the same stream', () => {
  const registry = createRegistry()
  const first = ask(registry, 'a')
  expect(ask(registry, 'a').stream).toBe(first.stream)
  expect(ask(registry, 'b').stream).not.toBe(first.stream)
  registry.clear()
})

test('who asks later changes no options, and who updates changes those of the next start', async () => {
  const registry = createRegistry()
  const first = ask(registry, 'a')
  const later = ask(registry, 'a')
  first.stream.start()
  await settle()
  expect([first.transport.attempts.length, later.transport.attempts.length]).toEqual([1, 0])
  later.stream.update({ transport: later.transport, protocol: keepstream() })
  await settle()
  expect([first.transport.latest().closed, later.transport.attempts.length]).toEqual([false, 0])
  first.stream.start()
  await settle()
  expect([first.transport.attempts.length, later.transport.attempts.length]).toEqual([1, 1])
  registry.clear()
})

test.each([undefined, 5, null])('the key %s is refused with a sentence', (key) => {
  const registry = createRegistry()
  const options = { key, transport: scriptedTransport(), protocol: keepstream() }
  expect(() => registry.get(options as never)).toThrow(
    expect.objectContaining({ code: 'option', message: expect.stringContaining('`key`') }),
  )
})

test.each([{ retention: -1 }, { retention: '5' }, { maxStreams: 0.5 }, { maxStreams: 0 }, { maxStream: 5 }])(
  'the options %j are refused',
  (options) => {
    expect(() => createRegistry(options as object)).toThrow(expect.objectContaining({ code: 'option' }))
  },
)

test('a stream shared is a whole one', async () => {
  const registry = createRegistry()
  const { stream, transport } = ask(registry, 'a')
  const loop = (async () => {
    const parts: unknown[] = []
    for await (const part of stream.start()) parts.push(part)
    return parts
  })()
  await settle()
  transport.latest().accept().send(hello(0), text(1, 'a'), end(2))
  expect(await loop).toHaveLength(1)
  expect(stream.get()).toMatchObject({ status: 'done', data: { text: 'a' } })
  await stream[Symbol.asyncDispose]()
  registry.clear()
})

describe('remembering', () => {
  test('a stream that nobody ever watches is forgotten soon', async () => {
    const registry = createRegistry()
    const { stream } = ask(registry, 'a')
    await settle(4_999)
    expect(ask(registry, 'a').stream).toBe(stream)
    await settle(1)
    expect(ask(registry, 'a').stream).not.toBe(stream)
    registry.clear()
  })

  test('one that was watched is remembered for the retention, and asking does not watch', async () => {
    const registry = createRegistry({ retention: 10_000 })
    const { stream } = ask(registry, 'a')
    const leave = stream.subscribe(() => {})
    await settle(60_000)
    expect(ask(registry, 'a').stream).toBe(stream)
    leave()
    await settle(9_999)
    expect(ask(registry, 'a').stream).toBe(stream)
    await settle(1)
    expect(ask(registry, 'a').stream).not.toBe(stream)
    registry.clear()
  })

  test('leaving twice is leaving once', async () => {
    const registry = createRegistry({ retention: 1_000 })
    const { stream } = ask(registry, 'a')
    const first = stream.subscribe(() => {})
    const second = stream.subscribe(() => {})
    first()
    first()
    await settle(5_000)
    expect(ask(registry, 'a').stream).toBe(stream)
    second()
    await settle(1_000)
    expect(ask(registry, 'a').stream).not.toBe(stream)
    registry.clear()
  })

  test.each([Infinity, 1e12])('a retention of %s does not end at once', async (retention) => {
    const registry = createRegistry({ retention })
    const { stream } = ask(registry, 'a')
    stream.subscribe(() => {})()
    await settle(600_000)
    expect(ask(registry, 'a').stream).toBe(stream)
    registry.clear()
  })

  test('a stream that runs is not forgotten although nobody subscribed: a loop may hang on it', async () => {
    const registry = createRegistry()
    const { stream, transport } = ask(registry, 'a')
    const run = stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle(30_000)
    expect(transport.held()).toBe(1)
    expect(ask(registry, 'a').stream).toBe(stream)
    transport.latest().send(end(2))
    expect((await run).status).toBe('done')
    await settle(60_000)
    expect(ask(registry, 'a').stream).not.toBe(stream)
    registry.clear()
  })

  test('who subscribes after the stream was forgotten brings it back', async () => {
    const registry = createRegistry()
    const { stream } = ask(registry, 'a')
    await settle(6_000)
    const leave = stream.subscribe(() => {})
    expect(ask(registry, 'a').stream).toBe(stream)
    leave()
    registry.clear()
  })

  test('but not in place of another that has taken its key', async () => {
    const registry = createRegistry({ retention: 1_000 })
    const { stream: old } = ask(registry, 'a')
    await settle(6_000)
    const { stream: current } = ask(registry, 'a')
    const leaveCurrent = current.subscribe(() => {})
    const leaveOld = old.subscribe(() => {})
    expect(ask(registry, 'a').stream).toBe(current)
    leaveOld()
    expect(ask(registry, 'a').stream).toBe(current)
    await settle(2_000)
    expect(ask(registry, 'a').stream).toBe(current)
    leaveCurrent()
    registry.clear()
  })
})

describe('the most streams', () => {
  test('the one that was left first is forgotten first', () => {
    const registry = createRegistry({ maxStreams: 2 })
    const streams = ['a', 'b'].map((key) => ask(registry, key).stream)
    streams[0]!.subscribe(() => {})()
    ask(registry, 'c')
    expect(ask(registry, 'a').stream).toBe(streams[0])
    expect(ask(registry, 'b').stream).not.toBe(streams[1])
    registry.clear()
  })

  test('one that could not be watched is not remembered for longer', async () => {
    const registry = createRegistry()
    const { stream, transport } = ask(registry, 'a')
    stream.update({ transport, protocol: keepstream(), method: 'GET', linger: -1 })
    expect(() => stream.subscribe(() => {})).toThrow(expect.objectContaining({ code: 'option' }))
    await settle(5_000)
    expect(ask(registry, 'a').stream).not.toBe(stream)
    registry.clear()
  })

  test('one that is watched is never forgotten', async () => {
    const registry = createRegistry({ maxStreams: 2 })
    const watched = Array.from({ length: 5 }, (_, index) => ask(registry, `watched ${index}`).stream)
    const leave = watched.map((stream) => stream.subscribe(() => {}))
    for (let index = 0; index < 20; index++) ask(registry, `other ${index}`)
    for (const [index, stream] of watched.entries()) expect(ask(registry, `watched ${index}`).stream).toBe(stream)
    for (const unsubscribe of leave) unsubscribe()
    registry.clear()
    await settle()
  })

  test('a stream that is forgotten lets its connection go', async () => {
    const registry = createRegistry({ maxStreams: 1 })
    const { stream, transport } = ask(registry, 'a')
    stream.start()
    await settle()
    expect(transport.held()).toBe(1)
    ask(registry, 'b')
    await settle()
    expect(transport.held()).toBe(0)
    registry.clear()
  })
})

describe('clear', () => {
  test('detaches from all and forgets them, watched or not', async () => {
    const registry = createRegistry()
    const { stream, transport } = ask(registry, 'a')
    const leave = stream.subscribe(() => {})
    stream.start()
    await settle()
    registry.clear()
    await settle()
    expect(transport.held()).toBe(0)
    const next = ask(registry, 'a').stream
    expect(next).not.toBe(stream)
    leave()
    expect(ask(registry, 'a').stream).toBe(next)
    registry.clear()
  })

  test('is final: who leaves later does not bring back what another person must not see', () => {
    const registry = createRegistry()
    const { stream } = ask(registry, 'a')
    const leave = stream.subscribe(() => {})
    registry.clear()
    leave()
    expect(ask(registry, 'a').stream).not.toBe(stream)
    registry.clear()
  })
})

test('the registry of the page is one', () => {
  const first = ask(shared, 'of the page').stream
  expect(ask(shared, 'of the page').stream).toBe(first)
  shared.clear()
})

test('the timers of what is remembered keep no process alive', () => {
  vi.useRealTimers()
  const set = vi.spyOn(globalThis, 'setTimeout')
  const registry = createRegistry()
  ask(registry, 'a')
  ask(registry, 'b').stream.subscribe(() => {})()
  const timers = set.mock.results.map(({ value }) => value as NodeJS.Timeout)
  set.mockRestore()
  expect(timers.length).toBeGreaterThan(1)
  expect(timers.filter((timer) => timer.hasRef())).toEqual([])
  registry.clear()
  vi.useFakeTimers()
})
