import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, text } from '../../test/keepstream-frames'
import { scriptedTransport } from '../../test/scripted-transport'
import { keepstream } from '../protocols/keepstream'
import { createStream } from '../stream'
import { whenBuffered } from './buffered'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

function setUp(patience?: number) {
  const first = scriptedTransport({ stop: async () => {} })
  const poll = scriptedTransport()
  const via = [whenBuffered(poll, patience === undefined ? {} : { patience })]
  const create = () => createStream({ protocol: keepstream(), transport: first, via, retry: { baseDelay: 0 } })
  return { first, poll, create }
}

describe('a response that is held back', () => {
  test('before its head is polled for, at once and with the same key', async () => {
    const { first, poll, create } = setUp()
    const stream = create()
    const errors: unknown[] = []
    stream.subscribe(() => errors.push(stream.get().connection.error))
    const run = stream.start({ prompt: 'Hello' })
    await pass(4_999)
    expect([first.attempts.length, poll.attempts.length]).toEqual([1, 0])
    await pass(10)
    expect([first.held(), poll.attempts.length]).toEqual([0, 1])
    expect(poll.latest().request.start).toEqual(first.latest().request.start)
    expect(errors).toContainEqual(expect.objectContaining({ code: 'network', reason: 'buffered' }))
    poll.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'), end(2))
    await pass(1)
    expect(await run).toMatchObject({ status: 'done', data: { text: 'a' } })
  })

  test('after its head is polled for, from the same cursor', async () => {
    const { first, poll, create } = setUp(100)
    const run = create().start()
    await pass(1)
    first.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await pass(1)
    first.latest().cut()
    await pass(1)
    first.latest().accept({ location: '/1' })
    await pass(110)
    expect(poll.latest().request).toMatchObject({ cursor: 'e-1', location: '/1' })
    poll.latest().accept().send(hello(1), text(2, 'b'), end(3))
    await pass(1)
    expect(await run).toMatchObject({ status: 'done', data: { text: 'ab' } })
  })

  test('is not learned from who left before reading', async () => {
    const { first, poll } = setUp()
    const open = whenBuffered(poll)(first)
    const leaving = new AbortController()
    const request = { cursor: undefined, attempt: 1, start: undefined, location: undefined }
    const opening = open({ ...request, signal: leaving.signal })
    first.latest().accept()
    await opening
    leaving.abort()
    await pass(10_000)
    void open({ ...request, signal: AbortSignal.abort() }).catch(() => {})
    expect([first.attempts.length, poll.attempts.length]).toEqual([2, 0])
  })

  test('costs no retry', async () => {
    const { poll, create } = setUp(100)
    const stream = create()
    stream.start()
    await pass(110)
    expect(poll.attempts).toHaveLength(1)
    expect(stream.get().connection.attempt).toBe(1)
    stream.reset()
  })

  test('is known to the next stream, and forgotten where polling finds nothing either', async () => {
    const { first, poll, create } = setUp(100)
    const one = create()
    one.start()
    await pass(110)
    const two = create()
    two.start()
    await pass(1)
    expect([first.attempts.length, poll.attempts.length]).toEqual([1, 2])
    poll.latest().refuse(new Error('no connection'))
    await pass(10)
    expect([first.attempts.length, poll.attempts.length]).toEqual([2, 2])
    one.reset()
    two.reset()
  })
})

describe('a response that is not', () => {
  test('stays, however long it says nothing after its first byte', async () => {
    const { first, poll, create } = setUp(100)
    const run = create().start()
    await pass(50)
    first.latest().accept({ location: '/1' }).send()
    await pass(50_000)
    first.latest().send(hello(0), text(1, 'a'), end(2))
    await pass(1)
    expect(await run).toMatchObject({ status: 'done', data: { text: 'a' } })
    expect(poll.attempts).toEqual([])
  })

  test('may wait in a queue first', async () => {
    const { first, poll, create } = setUp(100)
    const run = create().start()
    await pass(1)
    first.latest().request.waits!(3)
    await pass(1_000)
    expect(poll.attempts).toEqual([])
    first.latest().request.waits!(undefined)
    await pass(90)
    first.latest().accept({ location: '/1' }).send(hello(0), end(1))
    await pass(1)
    expect(await run).toMatchObject({ status: 'done' })
  })

  test('leaves no timer, however it ends', async () => {
    const { first, create } = setUp()
    const stream = create()
    stream.start()
    await pass(1)
    stream.reset()
    await pass(1)
    expect(first.held()).toBe(0)
    stream.start()
    await pass(1)
    first.latest().accept({ exhausted: true })
    await pass(1)
    expect(stream.get().status).toBe('done')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is stopped where it was started', () => {
    const stop = async () => {}
    expect(whenBuffered(scriptedTransport())(scriptedTransport({ stop })).stop).toBeTypeOf('function')
    expect(whenBuffered(scriptedTransport())(scriptedTransport()).stop).toBeUndefined()
  })

  test('needs some patience', () => {
    expect(() => whenBuffered(scriptedTransport(), { patience: 0 })).toThrow('`patience`')
  })

  test('refuses a name that it does not know, and what is no transport', () => {
    expect(() => whenBuffered(scriptedTransport(), { wait: 1 } as never)).toThrow('no option `wait`')
    expect(() => whenBuffered('poll' as never)).toThrow('`poll`')
  })
})
