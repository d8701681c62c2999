import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { type ScriptedAttempt, scriptedTransport } from '../test/scripted-transport'
import type { Address, Memory } from './address'
import { type CompareOptions, createCompare } from './compare'
import { StreamError } from './errors'
import { report } from './inspect'
import { createPool } from './pool'
import { keepstream } from './protocols/keepstream'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const settle = (milliseconds = 20) => vi.advanceTimersByTimeAsync(milliseconds)

/** Three models behind one pool, in which `slow` and `fast` share one place. */
function setup(more: Partial<CompareOptions> = {}) {
  const transport = scriptedTransport({ stop: async () => {} })
  const pool = createPool({ limits: { shared: [1, 1], own: [4, 4] }, random: () => 0 })
  const through = (key: string) => ({
    protocol: keepstream(),
    transport,
    via: [pool.for(key)],
    retry: { baseDelay: 10, jitterFactor: 0, maxRetries: 1 },
  })
  const models = { slow: through('shared'), fast: through('own'), waiting: through('shared') }
  const compare = createCompare({ models, ...more })
  onTestFinished(compare.reset)
  const attemptOf = (model: string): ScriptedAttempt =>
    transport.attempts.findLast(({ request }) => (request.start!.input as { model: string }).model === model)!
  const row = (model: string) => compare.get().find((compared) => compared.model === model)!
  return { compare, transport, attemptOf, row, pool }
}

const answer = (attempt: ScriptedAttempt, content: string) => attempt.accept().send(hello(0), text(1, content), end(2))

describe('a comparison', () => {
  test('asks all models the same, shows who waits at which place, and ranks by time to the first part', async () => {
    const { compare, attemptOf, row } = setup()
    const listener = vi.fn()
    const leave = compare.subscribe(listener)
    const running = compare.start({ prompt: 'Hello' })
    await settle(0)
    expect(attemptOf('fast').request.start?.input).toEqual({ prompt: 'Hello', model: 'fast' })
    expect(row('waiting').snapshot.connection).toMatchObject({ state: 'queued', position: 1 })
    await settle(100)
    answer(attemptOf('fast'), 'a')
    await settle(100)
    expect(compare.get().map(({ rank }) => rank)).toEqual([undefined, 1, undefined])
    answer(attemptOf('slow'), 'b')
    await settle(50)
    answer(attemptOf('waiting'), 'c')
    await settle(0)
    const compared = await running
    expect(compared).toBe(compare.get())
    // From one moment, the time in the queue included.
    expect(
      compared.map(({ model, rank, snapshot, statistics }) => [
        model,
        rank,
        snapshot.data.text,
        statistics.timeToFirstPart,
        statistics.attempts,
      ]),
    ).toEqual([
      ['slow', 2, 'b', 200, 1],
      ['fast', 1, 'a', 100, 1],
      ['waiting', 3, 'c', 250, 1],
    ])
    expect(listener.mock.calls.length).toBeGreaterThan(3)
    leave()
  })

  test('gives the same rank to those that are equally fast', async () => {
    const { compare, attemptOf } = setup()
    void compare.start({}, ['slow', 'fast'])
    await settle(10)
    answer(attemptOf('slow'), 'a')
    answer(attemptOf('fast'), 'b')
    await settle(0)
    expect(compare.get().map(({ rank }) => rank)).toEqual([1, 1, undefined])
  })

  test('settles whatever becomes of each, and asks only those again that are named', async () => {
    const { compare, attemptOf, row } = setup()
    const running = compare.start({})
    await settle(0)
    attemptOf('slow').refuse(new StreamError('http', 'Bad.', { status: 400 }))
    answer(attemptOf('fast'), 'a')
    await settle(0)
    await compare.stop('waiting')
    expect((await running).map(({ snapshot }) => snapshot.status)).toEqual(['failed', 'done', 'stopped'])
    const before = row('fast').snapshot
    void compare.start({}, ['slow'])
    await settle(0)
    answer(attemptOf('slow'), 'b')
    await settle(0)
    expect(row('slow').snapshot).toMatchObject({ status: 'done', data: { text: 'b' } })
    expect(row('fast').snapshot).toBe(before)
  })

  test('stops all that are under way; those that wait leave the queue', async () => {
    const { compare, attemptOf, transport, pool } = setup()
    const running = compare.start({})
    await settle(0)
    answer(attemptOf('fast'), 'a')
    await settle(0)
    await compare.stop()
    expect((await running).map(({ snapshot }) => snapshot.status)).toEqual(['stopped', 'done', 'stopped'])
    expect(transport.stops).toHaveLength(2)
    expect(pool.get().shared).toMatchObject({ running: 0, queued: 0 })
    await expect(compare.stop('other')).rejects.toThrow(/`model` is "other". Give one of slow, fast, waiting/)
    await expect(compare.start({}, ['other'])).rejects.toThrow(/`model`/)
  })

  test('forgets all by `reset`, the statistics too', async () => {
    const { compare, attemptOf } = setup()
    const running = compare.start({})
    await settle(0)
    answer(attemptOf('fast'), 'a')
    await settle(0)
    compare.reset()
    await running
    expect(compare.get()).toEqual(compare.getInitial())
    expect(compare.get()[1]).toMatchObject({ snapshot: { status: 'idle' }, statistics: { parts: 0 }, rank: undefined })
  })

  test('asks nobody where `request` throws for one', async () => {
    const request = (input: unknown, model: string) => {
      if (model === 'waiting') throw new Error('no')
      return { model, input }
    }
    const { compare, transport } = setup({ request })
    const before = compare.get()
    await expect(compare.start('x')).rejects.toThrow('no')
    await settle()
    expect(transport.attempts).toHaveLength(0)
    expect(compare.get()).toBe(before)
  })

  test('asks for an object where nothing says how to name the model otherwise', async () => {
    await expect(setup().compare.start('Hello')).rejects.toThrow(/`input` is "Hello"/)
  })

  test('inspects nothing while nothing is under way', async () => {
    const { compare, attemptOf, transport } = setup()
    const inspected = () => {
      const make = vi.fn(() => ({ stream: { get() {} }, signal: { type: 'ended' } }) as never)
      report(make)
      return make.mock.calls.length > 0
    }
    expect(inspected()).toBe(false)
    const leave = compare.subscribe(() => {})
    const running = compare.start({}, ['slow'])
    await settle(0)
    attemptOf('slow').accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle(0)
    leave()
    await settle(10_000)
    await running
    // Left, and not over: whoever comes back goes on, and is measured.
    expect([transport.held(), inspected()]).toEqual([0, true])
    const leaveAgain = compare.subscribe(() => {})
    await settle(0)
    attemptOf('slow').accept().send(hello(1), text(2, 'b'), end(3))
    await settle()
    expect(compare.get()[0]).toMatchObject({ snapshot: { status: 'done' }, statistics: { parts: 2, reconnects: 1 } })
    expect(inspected()).toBe(false)
    leaveAgain()
  })
})

describe('those who watch', () => {
  test('find the same object until something changes, and are not told after they have left', async () => {
    const { compare } = setup()
    expect(compare.get()).toBe(compare.getInitial())
    const stale = vi.fn()
    const leaves: (() => void)[] = []
    compare.subscribe(() => {
      for (const leave of leaves) leave()
      expect(compare.get()).toBe(compare.get())
    })
    leaves.push(compare.subscribe(stale))
    void compare.start({})
    expect(compare.get()).not.toBe(compare.getInitial())
    expect(stale).not.toHaveBeenCalled()
    await settle()
    compare.reset()
  })
})

describe('options that are handed over later', () => {
  test('keep the answer of a model that is still named, add new ones and let go of the others', async () => {
    const { compare, transport, attemptOf, row } = setup()
    const listener = vi.fn()
    const leave = compare.subscribe(listener)
    void compare.start({ prompt: 'Hello' })
    await settle()
    attemptOf('fast').accept().send(hello(0), text(1, 'a'))
    await settle(100)
    const { signal } = attemptOf('slow').request
    listener.mockClear()
    compare.update({ models: ['fast', 'new'], transport })
    expect(listener).toHaveBeenCalledTimes(1)
    expect(compare.get().map(({ model, snapshot }) => [model, snapshot.status, snapshot.data.text])).toEqual([
      ['fast', 'streaming', 'a'],
      ['new', 'idle', ''],
    ])
    expect(signal.aborted).toBe(true)
    void compare.start({ prompt: 'again' }, ['new'])
    await settle()
    answer(attemptOf('new'), 'b')
    await settle(100)
    expect(row('new').snapshot).toMatchObject({ status: 'done', data: { text: 'b' } })
    await expect(compare.stop('slow')).rejects.toThrow(/`model` is "slow"/)
    leave()
  })

  test('count from the next start, for the models that stay too', async () => {
    const { compare, transport } = setup()
    const later = scriptedTransport()
    compare.update({ models: { fast: { transport: later } }, request: () => 'later' })
    void compare.start({ prompt: 'Hello' })
    await settle()
    expect(later.attempts.map(({ request }) => request.start?.input)).toEqual(['later'])
    expect(transport.attempts).toEqual([])
    compare.reset()
  })

  test('of the same models change nothing that is seen', () => {
    const { compare } = setup()
    const listener = vi.fn()
    const leave = compare.subscribe(listener)
    const before = compare.get()
    compare.update({ models: ['slow', 'fast', 'waiting'], url: '/chat' })
    expect(compare.get()).toBe(before)
    expect(listener).not.toHaveBeenCalled()
    leave()
  })
})

test('a page that is loaded again rejoins the answer of each model that has a memory of its own', async () => {
  const addresses = new Map<string, Address>()
  const memory = (model: string): Memory => ({
    load: () => addresses.get(model),
    save: (address) => void (address ? addresses.set(model, address) : addresses.delete(model)),
  })
  const open = () => {
    const transport = scriptedTransport({ stop: async () => {} })
    const models = { a: { persist: memory('a') }, b: { persist: memory('b') } }
    return { transport, compare: createCompare({ transport, models }) }
  }
  const before = open()
  void before.compare.start({ prompt: 'Hi' })
  await settle()
  for (const { request, accept } of before.transport.attempts) {
    const { model } = request.start!.input as { model: string }
    accept({ location: `/${model}` }).send(hello(0), text(1, model))
  }
  await settle()

  const after = open()
  const leave = after.compare.subscribe(() => {})
  await settle()
  expect(after.transport.attempts.map(({ request }) => request.location)).toEqual(['/a', '/b'])
  for (const { request, accept } of after.transport.attempts) {
    accept().send(hello(0), text(1, request.location!.slice(1)), text(2, '!'), end(3))
  }
  await settle()
  expect(after.compare.get().map(({ model, snapshot }) => [model, snapshot.status, snapshot.data.text])).toEqual([
    ['a', 'done', 'a!'],
    ['b', 'done', 'b!'],
  ])
  leave()
  before.compare.reset()
})

test('what a model has of its own is over what all share, field by field and name by name', async () => {
  const asked: { url: string; headers: Record<string, string> }[] = []
  const fetch = async (url: string, { headers }: RequestInit) => {
    asked.push({ url, headers: Object.fromEntries(new Headers(headers)) })
    return new Response('', { status: 503 })
  }
  const mine = { headers: { 'x-model': 'a' }, retry: { baseDelay: 1 }, url: undefined } as object
  const compare = createCompare({
    url: 'http://127.0.0.1/all',
    headers: () => ({ authorization: 'Bearer' }),
    retry: { maxRetries: 1, jitterFactor: 0 },
    fetch,
    models: { a: mine },
  })
  const settled = compare.start({ prompt: 'Hi' })
  await settle(60_000)
  expect((await settled)[0]?.snapshot.status).toBe('failed')
  expect(asked).toHaveLength(2)
  for (const { url, headers } of asked) {
    expect(url).toBe('http://127.0.0.1/all')
    expect(headers).toMatchObject({ authorization: 'Bearer', 'x-model': 'a' })
  }
})

test('the options are refused with a sentence', () => {
  const create = (options: object) => () => createCompare(options as CompareOptions)
  const stream = { url: '/chat', protocol: keepstream() }
  expect(create({})).toThrow(/`models` is undefined/)
  expect(create({ models: {} })).toThrow(/`models`/)
  expect(create({ models: 'small', url: '/chat' })).toThrow(/`models` is "small"/)
  expect(create(undefined as never)).toThrow(/`options` is undefined/)
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`m${index}`, stream]))
  expect(create({ models: many })).toThrow(/1 to 16/)
  expect(create({ models: { a: { protocol: keepstream() } } })).toThrow(/`url`/)
  expect(create({ models: ['a', 'a'], url: '/chat' })).toThrow(/`models`/)
  expect(create({ models: ['a'], url: '/chat', key: 'b' })).toThrow(/`key`/)
  // All would write to one place, and after a reload each would show the answer of the last one.
  const persist = { load: () => undefined, save: () => {} }
  expect(create({ models: ['a', 'b'], url: '/chat', persist })).toThrow(/`persist` is an object.*`models`/)
  expect(create({ models: { a: stream }, request: 1 })).toThrow(/`request`/)
  expect(create({ models: { a: stream }, model: 'a' })).toThrow(/no option `model`/)
})
