// Above 150 lines: one stream has many moments, and each is tested at each other's.
import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bye, end, hello, helloWith, reset, retract, snapshot, text } from '../test/keepstream-frames'
import { type Script, type ScriptedAttempt, scriptedTransport } from '../test/scripted-transport'
import { StreamError } from './errors'
import { inspect } from './inspect'
import type { Message, MessagePart } from './message'
import { keepstream } from './protocols/keepstream'
import { openaiChat } from './protocols/openai-chat'
import type { Protocol } from './protocols/protocol'
import { createStream, type Stream } from './stream'
import type { StreamOptions } from './stream-options'

beforeEach(() => {
  vi.useFakeTimers()
})

const unhandled: unknown[] = []
const note = (cause: unknown) => unhandled.push(cause)
process.on('unhandledRejection', note)

afterEach(async () => {
  await settle()
  expect(vi.getTimerCount()).toBe(0)
  expect(unhandled.splice(0)).toEqual([])
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

type Options = Partial<StreamOptions<MessagePart, Message>>

function setUp(options: Options = {}, script: Script = {}) {
  const transport = scriptedTransport(script)
  const stream = createStream({
    protocol: keepstream(),
    transport,
    retry: { jitterFactor: 0 },
    ...options,
  })
  return { stream, transport }
}

/** Plays a whole answer: `안녕, world`. */
const answer = (attempt: ScriptedAttempt) =>
  attempt.accept({ location: '/streams/1' }).send(hello(0), text(1, '안녕'), text(2, ', '), text(3, 'world'), end(4))

const acknowledge = async () => {}

const chunk = (content: string) => ({ event: 'message', data: JSON.stringify({ choices: [{ delta: { content } }] }) })
const doneChunk = { event: 'message', data: '[DONE]' }

describe('start', () => {
  test('goes from idle over pending and streaming to done', async () => {
    const { stream, transport } = setUp()
    const seen: string[] = []
    stream.subscribe(() => {
      const { status, connection } = stream.get()
      const shown = `${status}, ${connection.state}`
      if (seen.at(-1) !== shown) seen.push(shown)
    })
    expect(stream.get()).toMatchObject({ status: 'idle', connection: { state: 'idle' } })
    const run = stream.start({ messages: [] })
    await settle()
    transport.latest().accept({ location: '/streams/1' })
    await settle()
    transport.latest().send(hello(0), text(1, 'a'))
    await settle()
    transport.latest().send(end(2, 'done', { finishReason: 'stop' }))
    const snapshot = await run
    expect(seen).toEqual(['pending, idle', 'pending, connecting', 'pending, open', 'streaming, open', 'done, closed'])
    expect(snapshot).toBe(stream.get())
    expect(snapshot).toMatchObject({ status: 'done', data: { text: 'a', finishReason: 'stop' }, error: undefined })
    expect(transport.held()).toBe(0)
  })

  test('ends with its terminal entry although the connection stays open', async () => {
    const { stream, transport } = setUp({}, { play: answer })
    expect(await stream.start()).toMatchObject({ status: 'done', data: { text: '안녕, world' } })
    expect(transport.latest().closed).toBe(true)
    expect(getEventListeners(transport.latest().request.signal, 'abort')).toEqual([])
  })

  test('connects in a later turn, so that whoever asked first can look', async () => {
    const { stream, transport } = setUp()
    stream.start()
    expect(stream.get().status).toBe('pending')
    expect(transport.attempts).toHaveLength(0)
    stream.reset()
    await settle()
    expect(transport.attempts).toHaveLength(0)
  })

  test('hands its input and a key of its own to the transport', async () => {
    const { stream, transport } = setUp({}, { play: answer })
    await stream.start({ question: 1 })
    await stream.start({ question: 2 })
    const [first, second] = transport.attempts.map(({ request }) => request.start!)
    expect([first!.input, second!.input]).toEqual([{ question: 1 }, { question: 2 }])
    expect(first!.key).toMatch(/^[\w-]{22}$/)
    expect(first!.key).not.toBe(second!.key)
  })

  test('while one runs it takes its place, and the stale run writes nothing', async () => {
    const { stream, transport } = setUp()
    const first = stream.start(1)
    await settle()
    const stale = transport.latest().accept().send(hello(0), text(1, 'old'))
    await settle()
    const second = stream.start(2)
    expect(stream.get()).toMatchObject({ status: 'pending', data: { text: '' } })
    stale.send(text(2, 'old'), end(3))
    await settle()
    answer(transport.latest())
    expect((await second).data.text).toBe('안녕, world')
    await first
    expect(stale.closed).toBe(true)
    expect(transport.held()).toBe(0)
  })

  test('inside a listener takes the place of the run that notified', async () => {
    const { stream, transport } = setUp()
    let again = true
    stream.subscribe(() => {
      if (stream.get().status !== 'streaming' || !again) return
      again = false
      stream.start('again')
    })
    stream.start('first')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'old'), end(2))
    await settle()
    expect(transport.attempts).toHaveLength(2)
    expect(stream.get()).toMatchObject({ status: 'pending', data: { text: '' } })
    answer(transport.latest())
    await settle()
    expect(stream.get()).toMatchObject({ status: 'done', data: { text: '안녕, world' } })
  })

  test('sends what the protocol makes of the input', async () => {
    const { stream, transport } = setUp({ protocol: openaiChat() })
    stream.start({ model: 'm' })
    await settle()
    expect(transport.latest().request.start!.input).toEqual({ model: 'm', stream: true })
    stream.detach()
  })

  test('uses the options that it was handed last', async () => {
    const transports = Array.from({ length: 3 }, () => scriptedTransport({ play: answer }))
    const [first, ...later] = transports.map((transport) => ({ protocol: keepstream(), transport }))
    const stream = createStream(first!)
    for (const options of later) stream.update(options)
    await stream.start()
    expect(transports.map(({ attempts }) => attempts.length)).toEqual([0, 0, 1])
  })

  test('refuses options that went wrong since, and leaves the running answer alone', async () => {
    const transport = scriptedTransport()
    const options = { protocol: keepstream(), transport }
    const stream = createStream(options)
    stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    stream.update({ ...options, linger: -1 })
    expect(() => stream.start()).toThrow(expect.objectContaining({ code: 'option' }))
    expect(stream.get()).toMatchObject({ status: 'streaming', data: { text: 'a' } })
    expect(transport.latest().closed).toBe(false)
    stream.detach()
  })
})

describe('promises', () => {
  test('P1: a cut goes on from the cursor, and nothing comes twice', async () => {
    const { stream, transport } = setUp()
    const run = stream.start()
    await settle()
    transport.latest().accept({ location: '/streams/1' }).send(hello(0), text(1, 'a'), text(2, 'b'))
    await settle()
    transport.latest().cut()
    await settle(500)
    expect(transport.latest().request).toMatchObject({ cursor: 'e-2', location: '/streams/1', attempt: 2 })
    transport
      .latest()
      .accept()
      .send(hello(2, undefined, true), text(2, 'b'), text('e-1..2', 'ab'), text(3, 'c'), end(4))
    expect((await run).data.text).toBe('abc')
  })

  test('P2: a connection that merely closes is no end', async () => {
    const { stream, transport } = setUp({ retry: { maxRetries: 0 } })
    const run = stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a')).close()
    expect(await run).toMatchObject({ status: 'interrupted', data: { text: 'a' }, error: { code: 'network' } })
  })

  test('P2: an end whose count differs is read again, and never believed', async () => {
    const { stream, transport } = setUp(
      { retry: { maxRetries: 2, jitterFactor: 0 } },
      {
        play: (attempt, number) =>
          attempt.accept().send(...(number === 1 ? [hello(0), text(1, 'a')] : [hello(1)]), {
            ...end(2),
            data: '{"state":"done","n":7}',
          }),
      },
    )
    const run = stream.start()
    await settle(60_000)
    expect(await run).toMatchObject({ status: 'interrupted', error: { code: 'hole' }, data: { text: 'a' } })
    expect(transport.attempts).toHaveLength(3)
  })

  test.each([
    ['error', 'failed'],
    ['timeout', 'failed'],
    ['lost', 'interrupted'],
    ['something new', 'failed'],
  ])('P2: an answer that ended `%s` is %s, and resuming does not make it done', async (state, status) => {
    const { stream, transport } = setUp()
    stream.start()
    await settle()
    transport
      .latest()
      .accept({ location: '/1' })
      .send(hello(0), text(1, 'a'), end(2, state, { code: 'why', message: 'A sentence.' }))
    await settle()
    expect(stream.get()).toMatchObject({
      status,
      data: { text: 'a' },
      error: { code: 'server', reason: 'why', message: 'A sentence.' },
    })
    const again = stream.resume()
    await settle()
    // A server whose reader has seen the end answers 204; so the end must not count as seen.
    const { cursor } = transport.latest().request
    transport.latest().accept({ exhausted: cursor === 'e-2' })
    if (cursor !== 'e-2') transport.latest().send(hello(1), end(2, state, { code: 'why', message: 'A sentence.' }))
    expect((await again).status).toBe(status)
  })

  test('P3: every clock starts anew on every attempt, and the loop still ends', async () => {
    const reasons: (string | undefined)[] = []
    const { stream, transport } = setUp(
      { retry: { maxRetries: 2, jitterFactor: 0 } },
      { play: (attempt, number) => number > 1 && attempt.accept() },
    )
    stream.subscribe(() => {
      const { connection } = stream.get()
      if (connection.state === 'waiting') reasons.push(connection.error.reason)
    })
    const run = stream.start()
    await settle(15_000 + 500 + 60_000 + 1_000 + 60_000)
    expect(reasons).toEqual(['connect', 'firstEvent'])
    expect(await run).toMatchObject({ status: 'interrupted', error: { code: 'timeout', reason: 'firstEvent' } })
    expect(transport.held()).toBe(0)
  })

  test('P3: a transport that hears of nothing ends with its clock', async () => {
    const { stream } = setUp({ transport: () => new Promise(() => {}), retry: { maxRetries: 0 } })
    const run = stream.start()
    await settle(15_000)
    expect(await run).toMatchObject({ status: 'failed', error: { code: 'timeout', reason: 'connect' } })
  })

  test('P4: a start whose answer is lost is sent again with the same key, then read where it lives', async () => {
    const { stream, transport } = setUp()
    const run = stream.start('question')
    await settle()
    for (let attempt = 0; attempt < 3; attempt++) {
      transport.latest().refuse(new StreamError('network', 'Lost.'))
      await settle(500 * 2 ** attempt)
    }
    transport.latest().accept({ location: '/streams/7' }).send(hello(0), text(1, 'a')).cut()
    await settle(500)
    transport.latest().accept().send(hello(1), end(2))
    expect((await run).status).toBe('done')
    const requests = transport.attempts.map(({ request }) => request)
    expect(new Set(requests.map(({ start }) => start!.key)).size).toBe(1)
    expect(requests.map(({ location }) => location)).toEqual([undefined, undefined, undefined, undefined, '/streams/7'])
    expect(requests.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5])
  })
})

describe('P5: stop', () => {
  test('before anything began changes nothing', async () => {
    const { stream, transport } = setUp({}, { stop: acknowledge })
    expect(await stream.stop()).toEqual({ acknowledged: false })
    expect(stream.get().status).toBe('idle')
    expect(transport.stops).toHaveLength(0)
  })

  test('before an answer tells the server the key, so that a start that arrives late starts nothing', async () => {
    const { stream, transport } = setUp({}, { stop: acknowledge })
    const run = stream.start()
    await settle()
    expect(await stream.stop()).toEqual({ acknowledged: true })
    expect(await run).toMatchObject({ status: 'stopped', error: undefined })
    expect(transport.stops).toMatchObject([
      { location: undefined, start: { key: transport.latest().request.start!.key } },
    ])
    expect(transport.held()).toBe(0)
  })

  test('of an open stream waits for the server’s own last words', async () => {
    const { stream, transport } = setUp({}, { stop: acknowledge })
    const run = stream.start()
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    const stopping = stream.stop()
    await settle()
    expect(stream.get().status).toBe('streaming')
    transport.latest().send(text(2, 'b'), end(3, 'stopped'))
    expect(await run).toMatchObject({ status: 'stopped', data: { text: 'ab' } })
    expect(await stopping).toEqual({ acknowledged: true })
    expect(transport.stops).toMatchObject([{ location: '/1' }])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('does not wait for last words longer than three seconds', async () => {
    const { stream, transport } = setUp({}, { stop: acknowledge })
    stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    const stopping = stream.stop()
    await settle(2_999)
    expect(stream.get().status).toBe('streaming')
    await settle(1)
    expect(stream.get()).toMatchObject({ status: 'stopped', data: { text: 'a' }, connection: { state: 'closed' } })
    expect(await stopping).toEqual({ acknowledged: true })
    expect(transport.held()).toBe(0)
  })

  test('inside a loop does not wait for words that the loop itself holds back', async () => {
    const { stream, transport } = setUp({}, { stop: acknowledge })
    const parts: unknown[] = []
    let result: unknown
    const loop = (async () => {
      for await (const part of stream.start()) {
        parts.push(part)
        result = await stream.stop()
      }
    })()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle(3_000)
    await loop
    expect(parts).toHaveLength(1)
    expect(result).toEqual({ acknowledged: true })
    expect(stream.get().status).toBe('stopped')
  })

  test('while it waits to reconnect stops at once', async () => {
    const { stream, transport } = setUp({}, { stop: acknowledge })
    const run = stream.start()
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a')).cut()
    await settle(100)
    expect(stream.get().connection.state).toBe('waiting')
    const stopping = stream.stop()
    expect(stream.get()).toMatchObject({ status: 'stopped', data: { text: 'a' } })
    expect(await stopping).toEqual({ acknowledged: true })
    expect((await run).status).toBe('stopped')
    await settle(60_000)
    expect(transport.attempts).toHaveLength(1)
  })

  test('twice is once', async () => {
    const { stream, transport } = setUp({}, { stop: acknowledge })
    stream.start()
    await settle()
    transport.latest().accept().send(hello(0))
    await settle()
    const both = Promise.all([stream.stop(), stream.stop()])
    transport.latest().send(end(1, 'stopped'))
    expect(await both).toEqual([{ acknowledged: true }, { acknowledged: true }])
    expect(await stream.stop()).toEqual({ acknowledged: true })
    expect(stream.get().status).toBe('stopped')
  })

  test('of an answer that is over tells nobody', async () => {
    const { stream, transport } = setUp({}, { play: answer, stop: acknowledge })
    await stream.start()
    expect(await stream.stop()).toEqual({ acknowledged: true })
    expect(stream.get().status).toBe('done')
    expect(transport.stops).toHaveLength(0)
  })

  test('of an answer that was cut still reaches the server', async () => {
    const { stream, transport } = setUp({ retry: { maxRetries: 0 } }, { stop: acknowledge })
    const run = stream.start()
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a')).cut()
    expect((await run).status).toBe('interrupted')
    expect(await stream.stop()).toEqual({ acknowledged: true })
    expect(stream.get()).toMatchObject({ status: 'stopped', data: { text: 'a' } })
  })

  test('of a detached answer reaches the server', async () => {
    const { stream, transport } = setUp({}, { stop: acknowledge })
    stream.start()
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    stream.detach()
    expect(await stream.stop()).toEqual({ acknowledged: true })
    expect(stream.get().status).toBe('stopped')
    expect(transport.stops).toMatchObject([{ location: '/1' }])
  })

  test('says so where the server does not confirm it, and is stopped all the same', async () => {
    const refuse = async () => {
      throw new StreamError('http', '403.', { status: 403 })
    }
    const { stream, transport } = setUp({}, { stop: refuse })
    stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    const stopping = stream.stop()
    await settle(3_000)
    expect(await stopping).toEqual({ acknowledged: false })
    expect(stream.get().status).toBe('stopped')
  })

  test('is sent again where it was not confirmed the first time, and not where it was', async () => {
    let refusals = 1
    const { stream, transport } = setUp(
      {},
      {
        async stop() {
          if (refusals-- > 0) throw new StreamError('http', '403.', { status: 403 })
        },
      },
    )
    stream.start()
    await settle()
    expect(await stream.stop()).toEqual({ acknowledged: false })
    expect(await stream.stop()).toEqual({ acknowledged: true })
    expect(await stream.stop()).toEqual({ acknowledged: true })
    expect(transport.stops).toHaveLength(2)
  })

  test('that was not confirmed says nothing of a stream that was emptied meanwhile', async () => {
    const refuse = async () => {
      throw new StreamError('http', '403.', { status: 403 })
    }
    const { stream } = setUp({}, { stop: refuse })
    stream.start()
    await settle()
    const stopping = stream.stop()
    stream.reset()
    const emptied = stream.get()
    const signals: string[] = []
    const leave = inspect(({ signal }) => signals.push(signal.type))
    expect(await stopping).toEqual({ acknowledged: false })
    leave()
    expect([stream.get() === emptied, signals]).toEqual([true, []])
  })

  test('at an endpoint that keeps nothing confirms nothing, however often it is asked for', async () => {
    const { stream } = setUp({ protocol: openaiChat() })
    stream.start({})
    await settle()
    expect(await stream.stop()).toEqual({ acknowledged: false })
    expect(await stream.stop()).toEqual({ acknowledged: false })
  })

  test('is repeated until it is acknowledged', async () => {
    let tries = 0
    const flaky = async () => {
      if (++tries < 3) throw new StreamError('network', 'Lost.')
    }
    const { stream } = setUp({}, { stop: flaky })
    stream.start()
    await settle()
    const stopping = stream.stop()
    expect(stream.get().status).toBe('stopped')
    await settle(1_500)
    expect(await stopping).toEqual({ acknowledged: true })
  })

  test('at an endpoint that keeps nothing closes the connection and confirms nothing', async () => {
    const { stream, transport } = setUp({ protocol: openaiChat() }, { stop: acknowledge })
    const run = stream.start({})
    await settle()
    transport.latest().accept().send(chunk('a'))
    await settle()
    expect(await stream.stop()).toEqual({ acknowledged: false })
    expect(await run).toMatchObject({ status: 'stopped', data: { text: 'a' } })
    expect(transport.stops).toHaveLength(0)
    expect(transport.held()).toBe(0)
  })

  test('does not stop the answer that was begun in the meantime', async () => {
    const { stream, transport } = setUp({}, { stop: acknowledge })
    stream.start(1)
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'old'))
    await settle()
    const stopping = stream.stop()
    const second = stream.start(2)
    await settle()
    answer(transport.latest())
    expect((await second).status).toBe('done')
    expect(await stopping).toEqual({ acknowledged: true })
  })

  test('does not bring back what was reset in the meantime', async () => {
    const { stream, transport } = setUp({}, { stop: acknowledge })
    stream.start(1)
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'old'))
    await settle()
    const stopping = stream.stop()
    stream.reset()
    await settle(10_000)
    expect(await stopping).toEqual({ acknowledged: true })
    expect(stream.get().status).toBe('idle')
  })
})

describe('detach and resume', () => {
  test('leave the answer running and go on from the cursor', async () => {
    const { stream, transport } = setUp()
    const run = stream.start()
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    stream.detach()
    expect(stream.get()).toMatchObject({ status: 'streaming', connection: { state: 'idle' }, data: { text: 'a' } })
    expect(await run).toBe(stream.get())
    expect(transport.held()).toBe(0)
    const again = stream.resume()
    await settle()
    expect(transport.latest().request).toMatchObject({ cursor: 'e-1', location: '/1' })
    transport
      .latest()
      .accept()
      .send(hello(1, undefined, true), text(2, 'b'), end(3))
    expect(await again).toMatchObject({ status: 'done', data: { text: 'ab' } })
  })

  test('detaching inside a listener commits what the listener was shown', async () => {
    const { stream, transport } = setUp()
    const leave = stream.subscribe(() => {
      if (stream.get().data.text === 'a') stream.detach()
    })
    stream.start()
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    leave()
    const again = stream.resume()
    await settle()
    expect(transport.latest().request.cursor).toBe('e-1')
    transport.latest().accept().send(hello(1), text(2, 'b'), end(3))
    expect((await again).data.text).toBe('ab')
  })

  test('detaching and resuming inside a listener interleaves no two runs', async () => {
    const { stream, transport } = setUp()
    let once = true
    stream.subscribe(() => {
      if (stream.get().data.text !== 'a' || !once) return
      once = false
      stream.detach()
      stream.resume()
    })
    stream.start()
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    transport.latest().send(text(2, 'b'))
    await settle()
    expect(transport.attempts.map(({ request }) => request.cursor)).toEqual([undefined, 'e-1'])
    transport.latest().accept().send(hello(1), text(2, 'b'), end(3))
    await settle()
    expect(stream.get()).toMatchObject({ status: 'done', data: { text: 'ab' } })
    stream.reset()
  })

  test('detaching inside a loop commits what the loop was given', async () => {
    const { stream, transport } = setUp()
    const loop = (async () => {
      for await (const _ of stream.start()) stream.detach()
    })()
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await expect(loop).rejects.toMatchObject({ code: 'interrupted' })
    const again = stream.resume()
    await settle()
    expect(transport.latest().request.cursor).toBe('e-1')
    transport.latest().accept().send(hello(1), end(2))
    expect((await again).data.text).toBe('a')
  })

  test.each([
    ['idle', 0],
    ['connecting', 1],
    ['waiting', 2],
    ['done', 3],
  ])('detaching twice when %s is harmless', async (_, moment) => {
    const { stream, transport } = setUp()
    if (moment > 0) stream.start()
    await settle()
    if (moment === 2) transport.latest().refuse(new StreamError('network', 'Lost.'))
    if (moment === 3) answer(transport.latest())
    await settle()
    const { status } = stream.get()
    stream.detach()
    stream.detach()
    expect(stream.get().status).toBe(status)
    expect(transport.held()).toBe(0)
  })

  test('before an answer came, the start is sent again with the same key', async () => {
    for (const protocol of [keepstream(), openaiChat()] as Protocol<MessagePart, Message>[]) {
      const { stream, transport } = setUp({ protocol })
      stream.start({})
      await settle()
      stream.detach()
      expect(stream.get().status).toBe('pending')
      stream.resume()
      await settle()
      const [first, second] = transport.attempts.map(({ request }) => request.start!.key)
      expect(second).toBe(first)
      stream.detach()
    }
  })

  test('an endpoint that keeps nothing is not asked again: the answer is interrupted', async () => {
    const { stream, transport } = setUp({ protocol: openaiChat() })
    stream.start({})
    await settle()
    transport.latest().accept().send(chunk('a'))
    await settle()
    stream.detach()
    expect(stream.get()).toMatchObject({ status: 'interrupted', data: { text: 'a' }, error: { code: 'interrupted' } })
    await stream.resume()
    stream.resume()
    await settle(60_000)
    expect(transport.attempts).toHaveLength(1)
  })

  test('resuming what runs, what is over and what never began connects nothing', async () => {
    const { stream, transport } = setUp()
    expect(await stream.resume()).toMatchObject({ status: 'idle' })
    const run = stream.start()
    stream.resume()
    await settle()
    answer(transport.latest())
    await run
    expect(await stream.resume()).toMatchObject({ status: 'done' })
    expect(transport.attempts).toHaveLength(1)
  })

  test('resuming after the retries are used up begins with all of them', async () => {
    const { stream, transport } = setUp(
      { retry: { maxRetries: 1, jitterFactor: 0 } },
      {
        play: (attempt, number) => (number < 4 ? attempt.refuse(new StreamError('network', 'Lost.')) : answer(attempt)),
      },
    )
    const run = stream.start()
    await settle(500)
    expect(await run).toMatchObject({ status: 'failed' })
    const again = stream.resume()
    await settle(500)
    expect(await again).toMatchObject({ status: 'done' })
    expect(new Set(transport.attempts.map(({ request }) => request.start!.key)).size).toBe(1)
  })
})

describe('reset', () => {
  test.each(['detach', 'reset', 'stop'] as const)(
    'or %s, and a new start at once: who awaits the old one is not given the new one',
    async (leave) => {
      const { stream, transport } = setUp()
      const old = stream.start()
      await settle()
      transport.latest().accept().send(hello(0), text(1, 'old'))
      await settle()
      if (leave === 'stop') transport.latest().cut()
      await settle()
      void stream[leave]()
      const left = stream.get()
      const next = stream.start()
      expect(await old).toBe(left)
      await settle()
      answer(transport.latest())
      expect(await next).toMatchObject({ status: 'done', data: { text: '안녕, world' } })
    },
  )

  test.each(['connecting', 'open', 'waiting', 'done'])(
    'when %s forgets everything and publishes nothing later',
    async (moment) => {
      const { stream, transport } = setUp()
      stream.start()
      await settle()
      const attempt = transport.latest()
      if (moment === 'open') attempt.accept().send(hello(0), text(1, 'a'))
      if (moment === 'waiting') attempt.refuse(new StreamError('network', 'Lost.'))
      if (moment === 'done') answer(attempt)
      await settle()
      stream.reset()
      expect(stream.get()).toEqual(stream.getInitial())
      let heard = 0
      const leave = stream.subscribe(() => heard++)
      attempt.send(text(2, 'late'), end(3))
      await settle(60_000)
      expect(heard).toBe(0)
      expect(transport.attempts).toHaveLength(1)
      expect(transport.held()).toBe(0)
      leave()
      await stream.resume()
      expect(transport.attempts).toHaveLength(1)
    },
  )

  test('in the turn of a notification that was already scheduled publishes idle last', async () => {
    const notify: (() => void)[] = []
    const { stream, transport } = setUp({ schedule: (callback) => notify.push(callback) })
    const leave = stream.subscribe(() => {})
    stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    transport.latest().send(text(2, 'b'))
    await settle()
    expect(notify).toHaveLength(1)
    stream.reset()
    const before = stream.get()
    notify[0]!()
    expect(stream.get()).toBe(before)
    leave()
  })
})

describe('subscribing', () => {
  test('a listener that throws starves nobody, and its error reaches the page', async () => {
    const { stream } = setUp({}, { play: answer })
    const errors: unknown[] = []
    const catchError = (error: unknown) => errors.push(error)
    process.on('uncaughtException', catchError)
    let heard = 0
    stream.subscribe(() => {
      throw new Error('mine')
    })
    stream.subscribe(() => heard++)
    expect((await stream.start()).status).toBe('done')
    await settle()
    process.off('uncaughtException', catchError)
    expect(heard).toBeGreaterThan(2)
    expect(errors.length).toBe(heard)
  })

  test('who has left hears nothing more, not even in the round that is under way', async () => {
    const { stream } = setUp({}, { play: answer })
    let heard = 0
    const leave: (() => void)[] = []
    stream.subscribe(() => leave[0]!())
    leave.push(stream.subscribe(() => heard++))
    await stream.start()
    expect(heard).toBe(0)
  })

  test('who comes in the middle of a round waits for the next', async () => {
    const { stream } = setUp({}, { play: answer })
    let heard = 0
    let came = false
    stream.subscribe(() => {
      if (came) return
      came = true
      stream.subscribe(() => heard++)
      expect(heard).toBe(0)
    })
    await stream.start()
    expect(heard).toBeGreaterThan(0)
  })

  test('one function may subscribe twice, and leaving twice leaves once', async () => {
    const { stream } = setUp({ linger: 0 }, { play: answer })
    let heard = 0
    const listener = () => heard++
    const first = stream.subscribe(listener)
    stream.subscribe(listener)
    first()
    first()
    stream.start()
    expect(heard).toBe(1)
    await settle()
  })

  test('whoever is refused for options that were handed over later is no listener', async () => {
    const { stream, transport } = setUp({ linger: 0 })
    const options = { transport, protocol: keepstream(), method: 'GET' } as const
    stream.update({ ...options, linger: -1 })
    let heard = 0
    expect(() => stream.subscribe(() => heard++)).toThrow(expect.objectContaining({ code: 'option' }))
    stream.update(options)
    const leave = stream.subscribe(() => {})
    expect(stream.get().status).toBe('pending')
    leave()
    await settle(5_000)
    expect([heard, stream.get().connection.state]).toEqual([0, 'idle'])
  })

  test('get gives the same object until something changes', async () => {
    const { stream, transport } = setUp()
    expect(stream.get()).toBe(stream.get())
    expect(stream.getInitial()).toBe(stream.getInitial())
    stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    const before = stream.get()
    transport.latest().send()
    transport.latest().send(text(1, 'a'))
    await settle()
    expect(stream.get()).toBe(before)
    stream.reset()
  })

  test('three thousand parts in one read are one notification', async () => {
    const { stream, transport } = setUp()
    let heard = 0
    stream.subscribe(() => heard++)
    stream.start()
    await settle()
    transport.latest().accept()
    await settle()
    transport.latest().send(hello(0), text(1, 'a'))
    await settle()
    heard = 0
    transport.latest().send(...Array.from({ length: 3_000 }, (_, index) => text(index + 2, 'x')))
    await settle()
    expect(heard).toBe(1)
    expect(stream.get().data.text).toHaveLength(3_001)
    stream.reset()
  })

  test('growing text is published once a frame; a status that a person waits for at once, frame or not', async () => {
    const frames: (() => void)[] = []
    vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback))
    const { stream, transport } = setUp()
    const seen: string[] = []
    stream.subscribe(() => seen.push(`${stream.get().status} ${stream.get().data.text}`))
    stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    seen.length = 0
    for (let seq = 2; seq < 50; seq++) {
      transport.latest().send(text(seq, 'x'))
      await settle(1)
    }
    expect(seen).toEqual([])
    expect(stream.get().data.text).toBe('a')
    expect(frames).toHaveLength(1)
    frames.shift()!()
    expect(seen).toEqual([`streaming a${'x'.repeat(48)}`])
    transport.latest().send(text(50, 'y'))
    await vi.waitFor(() => expect(frames).toHaveLength(1))
    // The page is hidden now: no frame comes any more.
    transport.latest().send(end(51))
    await settle()
    expect(seen.at(-1)).toBe(`done a${'x'.repeat(48)}y`)
    frames.shift()!()
    expect(seen).toHaveLength(2)
  })

  describe('what a server has already', () => {
    async function joinAt(head: number) {
      const { stream, transport } = setUp()
      const seen: string[] = []
      stream.subscribe(() => seen.push(`${stream.get().status} ${stream.get().data.text}`))
      stream.start()
      await settle()
      transport.latest().accept()
      await settle()
      transport.latest().send(helloWith(head))
      await settle()
      seen.length = 0
      return { stream, seen, transport, send: transport.latest().send }
    }

    test('is published once, however many reads it takes', async () => {
      const { stream, seen, send } = await joinAt(40)
      for (let seq = 1; seq <= 40; seq++) {
        send(text(seq, 'x'))
        await settle(2)
      }
      expect(seen).toEqual([`streaming ${'x'.repeat(40)}`])
      send(text(41, 'y'))
      await settle()
      expect(seen.slice(1)).toEqual([`streaming ${'x'.repeat(40)}y`])
      stream.reset()
    })

    test('is published with the end, where that comes first', async () => {
      const { seen, send } = await joinAt(3)
      send(text(1, 'a'))
      await settle()
      send(text(2, 'b'), end(3))
      await settle()
      expect(seen).toEqual(['done ab'])
    })

    test('is published ten times a second, where it takes long', async () => {
      const { stream, seen, send } = await joinAt(40)
      for (let seq = 1; seq <= 5; seq++) {
        send(text(seq, String(seq)))
        await settle(50)
      }
      expect(seen).toEqual(['streaming 12', 'streaming 1234'])
      stream.reset()
      expect(seen.at(-1)).toBe('idle ')
    })

    test('is what the latest connection says of it', async () => {
      const { stream, seen, send, transport } = await joinAt(40)
      send(text(1, 'a'))
      transport.latest().cut()
      await settle(5_000)
      transport.latest().accept().send(helloWith(1, 1))
      await settle()
      seen.length = 0
      transport.latest().send(text(2, 'b'))
      await settle()
      expect(seen).toEqual(['streaming ab'])
      stream.reset()
    })

    test('waits for nothing that a person waits for', async () => {
      const { stream, seen, send } = await joinAt(40)
      send(text(1, 'a'))
      await settle(10)
      expect(seen).toEqual([])
      stream.detach()
      expect(seen).toEqual(['streaming a'])
    })
  })

  test('a schedule of one’s own decides when', async () => {
    const notify: (() => void)[] = []
    const { stream, transport } = setUp({ schedule: (callback) => notify.push(callback) })
    let heard = 0
    stream.subscribe(() => heard++)
    stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    heard = 0
    transport.latest().send(text(2, 'b'))
    await settle(60_000 - 1)
    transport.latest().send(text(3, 'c'))
    await settle()
    expect([heard, notify.length]).toEqual([0, 1])
    notify[0]!()
    expect([heard, stream.get().data.text]).toEqual([1, 'abc'])
    stream.reset()
  })

  test('a schedule that throws ends the answer with its error and not silently', async () => {
    const { stream, transport } = setUp({
      schedule: () => {
        throw new Error('no frames today')
      },
    })
    stream.subscribe(() => {})
    const run = stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    transport.latest().send(text(2, 'b'))
    expect(await run).toMatchObject({ status: 'failed', error: { message: 'no frames today' } })
    expect(transport.held()).toBe(0)
    const second = stream.start()
    await settle()
    answer(transport.latest())
    expect((await second).status).toBe('done')
  })
})

describe('lingering', () => {
  test('the last one who leaves detaches after a while, and who comes back goes on', async () => {
    const { stream, transport } = setUp({ linger: 5_000 })
    const leave = stream.subscribe(() => {})
    stream.start()
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    leave()
    await settle(4_999)
    expect(transport.held()).toBe(1)
    await settle(1)
    expect(transport.held()).toBe(0)
    expect(stream.get()).toMatchObject({ status: 'streaming', connection: { state: 'idle' } })
    const back = stream.subscribe(() => {})
    await settle()
    expect(transport.latest().request.cursor).toBe('e-1')
    transport.latest().accept().send(hello(1), end(2))
    await settle()
    expect(stream.get().status).toBe('done')
    back()
    await settle(5_000)
  })

  test('who comes back in time finds the same connection', async () => {
    const { stream, transport } = setUp()
    const leave = stream.subscribe(() => {})
    stream.start()
    await settle()
    leave()
    await settle(4_000)
    stream.subscribe(() => {})
    await settle(4_000)
    expect(transport.attempts).toHaveLength(1)
    expect(transport.held()).toBe(1)
    stream.reset()
  })

  test('leaves no timer where nothing runs', async () => {
    const { stream, transport } = setUp()
    stream.subscribe(() => {})()
    expect(vi.getTimerCount()).toBe(0)
    const leave = stream.subscribe(() => {})
    stream.start()
    await settle()
    answer(transport.latest())
    await settle()
    leave()
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([Infinity, 1e12])('of %s does not end at once', async (linger) => {
    const { stream, transport } = setUp({ linger })
    const leave = stream.subscribe(() => {})
    stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    leave()
    await settle(10_000)
    expect(transport.held()).toBe(1)
    stream.reset()
  })

  test('what a person detached, nobody’s coming back resumes', async () => {
    const { stream, transport } = setUp()
    const leave = stream.subscribe(() => {})
    stream.start()
    await settle()
    stream.detach()
    leave()
    await settle(10_000)
    stream.subscribe(() => {})
    await settle()
    expect(transport.attempts).toHaveLength(1)
    stream.reset()
  })

  test('a start without a subscriber runs to its end', async () => {
    const { stream, transport } = setUp({ clocks: { stall: Infinity } })
    const run = stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle(600_000)
    transport.latest().send(end(2))
    expect((await run).status).toBe('done')
  })

  test('a loop keeps the connection although the last subscriber has left', async () => {
    const { stream, transport } = setUp()
    const leave = stream.subscribe(() => {})
    const parts: MessagePart[] = []
    const run = stream.start()
    await settle()
    transport.latest().accept()
    await settle()
    leave()
    const loop = (async () => {
      for await (const part of run) parts.push(part)
    })()
    await settle(20_000)
    expect(transport.held()).toBe(1)
    transport.latest().send(hello(0), text(1, 'a'), end(2))
    await loop
    expect(parts).toHaveLength(1)
  })
})

describe('a GET stream', () => {
  const get: Options = { method: 'GET' }

  test('connects with its first subscriber, and once', async () => {
    const { stream, transport } = setUp(get)
    expect(transport.attempts).toHaveLength(0)
    stream.subscribe(() => {})
    stream.subscribe(() => {})
    await settle()
    expect(transport.attempts).toHaveLength(1)
    expect(transport.latest().request).toMatchObject({ start: undefined, location: undefined, cursor: undefined })
    answer(transport.latest())
    await settle()
    expect(stream.get().status).toBe('done')
  })

  test('that keeps no log goes on from its ids, as an EventSource does', async () => {
    const transport = scriptedTransport()
    const protocol: Protocol<string, string> = {
      name: 'lines',
      accept: 'text/event-stream',
      terminated: true,
      durable: false,
      initial: () => '',
      reduce: (data, part) => data + part,
      decode: ({ data }) => [data],
    }
    const stream = createStream({ protocol, transport, method: 'GET', retry: { jitterFactor: 0 } })
    stream.subscribe(() => {})
    await settle()
    transport.latest().accept().send({ event: 'message', data: 'a', id: '7' }).cut()
    await settle(500)
    expect(transport.latest().request.cursor).toBe('7')
    transport.latest().accept().send({ event: 'message', data: 'b', id: '8' })
    await settle()
    expect(stream.get().data).toBe('ab')
    transport.latest().cut()
    await settle(500)
    expect(transport.latest().request.cursor).toBe('8')
    transport.latest().accept({ exhausted: true })
    await settle()
    expect(stream.get()).toMatchObject({ status: 'done', data: 'ab' })
  })

  test('without ids that was cut in the middle is interrupted: to begin again would repeat', async () => {
    const { stream, transport } = setUp({ ...get, protocol: openaiChat() })
    stream.subscribe(() => {})
    await settle()
    transport.latest().accept().send(chunk('a')).cut()
    await settle(60_000)
    expect(stream.get()).toMatchObject({ status: 'interrupted', data: { text: 'a' } })
    expect(transport.attempts).toHaveLength(1)
  })

  test('can be started and resumed without a subscriber', async () => {
    const { stream, transport } = setUp(get, { play: answer })
    expect((await stream.resume()).status).toBe('done')
    expect((await stream.start()).status).toBe('done')
    expect(transport.attempts).toHaveLength(2)
  })
})

describe('iterating', () => {
  const collect = async (items: AsyncIterable<MessagePart>, into: string[] = []) => {
    for await (const part of items) if (part.type === 'text') into.push(part.text)
    return into
  }

  test('gives every part in order and once, over cuts and replays', async () => {
    const { stream, transport } = setUp()
    const parts = collect(stream.start())
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'), text(2, 'b'))
    await settle()
    transport.latest().cut()
    await settle(500)
    transport.latest().accept().send(hello(2), text(1, 'a'), text(2, 'b'), text(3, 'c'))
    transport.latest().send(text(4, 'd'), end(5))
    expect(await parts).toEqual(['a', 'b', 'c', 'd'])
    expect(stream.get().status).toBe('done')
  })

  test('several loops are each given everything', async () => {
    const { stream, transport } = setUp()
    const run = stream.start()
    const both = Promise.all([collect(run), collect(run), collect(stream)])
    await settle()
    answer(transport.latest())
    expect(await both).toEqual([
      ['안녕', ', ', 'world'],
      ['안녕', ', ', 'world'],
      ['안녕', ', ', 'world'],
    ])
  })

  test('throws where the answer failed, was cut, or ended with an error', async () => {
    const failed = setUp()
    const loop = collect(failed.stream.start())
    await settle()
    failed.transport.latest().refuse(new StreamError('http', '401.', { status: 401 }))
    await expect(loop).rejects.toMatchObject({ code: 'http', status: 401 })

    const cut = setUp({ protocol: openaiChat() })
    const parts: string[] = []
    const second = collect(cut.stream.start({}), parts)
    await settle()
    cut.transport.latest().accept().send(chunk('a')).cut()
    await expect(second).rejects.toMatchObject({ code: 'interrupted' })
    expect(parts).toEqual(['a'])

    const lost = setUp({}, { play: (attempt) => attempt.accept().send(hello(0), text(1, 'a'), end(2, 'error')) })
    await expect(collect(lost.stream.start())).rejects.toMatchObject({ code: 'server' })
  })

  test('ends quietly where a person stopped the answer', async () => {
    const { stream, transport } = setUp({ protocol: openaiChat() })
    const parts = collect(stream.start({}))
    await settle()
    transport.latest().accept().send(chunk('a'))
    await settle()
    await stream.stop()
    expect(await parts).toEqual(['a'])
  })

  test.each(['detach', 'reset', 'start'] as const)('throws where %s left the answer incomplete', async (action) => {
    const { stream, transport } = setUp()
    const loop = collect(stream.start())
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    stream[action]()
    await expect(loop).rejects.toMatchObject({ code: 'interrupted' })
    stream.reset()
  })

  test('a reset of the server is an error: what the loop was given is void', async () => {
    const { stream, transport } = setUp()
    const loop = collect(stream.start())
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a')).cut()
    await settle(500)
    transport
      .latest()
      .accept()
      .send(...reset(5), text(6, 'f'), end(7))
    await expect(loop).rejects.toMatchObject({ code: 'interrupted', reason: 'evicted' })
    await settle()
    expect(stream.get()).toMatchObject({ status: 'done', data: { text: 'f' } })
  })

  test('a reset before the first part is none for the loop', async () => {
    const { stream, transport } = setUp()
    const loop = collect(stream.start())
    await settle()
    transport
      .latest()
      .accept()
      .send(...reset(5), text(6, 'f'), end(7))
    expect(await loop).toEqual(['f'])
  })

  test.each([
    ['that was kept in place of its first parts', [...reset(0), snapshot(5, 'abcde')], 'snapshot'],
    ['that goes on elsewhere', [hello(0), text(1, 'a'), text(2, 'x'), retract(3, 1, 'a')], 'retract'],
  ] as const)('an answer %s is an error for the loop, and whole for those who watch', async (_, frames, reason) => {
    const { stream, transport } = setUp()
    const shown: string[] = []
    const failed = expect(collect(stream.start())).rejects.toMatchObject({ code: 'interrupted', reason })
    stream.subscribe(() => shown.push(stream.get().data.text))
    await settle()
    transport
      .latest()
      .accept()
      .send(...frames)
    await settle(100)
    await failed
    expect(() => stream[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'option' }))
    const position = Number(stream.get().cursor?.slice('e-'.length))
    transport.latest().send(text(position + 1, '!'), end(position + 2))
    await settle(100)
    expect(stream.get()).toMatchObject({ status: 'done', data: { text: reason === 'snapshot' ? 'abcde!' : 'a!' } })
    // Nobody was shown the moment in which there was nothing.
    expect(shown.slice(shown.findIndex((value) => value !== ''))).not.toContain('')
    stream.reset()
  })

  test('leaving the loop only leaves the loop: the stream goes on for those who watch it', async () => {
    const { stream, transport } = setUp()
    stream.subscribe(() => {})
    const loop = (async () => {
      for await (const _ of stream.start()) break
    })()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'), text(2, 'b'))
    await loop
    await settle(20_000)
    transport.latest().send(text(3, 'c'), end(4))
    await settle()
    expect(stream.get()).toMatchObject({ status: 'done', data: { text: 'abc' } })
  })

  test('leaving the loop that alone watched lingers and then detaches', async () => {
    const { stream, transport } = setUp()
    const loop = (async () => {
      for await (const _ of stream.start()) break
    })()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await loop
    await settle(4_999)
    expect(transport.held()).toBe(1)
    await settle(1)
    expect(transport.held()).toBe(0)
    expect(stream.get().status).toBe('streaming')
  })

  test('a busy loop slows the connection down: nothing is read meanwhile', async () => {
    const { stream, transport } = setUp()
    let release: (() => void) | undefined
    const parts: MessagePart[] = []
    const loop = (async () => {
      for await (const part of stream.start()) {
        parts.push(part)
        await new Promise<void>((resolve) => {
          release = resolve
        })
      }
    })()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'), text(2, 'b'))
    for (let seq = 3; seq < 50; seq++) transport.latest().send(text(seq, 'x'))
    await settle(1_000)
    expect(transport.latest().pulls).toBe(1)
    release!()
    await settle()
    expect(transport.latest().pulls).toBe(1)
    release!()
    await settle()
    expect(transport.latest().pulls).toBe(2)
    expect(parts).toHaveLength(3)
    stream.reset()
    release!()
    await expect(loop).rejects.toMatchObject({ code: 'interrupted' })
  })

  test('a loop that takes minutes for a part is no stall', async () => {
    const { stream, transport } = setUp()
    const parts: string[] = []
    const loop = (async () => {
      for await (const part of stream.start()) {
        if (part.type === 'text') parts.push(part.text)
        await new Promise((resolve) => setTimeout(resolve, 300_000))
      }
    })()
    await settle()
    transport.latest().accept().send(hello(0, 10_000), text(1, 'a'), text(2, 'b'))
    transport.latest().send(text(3, 'c'), end(4))
    await settle(900_000)
    await loop
    expect(parts).toEqual(['a', 'b', 'c'])
    expect(transport.attempts).toHaveLength(1)
  })

  test('a loop that never ends its body does not hold up a stop', async () => {
    const { stream, transport } = setUp({ protocol: openaiChat() })
    const run = stream.start({})
    const loop = run[Symbol.asyncIterator]()
    void loop.next()
    await settle()
    transport.latest().accept().send(chunk('a'), chunk('b'))
    await settle()
    await stream.stop()
    expect((await run).status).toBe('stopped')
    expect(transport.held()).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('too late is an error, and not a loop with holes', async () => {
    const { stream, transport } = setUp()
    const run = stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    expect(() => run[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'option' }))
    expect(() => stream[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'option' }))
    stream.reset()
  })

  test('before a start is an error that says what to do', () => {
    const { stream } = setUp()
    expect(() => stream[Symbol.asyncIterator]()).toThrow(/start/)
  })

  test('of a GET stream connects it', async () => {
    const { stream, transport } = setUp({ method: 'GET' })
    const parts = collect(stream)
    await settle()
    answer(transport.latest())
    expect(await parts).toEqual(['안녕', ', ', 'world'])
  })

  test('after the end gives nothing, and throws what the stream ended with', async () => {
    const { stream } = setUp(
      {},
      { play: (attempt) => attempt.refuse(new StreamError('http', '403.', { status: 403 })) },
    )
    const run = stream.start()
    await run
    await expect(collect(run)).rejects.toMatchObject({ status: 403 })
  })
})

test('an update changes no protocol, not even by halves', async () => {
  const bytes = new TextEncoder().encode(`data: ${chunk('안녕').data}\n\ndata: [DONE]\n\n`)
  const asked: (string | null)[] = []
  const options = {
    url: 'http://a.invalid/',
    protocol: openaiChat(),
    fetch: async (_: string, init: RequestInit) => {
      asked.push(new Headers(init.headers).get('accept'))
      return new Response(bytes, { headers: { 'content-type': 'text/event-stream' } })
    },
  }
  const stream = createStream(options)
  const lines = { ...openaiChat(), accept: 'application/x-ndjson', parser: () => ({ feed: () => [], end: () => [] }) }
  stream.update({ ...options, protocol: lines })
  expect(await stream.start({})).toMatchObject({ status: 'done', data: { text: '안녕' } })
  expect(asked).toEqual(['text/event-stream'])
})

describe('what others wrote', () => {
  const broken = (part: Partial<Protocol<string, string>>): Protocol<string, string> => ({
    name: 'broken',
    accept: 'text/event-stream',
    terminated: true,
    durable: true,
    initial: () => '',
    reduce: (data, next) => data + next,
    decode: ({ data }) => [data],
    ...part,
  })
  const frame = (data: string) => ({ event: 'message', data })

  test('a reduce that throws fails the stream with what was there before', async () => {
    const transport = scriptedTransport()
    const protocol = broken({
      reduce: (data, next) => {
        if (next === '!') throw new Error('cannot')
        return data + next
      },
    })
    const stream = createStream({ protocol, transport })
    const run = stream.start()
    await settle()
    transport.latest().accept().send(frame('a'))
    await settle()
    transport.latest().send(frame('!'))
    expect(await run).toMatchObject({ status: 'failed', data: 'a', error: { code: 'decode', message: 'cannot' } })
    expect(transport.held()).toBe(0)
  })

  test('a decode that throws in the middle of a read keeps the parts before it', async () => {
    const transport = scriptedTransport()
    const protocol = broken({
      decode: ({ data }) => {
        if (data === '!') throw new TypeError('cannot')
        return [data]
      },
    })
    const stream = createStream({ protocol, transport })
    const run = stream.start()
    await settle()
    transport.latest().accept().send(frame('a'), frame('b'), frame('!'), frame('c'))
    expect(await run).toMatchObject({ status: 'failed', data: 'ab', error: { code: 'decode' } })
    expect(transport.attempts).toHaveLength(1)
  })

  test('a transport that throws in place of a promise fails like one that rejects', async () => {
    const stream = createStream({
      protocol: keepstream(),
      retry: { maxRetries: 0 },
      transport: () => {
        throw new Error('not today')
      },
    })
    expect(await stream.start()).toMatchObject({ status: 'failed', error: { code: 'network', message: 'not today' } })
  })
})

test('`await using` detaches and leaves nothing behind', async () => {
  let transport!: ReturnType<typeof scriptedTransport>
  let kept!: Stream<MessagePart, Message>
  {
    const setup = setUp()
    transport = setup.transport
    await using stream = setup.stream
    kept = stream
    stream.start()
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
  }
  expect(transport.held()).toBe(0)
  expect(kept.get()).toMatchObject({ status: 'streaming', connection: { state: 'idle' } })
})

test('a server that says nothing but bye is given up, as one that cannot be reached', async () => {
  const { stream, transport } = setUp(
    { retry: { maxRetries: 3 } },
    { play: (attempt) => attempt.accept({ location: '/1' }).send(hello(0), bye(1_000)) },
  )
  const settled = stream.start()
  await settle(60_000)
  expect(await settled).toMatchObject({ status: 'interrupted', error: { code: 'network', reason: 'drain' } })
  expect(transport.attempts).toHaveLength(4)
})

test('a server that says bye after a while is asked for ever', async () => {
  const { stream, transport } = setUp(
    { retry: { maxRetries: 1 }, clocks: { firstEvent: Infinity } },
    {
      play: (attempt) => {
        attempt.accept({ location: '/1' }).send(hello(0))
        setTimeout(() => attempt.send(bye(1_000)), 6_000)
      },
    },
  )
  stream.start()
  await settle(60_000)
  expect(stream.get().status).toBe('pending')
  expect(transport.attempts.length).toBeGreaterThan(6)
  stream.reset()
  await settle(6_000)
})

describe('no second bill', () => {
  const late = () => {} // Takes the request and never answers.

  test('a bare endpoint that takes too long to answer is not asked again', async () => {
    const { stream, transport } = setUp({ protocol: openaiChat(), clocks: { connect: 1_000 } }, { play: late })
    const settled = stream.start({})
    await settle(1_000)
    expect(await settled).toMatchObject({ status: 'interrupted', error: { code: 'interrupted', reason: 'timeout' } })
    expect(transport.attempts).toHaveLength(1)
  })

  test('a server that keeps the stream is asked again with the same key', async () => {
    const { stream, transport } = setUp(
      { clocks: { connect: 1_000 } },
      { play: (attempt, number) => number > 1 && answer(attempt) },
    )
    const settled = stream.start({})
    await settle(10_000)
    expect((await settled).status).toBe('done')
    expect(new Set(transport.attempts.map(({ request }) => request.start?.key)).size).toBe(1)
  })
})

describe('an answer that its server has lost', () => {
  const lose = (attempt: ScriptedAttempt, number: number) => {
    if (number === 1) attempt.accept({ location: '/1' }).send(hello(0), text(1, '안')).cut()
    else if (number === 2) attempt.refuse(new StreamError('gone', 'It is gone.'))
    else answer(attempt)
  }

  test('is interrupted, with its text', async () => {
    const { stream } = setUp({}, { play: lose })
    const settled = stream.start({})
    await settle(10_000)
    expect(await settled).toMatchObject({ status: 'interrupted', error: { code: 'gone' }, data: { text: '안' } })
  })

  test('is asked for again, with another key, where that was chosen', async () => {
    const { stream, transport } = setUp({ interruption: 'restart' }, { play: lose })
    const settled = stream.start({})
    await settle(10_000)
    expect(await settled).toMatchObject({ status: 'done', data: { text: '안녕, world' } })
    const [first, second, third] = transport.attempts.map(({ request }) => request.start?.key)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })
})

test('a stop inside a loop waits for nothing', async () => {
  const { stream, transport } = setUp({}, { stop: acknowledge })
  const run = stream.start({})
  const loop = (async () => {
    for await (const _ of run) expect(await stream.stop()).toEqual({ acknowledged: true })
  })()
  await settle()
  transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
  await settle(10)
  await loop
  expect(stream.get().status).toBe('stopped')
})

test('a stop of an answer that only this client could not read reaches the server', async () => {
  const { stream, transport } = setUp({}, { stop: acknowledge })
  stream.start({})
  await settle()
  transport.latest().accept({ location: '/1' }).send(hello(0), { event: 'text', data: 'no JSON', id: 'e-1' })
  await settle()
  expect(stream.get().status).toBe('failed')
  expect(await stream.stop()).toEqual({ acknowledged: true })
  expect(transport.stops).toHaveLength(1)
  expect(stream.get().status).toBe('failed')
})

test('a run that another one replaced settles with what it had', async () => {
  const { stream, transport } = setUp({}, {})
  const first = stream.start({})
  await settle()
  transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'first'))
  await settle()
  stream.start({})
  await settle()
  transport.latest().accept({ location: '/2' }).send(hello(0), text(1, 'second'))
  await settle()
  expect((await first).data.text).toBe('first')
  stream.reset()
})

test.each([undefined, null, -5, 'soon', {}])('a bye that says to come back in %s makes no busy loop', async (after) => {
  const { stream, transport } = setUp(
    { retry: { random: () => 0.5 } },
    { play: (attempt) => attempt.accept({ location: '/1' }).send(hello(0), bye(after)) },
  )
  stream.start()
  await settle(10_000)
  expect(transport.attempts.length).toBeLessThan(60)
  stream.reset()
})

test('a thousand turns leave no timer, no listener and no connection', async () => {
  const { stream, transport } = setUp({}, { play: answer, stop: acknowledge })
  const leave = stream.subscribe(() => {})
  for (let turn = 0; turn < 1_000; turn++) await stream.start(turn)
  leave()
  expect(vi.getTimerCount()).toBe(0)
  expect(transport.held()).toBe(0)
  for (const { request } of transport.attempts) expect(getEventListeners(request.signal, 'abort')).toEqual([])
})

test('an answer of chunks ends with [DONE] at an endpoint that keeps nothing', async () => {
  const { stream } = setUp(
    { protocol: openaiChat() },
    { play: (attempt) => attempt.accept().send(chunk('안'), chunk('녕'), doneChunk) },
  )
  expect(await stream.start({ model: 'm' })).toMatchObject({ status: 'done', data: { text: '안녕' } })
})
