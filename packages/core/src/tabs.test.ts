import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { type Script, scriptedTransport } from '../test/scripted-transport'
import { type SimulatedTab, simulateBrowser } from '../test/simulated-tabs'
import { StreamError } from './errors'
import type { Frame } from './frame'
import { type TabsOptions, tabs } from './tabs'
import type { Connection, OpenRequest, Transport } from './transports/transport'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

function setUp() {
  const browser = simulateBrowser()
  /** Delivers all that is said, and what is answered to it. */
  const talk = async (milliseconds = 0) => {
    for (let waited = 0; waited <= milliseconds; waited += 100) {
      await settle(waited === 0 ? 0 : 100)
      for (let turn = 0; turn < 100 && browser.deliver(0); turn++) await settle()
    }
  }

  function open(script: Script = {}, options: TabsOptions = {}, tab: SimulatedTab = browser.openTab()) {
    const transport = scriptedTransport(script)
    const { via } = tabs('chat', { locks: tab.locks, channel: tab.channel, random: () => 0.5, ...options })
    const shared = via.reduceRight<Transport>((inner, wrap) => wrap(inner), transport)
    return { tab, transport, shared, request: (more?: Partial<OpenRequest>) => watch(shared, more) }
  }
  return { browser, talk, open }
}

/** One attempt, and what it yields. */
function watch(transport: Transport, more: Partial<OpenRequest> = {}) {
  const controller = new AbortController()
  const { signal } = controller
  const seen: Frame[] = []
  const state = {
    seen,
    reads: 0,
    connection: undefined as Connection | undefined,
    error: undefined as unknown,
    over: false,
    leave: () => controller.abort(new Error('Left.')),
  }
  const request = {
    cursor: undefined,
    attempt: 1,
    signal,
    start: { input: 1, key: 'k1' },
    location: undefined,
    ...more,
  }
  const run = async () => {
    state.connection = await transport(request)
    for await (const frames of state.connection) {
      state.reads++
      seen.push(...frames)
    }
  }
  run().then(
    () => {
      state.over = true
    },
    (error: unknown) => {
      state.error = error
      state.over = true
    },
  )
  return state
}

const handover = expect.objectContaining({ code: 'network', reason: 'handover', retryAfter: 0 })

describe('tabs', () => {
  test.each([
    ['', {}, /name/],
    ['chat', { window: 0 }, /tabs\.window/],
    ['chat', { patience: -1 }, /tabs\.patience/],
    ['chat', { random: 1 }, /tabs\.random/],
    ['chat', { wait: 1 }, /tabs\.wait/],
    ['chat', { memory: true }, /tabs\.memory/],
  ])('%o with %o is refused with a sentence', (name, options, sentence) => {
    expect(() => tabs(name, options as TabsOptions)).toThrow(sentence)
  })

  test('leave the transport as it is where there are no locks', () => {
    expect(globalThis.navigator?.locks).toBeUndefined()
    const { via, persist } = tabs('chat')
    expect(via).toEqual([])
    expect(persist.load()).toBeUndefined()
  })

  test('connect each by itself where locks are refused', async () => {
    const { open, talk } = setUp()
    const refused = { request: () => Promise.reject(new DOMException('No origin.', 'SecurityError')) }
    const [a, b] = [open({}, { locks: refused }), open({}, { locks: refused })]
    const readers = [a.request(), b.request()]
    await talk()
    for (const { transport } of [a, b]) transport.latest().accept().send(hello(0), text(1, 'a')).close()
    await talk()
    for (const reader of readers)
      expect(reader).toMatchObject({ seen: [hello(0), text(1, 'a')], over: true, error: undefined })
  })

  test('share the reads of one of them, those without events too, and its location', async () => {
    const { open, talk, browser } = setUp()
    const [a, b] = [open(), open()]
    const [first, second] = [a.request(), b.request()]
    await talk()
    a.transport.latest().accept({ location: '/1' }).send(hello(0))
    await talk()
    a.transport.latest().send().send(text(1, 'a'), end(2))
    for (let turn = 0; turn < 3; turn++) await talk()
    expect(b.transport.attempts).toEqual([])
    expect(second.connection).toMatchObject({ location: '/1', carrier: 'tab' })
    expect(second.seen).toEqual(first.seen)
    expect(second.seen).toEqual([hello(0), text(1, 'a'), end(2)])
    expect(second.reads).toBe(3)
    first.leave()
    second.leave()
    await talk()
    expect(browser.left()).toEqual({ locks: 0, channels: 0 })
  })

  test('end at once on a signal that is aborted, before and after', async () => {
    const { open, talk, browser } = setUp()
    const a = open()
    const early = a.request({ signal: AbortSignal.abort(new Error('Early.')) })
    const waiting = a.request()
    waiting.leave()
    await talk()
    expect([early.error, waiting.error]).toEqual([new Error('Early.'), new Error('Left.')])
    expect(a.transport.held()).toBe(0)
    expect(browser.left()).toEqual({ locks: 0, channels: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('hand over to the next when the first leaves, from the place of the next', async () => {
    const { open, talk } = setUp()
    const [a, b] = [open(), open()]
    const [first, second] = [a.request(), b.request()]
    await talk()
    a.transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await talk()
    first.leave()
    await talk()
    expect(second).toMatchObject({ seen: [hello(0), text(1, 'a')], error: handover })
    const third = b.request({ cursor: 'e-1', location: '/1' })
    await talk()
    expect(b.transport.latest().request).toMatchObject({ cursor: 'e-1', location: '/1' })
    b.transport.latest().accept().send(hello(1), text(2, 'b'))
    await talk()
    expect(third.seen).toEqual([hello(1), text(2, 'b')])
    // And the answer from its beginning is still there for who comes now.
    const late = open().request()
    await talk()
    expect(late.seen).toEqual([hello(0), text(1, 'a'), hello(1), text(2, 'b')])
  })

  test('read what the leader said last before they notice that it has gone', async () => {
    const { open, talk } = setUp()
    const [a, b, c] = [open(), open(), open()]
    const [first, ...others] = [a.request(), b.request(), c.request()]
    await talk()
    a.transport.latest().accept().send(hello(0))
    await talk()
    a.transport.latest().send(text(1, 'a'), end(2))
    await settle()
    // The browser gives its lock away before the others were given its last words.
    first.leave()
    await settle()
    await talk()
    for (const { seen } of others) expect(seen).toEqual([hello(0), text(1, 'a'), end(2)])
  })

  test('tell each other why a connection failed, so that each can judge it', async () => {
    const { open, talk } = setUp()
    const [a, b, c] = [open(), open(), open()]
    const readers = [a.request(), b.request()]
    await talk()
    a.transport.latest().accept().send(hello(0))
    await talk()
    a.transport.latest().cut(new StreamError('http', 'Busy.', { status: 503, retryAfter: 2_000 }))
    await talk(200)
    for (const { error } of readers) expect(error).toMatchObject({ code: 'http', status: 503, retryAfter: 2_000 })
    const [again, waiting] = [c.request(), b.request()]
    await talk()
    c.transport.latest().refuse(new StreamError('gone', 'It is gone.', { status: 404 }))
    await talk(200)
    for (const { error } of [again, waiting]) expect(error).toMatchObject({ code: 'gone', status: 404 })
    expect(b.transport.attempts).toEqual([])
  })

  test('take over from one that is silent for the time of their patience, which finds out when it thaws', async () => {
    const { open, talk, browser } = setUp()
    const [a, b] = [open({}, { patience: 2_000 }), open({}, { patience: 2_000 })]
    const [first, second] = [a.request(), b.request()]
    await talk()
    a.transport.latest().accept().send(hello(0), text(1, 'a'))
    await talk(10_000)
    // It is asked now and then, and answers.
    expect([second.over, browser.steals()]).toEqual([false, 0])
    a.tab.freeze()
    await talk(2_600)
    expect(second.error).toEqual(handover)
    b.request({ cursor: 'e-1' })
    await talk()
    expect(b.transport.held()).toBe(1)
    expect(first.over).toBe(false)
    a.tab.thaw()
    await talk()
    expect(first.error).toEqual(handover)
    expect([a.transport.held(), b.transport.held()]).toEqual([0, 1])
  })

  test('read for themselves what has no ids, for nobody could go on from there', async () => {
    const { open, talk } = setUp()
    const [a, b] = [open(), open()]
    const [first, second] = [a.request({ start: undefined }), b.request({ start: undefined })]
    await talk()
    a.transport.latest().accept()
    await talk()
    a.transport.latest().send({ event: 'message', data: '1' })
    await talk()
    expect(second).toMatchObject({ seen: [], error: handover })
    const again = b.request({ start: undefined })
    await talk()
    b.transport.latest().accept().send({ event: 'message', data: '1' })
    await talk()
    expect(first.seen).toEqual(again.seen)
    expect(again.seen).toHaveLength(1)
  })

  test('read for themselves where the others have forgotten what they lack, and serve the others when it is their turn', async () => {
    const { open, talk } = setUp()
    const small = { window: 200 }
    const [a, b, c] = [open({}, small), open({}, small), open({}, small)]
    const first = a.request()
    await talk()
    const frames = [hello(0), ...'abcdef'.split('').map((value, index) => text(index + 1, value))]
    a.transport
      .latest()
      .accept()
      .send(...frames)
    await talk()
    const second = b.request()
    await talk()
    expect(b.transport.latest().request.cursor).toBeUndefined()
    b.transport
      .latest()
      .accept()
      .send(...frames)
    await talk()
    expect(second.seen).toEqual(first.seen)
    first.leave()
    await talk()
    expect(second.over).toBe(false)
    const third = c.request({ cursor: 'e-6' })
    await talk()
    b.transport.latest().send(text(7, 'g'))
    await talk()
    expect([third.seen, c.transport.attempts]).toEqual([[text(7, 'g')], []])
  })

  test('do not count the wait for another one that is about to connect', async () => {
    const { open, talk } = setUp()
    const [a, b] = [open(), open()]
    a.request()
    await talk()
    const waits: (number | undefined)[] = []
    const second = b.request({ waits: (place) => waits.push(place) })
    await talk(20_000)
    expect([waits, second.over, b.transport.attempts]).toEqual([[0], false, []])
    a.transport.latest().accept().send(hello(0))
    await talk()
    expect([waits, second.seen]).toEqual([[0, undefined], [hello(0)]])
  })

  test('say that nothing is left, and stop, as the transport does', async () => {
    const stop = vi.fn(async () => {})
    const { open, talk, browser } = setUp()
    const a = open({ stop, play: (attempt) => attempt.accept({ exhausted: true }) })
    const reader = a.request()
    await talk()
    expect(reader.connection?.exhausted).toBe(true)
    expect(browser.left()).toEqual({ locks: 0, channels: 0 })
    const request = { location: '/1', start: undefined, signal: new AbortController().signal }
    await a.shared.stop!(request)
    expect(stop).toHaveBeenCalledWith(request)
    expect(open().shared.stop).toBeUndefined()
  })

  test('are given each frame once, also where they asked twice', async () => {
    const { open, talk } = setUp()
    const [a, b] = [open(), open()]
    a.request()
    await talk()
    a.transport.latest().accept().send({ event: 'text', id: 'x', data: '1' }, { event: 'text', id: 'y', data: '2' })
    await settle()
    const second = b.request()
    await settle(1_600)
    await talk()
    expect(second.seen.map(({ id }) => id)).toEqual(['x', 'y'])
  })

  test('give nobody what their own engine did not take, for the server sends it again', async () => {
    const { open, talk } = setUp()
    const [a, b] = [open(), open()]
    const first = a.request()
    await talk()
    a.transport.latest().accept().send(hello(0), text(1, 'a'), text(2, 'b'))
    await talk()
    first.leave()
    a.request({ cursor: 'e-1' })
    await talk()
    a.transport.latest().accept().send(hello(1), text(2, 'b'))
    await talk()
    const late = b.request()
    await talk()
    expect(late.seen).toEqual([hello(0), text(1, 'a'), hello(1), text(2, 'b')])
  })

  test('share nothing of another answer, which has another key', async () => {
    const { open, talk } = setUp()
    const [a, b] = [open(), open()]
    const first = a.request()
    await talk()
    a.transport.latest().accept().send(hello(0), text(1, 'a'))
    await talk()
    first.leave()
    a.request({ start: { input: 1, key: 'k2' } })
    const late = b.request({ start: { input: 1, key: 'k2' } })
    await talk()
    a.transport.latest().accept().send(hello('f-0'))
    await talk()
    expect(late.seen).toEqual([hello('f-0')])
  })

  test('go on from their own place where a message is missing', async () => {
    const { open, talk, browser } = setUp()
    const [a, b] = [open(), open()]
    a.request()
    await talk()
    a.transport.latest().accept().send(hello(0))
    const second = b.request()
    await talk()
    const { from } = browser.said.at(-1) as { from: string }
    const stranger = browser.openTab().channel('keepstream:chat:k1')
    stranger.postMessage({ version: 1, type: 'read', from, at: 7, frames: [text(7, 'g')] })
    await talk()
    expect(second).toMatchObject({ seen: [hello(0)], error: handover })
  })

  test('join a new leader that took over before their turn, and none that has not noticed that it leads no more', async () => {
    const { open, talk, browser } = setUp()
    const [a, b] = [open(), open()]
    a.request()
    await talk()
    a.transport.latest().accept().send(hello(0))
    const second = b.request()
    await talk()
    const stranger = browser.openTab().channel('keepstream:chat:k1')
    stranger.postMessage({ version: 1, type: 'read', from: 'stale', at: 1, frames: [text(1, 'x')] })
    await talk()
    expect(second).toMatchObject({ seen: [hello(0)], over: false })
    stranger.postMessage({ version: 1, type: 'hail', from: 'new' })
    await talk()
    expect(second.error).toEqual(handover)
  })

  test('wait for a leader that is behind them, and read for themselves when it stays so', async () => {
    const { open, talk } = setUp()
    const [a, b] = [open(), open()]
    a.request()
    await talk()
    a.transport.latest().accept().send(hello(0))
    await talk()
    const c = open()
    const [soon] = [b.request({ cursor: 'e-2' }), c.request({ cursor: 'e-9' })]
    await talk(500)
    a.transport.latest().send(text(1, 'a'), text(2, 'b'), text(3, 'c'))
    await talk(900)
    expect(soon.seen).toEqual([text(3, 'c')])
    expect([b.transport.held(), c.transport.held()]).toEqual([0, 0])
    await talk(2_000)
    expect([b.transport.held(), c.transport.held()]).toEqual([0, 1])
    expect(c.transport.latest().request.cursor).toBe('e-9')
  })

  test('go on from their own place where they are slower than the leader by more than the window', async () => {
    const { open, talk } = setUp()
    const small = { window: 200 }
    const [a, b] = [open({}, small), open({}, small)]
    a.request()
    await talk()
    a.transport.latest().accept().send(hello(0))
    await talk()
    const controller = new AbortController()
    const { signal } = controller
    const opening = b.shared({
      cursor: undefined,
      attempt: 1,
      signal,
      start: { input: 1, key: 'k1' },
      location: undefined,
    })
    await talk()
    const reads = (await opening)[Symbol.asyncIterator]()
    expect(await reads.next()).toEqual({ done: false, value: [hello(0)] })
    for (let seq = 1; seq <= 6; seq++) a.transport.latest().send(text(seq, 'a'))
    await talk()
    await expect(reads.next()).rejects.toEqual(handover)
  })

  test('ignore what others write into their channel', async () => {
    const { open, talk, browser } = setUp()
    const a = open()
    const reader = a.request()
    await talk()
    a.transport.latest().accept().send(hello(0))
    const stranger = browser.openTab().channel('keepstream:chat:k1')
    for (const message of [
      null,
      'join',
      { version: 1 },
      { version: 1, type: 'join', from: 1 },
      { version: 2, type: 'hail', from: 'x' },
    ])
      stranger.postMessage(message)
    await talk()
    expect(reader).toMatchObject({ seen: [hello(0)], over: false })
    reader.leave()
  })
})
