import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { scriptedTransport } from '../test/scripted-transport'
import { createManager, type Manager, type ManagerOptions } from './fleet'
import { report } from './inspect'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'

const managers: Manager[] = []

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.shutdown()
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

function setup(options?: ManagerOptions) {
  const manager = createManager(options)
  managers.push(manager)
  const transport = scriptedTransport({ stop: async () => {} })
  const clocks = { connect: Infinity, firstEvent: Infinity, stall: Infinity, liveness: Infinity, total: Infinity }
  const create = (key?: string) =>
    manager.createStream({ protocol: keepstream(), transport, clocks, ...(key !== undefined && { key }) })
  return { manager, transport, create }
}

describe('a manager', () => {
  test('lists the answers under way, in their order, with their keys and when they began', async () => {
    vi.setSystemTime(1_000)
    const { manager, transport, create } = setup()
    const [first, second, idle] = [create('a'), create(), create()]
    void first.start('one')
    await settle(50)
    void second.start('two')
    await settle()
    expect(manager.get()).toEqual([
      { stream: first, key: 'a', startedAt: 1_000 },
      { stream: second, key: undefined, startedAt: 1_050 },
    ])
    transport.attempts[0]!.accept().send(hello(0), end(1))
    await settle()
    expect(manager.get().map(({ stream }) => stream)).toEqual([second])
    second.detach()
    expect(manager.get()).toEqual([])
    expect(idle.get().status).toBe('idle')
  })

  test('lists no stream of others', async () => {
    const { manager } = setup()
    const other = createStream({ protocol: keepstream(), transport: scriptedTransport() })
    void other.start('one')
    await settle()
    expect(manager.get()).toEqual([])
    other.detach()
  })

  test('stops an answer at its maximum age, at the model too; one that begins anew is young again', async () => {
    const { manager, transport, create } = setup({ maxAge: 1_000 })
    const stream = create()
    void stream.start('one')
    await settle(900)
    void stream.start('two')
    await settle(900)
    expect(stream.get().status).toBe('pending')
    await settle(100)
    expect([stream.get().status, manager.get()]).toEqual(['stopped', []])
    expect(transport.stops.map(({ start }) => start?.input)).toEqual(['two'])
  })

  test('counts the time away: an answer that was left and resumed is as old as it was', async () => {
    const { create, transport } = setup({ maxAge: 1_000 })
    const stream = create()
    void stream.start('one')
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle(400)
    stream.detach()
    await settle(400)
    expect(stream.get().status).toBe('streaming')
    void stream.resume()
    await settle(199)
    expect(stream.get().status).toBe('streaming')
    await settle(1)
    expect(stream.get().status).toBe('stopped')
  })

  test('takes an age above what a timer takes', async () => {
    const { create } = setup({ maxAge: 1e15 })
    const stream = create()
    void stream.start('one')
    await settle(1_000)
    expect(stream.get().status).toBe('pending')
  })

  test('fails what is above the most answers, whatever began it, and asks for nothing', async () => {
    const { manager, transport, create } = setup({ maxStreams: 1 })
    const [first, second] = [create(), create()]
    void first.start('one')
    await settle()
    expect(await second.start('two')).toMatchObject({ status: 'failed', error: { code: 'option' } })
    expect((await second.start('two')).error?.message).toMatch(/`maxStreams`/)
    const read = manager.createStream({ protocol: keepstream(), transport, method: 'GET' })
    read.subscribe(() => {})()
    await settle()
    expect(read.get().status).toBe('failed')
    expect([transport.attempts.length, manager.get().length]).toEqual([1, 1])
    void first.start('again')
    await settle()
    expect(first.get().status).toBe('pending')
    first.detach()
    void second.start('two')
    await settle()
    expect(second.get().connection.state).toBe('connecting')
    second.detach()
  })

  test('retries of an answer that was let in are let in', async () => {
    const { create, transport } = setup({ maxStreams: 1 })
    const stream = create()
    void stream.start('one')
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a')).cut()
    await settle(5_000)
    transport.latest().accept().send(hello(1), end(2))
    await settle()
    expect(stream.get()).toMatchObject({ status: 'done', data: { text: 'a' } })
  })

  test('keeps its hold on a stream whose options are updated', async () => {
    const { manager, transport, create } = setup()
    const stream = create()
    stream.update({ protocol: keepstream(), transport })
    await manager.shutdown()
    expect((await stream.start('one')).error?.message).toMatch(/shut down/)
    expect(transport.attempts).toHaveLength(0)
  })
})

describe('a shutdown', () => {
  test.each(['detach', 'stop'] as const)('ends all answers by `%s` and refuses new ones', async (how) => {
    const { manager, transport, create } = setup()
    const streams = [create(), create(), create()]
    for (const stream of streams) void stream.start('question')
    await settle()
    for (const attempt of transport.attempts) attempt.accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    const down = manager.shutdown(how)
    await settle(4_000)
    await down
    expect(streams.map((stream) => stream.get().status)).toEqual(
      streams.map(() => (how === 'stop' ? 'stopped' : 'streaming')),
    )
    expect([transport.stops.length, transport.held(), manager.get()]).toEqual([how === 'stop' ? 3 : 0, 0, []])
    expect(create).toThrow(/shut down/)
    expect(await streams[0]!.start('again')).toMatchObject({ status: 'failed', error: { code: 'option' } })
    await manager.shutdown()
  })

  test('lets nothing begin while it waits for the last words', async () => {
    const { manager, transport, create } = setup()
    const [first, second] = [create(), create()]
    void first.start('one')
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0))
    await settle()
    const down = manager.shutdown('stop')
    expect(await second.start('two')).toMatchObject({ status: 'failed', error: { code: 'option' } })
    await settle(4_000)
    await down
    expect(transport.attempts).toHaveLength(1)
  })

  test('leaves no timer and no inspector behind', async () => {
    const { manager, create } = setup({ maxAge: 60_000 })
    const stream = create()
    void stream.start('question')
    await settle()
    expect(vi.getTimerCount()).toBeGreaterThan(0)
    await manager.shutdown()
    await settle()
    expect(vi.getTimerCount()).toBe(0)
    const make = vi.fn()
    report(make)
    expect(make).not.toHaveBeenCalled()
  })

  test('comes by itself at the end of a block', async () => {
    const { transport } = setup()
    let outside: Manager
    {
      await using manager = createManager()
      outside = manager
      void manager.createStream({ protocol: keepstream(), transport }).start('question')
      await settle()
      expect(transport.held()).toBe(1)
    }
    await settle()
    expect(transport.held()).toBe(0)
    expect(() => outside.createStream({ protocol: keepstream(), transport })).toThrow(/shut down/)
  })

  test('in another way is refused, and changes nothing', async () => {
    const { manager, create } = setup()
    await expect(manager.shutdown('now' as 'stop')).rejects.toThrow(/`how` is "now"/)
    create()
  })
})

test('the options are refused with a sentence', () => {
  expect(() => createManager({ maxAge: 0 })).toThrow(/`maxAge`/)
  expect(() => createManager({ maxStreams: Number.NaN })).toThrow(/`maxStreams`/)
  expect(() => createManager({ age: 1 } as never)).toThrow(/no option `age`/)
  expect(() => setup().manager.createStream(undefined as never)).toThrow(/`options` is undefined/)
})
