import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { type Script, scriptedTransport } from '../test/scripted-transport'
import type { Address, Memory } from './address'
import { StreamError } from './errors'
import type { Message, MessagePart } from './message'
import { keepstream } from './protocols/keepstream'
import { openaiChat } from './protocols/openai-chat'
import { createStream } from './stream'
import type { StreamOptions } from './stream-options'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

/** What outlives a page. */
function createMemory(address?: Address) {
  const saved: (Address | undefined)[] = []
  const listeners = new Set<(address: Address) => void>()
  const memory: Memory = {
    load: () => address,
    save(next) {
      address = next
      saved.push(next)
    },
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  return {
    ...memory,
    saved,
    listeners,
    announce(next: Address) {
      for (const listener of [...listeners]) listener(next)
    },
  }
}

function open(memory: Memory, script: Script = {}, options: Partial<StreamOptions<MessagePart, Message>> = {}) {
  const transport = scriptedTransport(script)
  const stream = createStream({
    protocol: keepstream(),
    transport,
    persist: memory,
    retry: { jitterFactor: 0 },
    ...options,
  })
  return { stream, transport }
}

const lives = { start: { key: 'key-0', input: undefined }, location: '/streams/7' }

describe('P7: a page that is loaded again', () => {
  test('rejoins the running answer at its first subscriber, where it lives, from its beginning', async () => {
    const memory = createMemory()
    const first = open(memory)
    first.stream.start('question')
    await settle()
    first.transport.latest().accept({ location: '/streams/1' }).send(hello(0), text(1, 'a'))
    await settle()

    const second = open(memory)
    expect(second.stream.get().status).toBe('idle')
    await settle()
    expect(second.transport.attempts).toHaveLength(0)
    second.stream.subscribe(() => {})
    expect(second.stream.get().status).toBe('pending')
    await settle()
    const { request } = second.transport.latest()
    expect(request).toMatchObject({ location: '/streams/1', cursor: undefined })
    expect(request.start?.key).toBe(first.transport.latest().request.start?.key)
    second.transport.latest().accept().send(hello(0), text(1, 'a'), text(2, 'b'), end(3))
    await settle()
    expect(second.stream.get()).toMatchObject({ status: 'done', data: { text: 'ab' } })
    expect(memory.load()).toBeUndefined()
    first.stream.detach()
  })

  test('before the server has said where it lives, sends the same start with the same key and input', async () => {
    const memory = createMemory()
    const first = open(memory)
    first.stream.start('question')
    await settle()
    const second = open(memory)
    second.stream.subscribe(() => {})
    await settle()
    expect(second.transport.latest().request.start).toEqual(first.transport.latest().request.start)
    first.stream.detach()
    second.stream.detach()
  })

  test('can stop what it rejoined', async () => {
    const { stream, transport } = open(createMemory(lives), { stop: async () => {} })
    stream.subscribe(() => {})
    await settle()
    expect(await stream.stop()).toEqual({ acknowledged: true })
    expect(transport.stops).toMatchObject([{ location: '/streams/7', start: { key: 'key-0' } }])
  })

  test('is told where the answer is gone', async () => {
    const memory = createMemory(lives)
    const gone = new StreamError('gone', 'Not here.', { status: 404 })
    const { stream } = open(memory, { play: (attempt) => attempt.refuse(gone) })
    stream.subscribe(() => {})
    await settle()
    expect(stream.get()).toMatchObject({ status: 'failed', error: { code: 'gone' } })
    expect(memory.load()).toBeUndefined()
  })

  test('asks nothing again of which it does not know the input', async () => {
    const gone = new StreamError('gone', 'Not here.', { status: 404 })
    const { stream, transport } = open(
      createMemory(lives),
      { play: (attempt) => attempt.refuse(gone) },
      { interruption: 'restart' },
    )
    stream.subscribe(() => {})
    await settle(60_000)
    expect(stream.get()).toMatchObject({ status: 'failed', error: { code: 'gone' } })
    expect(transport.attempts).toHaveLength(1)
  })

  test('without a running answer stays idle', async () => {
    const { stream, transport } = open(createMemory())
    stream.subscribe(() => {})
    await settle()
    expect([stream.get().status, transport.attempts.length]).toEqual(['idle', 0])
  })
})

describe('the address', () => {
  test('has the input only until the server has acknowledged it', async () => {
    const memory = createMemory()
    const { stream, transport } = open(memory)
    stream.start({ prompt: 'secret' })
    expect(memory.load()).toMatchObject({ start: { input: { prompt: 'secret' } }, location: undefined })
    await settle()
    transport.latest().accept({ location: '/streams/1' })
    await settle()
    expect(memory.load()).toEqual({
      start: { key: memory.load()?.start.key, input: undefined },
      location: '/streams/1',
    })
    stream.reset()
    expect(memory.load()).toBeUndefined()
  })

  test('keeps the input where the answer may have to be asked for again', async () => {
    const memory = createMemory()
    const { stream, transport } = open(memory, {}, { interruption: 'restart' })
    stream.start('question')
    await settle()
    transport.latest().accept({ location: '/streams/1' })
    await settle()
    expect(memory.load()).toMatchObject({ start: { input: 'question' }, location: '/streams/1' })
    stream.detach()
  })

  test('stays where it was first kept, also where the next answer will be kept elsewhere', async () => {
    const [first, second] = [createMemory(), createMemory()]
    const { stream, transport } = open(first)
    stream.start('question')
    await settle()
    stream.update({ protocol: keepstream(), transport, persist: second })
    transport.latest().accept({ location: '/streams/1' }).send(hello(0), text(1, 'a'))
    await settle()
    expect(first.load()).toMatchObject({ location: '/streams/1' })
    transport.latest().send(end(2))
    await settle()
    expect(first.load()).toBeUndefined()
    expect(second.saved).toEqual([])
    stream.start('another question')
    expect(second.load()).toMatchObject({ start: { input: 'another question' } })
    stream.detach()
  })

  test('stays with an answer that was left or interrupted, and goes with one that is over', async () => {
    const memory = createMemory()
    const { stream, transport } = open(memory, { stop: async () => {} }, { retry: { maxRetries: 0 } })
    stream.start()
    await settle()
    transport.latest().accept({ location: '/streams/1' }).send(hello(0), text(1, 'a')).cut()
    await settle()
    expect([stream.get().status, memory.load()?.location]).toEqual(['interrupted', '/streams/1'])
    stream.resume()
    await settle()
    stream.detach()
    expect(memory.load()?.location).toBe('/streams/1')
    await stream.stop()
    expect(memory.load()).toBeUndefined()
  })

  test('of an endpoint that keeps nothing is not remembered, and none of another protocol is rejoined', async () => {
    const memory = createMemory(lives)
    const { stream, transport } = open(memory, {}, { protocol: openaiChat() })
    stream.subscribe(() => {})
    stream.start({ messages: [] })
    await settle()
    expect([memory.saved, transport.attempts.length]).toEqual([[], 1])
    stream.detach()
  })
})

describe('an answer that another page began', () => {
  test('is gone over to, and what was there is void', async () => {
    const memory = createMemory()
    const { stream, transport } = open(memory)
    stream.subscribe(() => {})
    stream.start('mine')
    await settle()
    transport.latest().accept({ location: '/streams/1' }).send(hello(0), text(1, 'mine'))
    await settle()
    memory.announce(lives)
    await settle()
    expect(transport.latest().request).toMatchObject({ location: '/streams/7', cursor: undefined })
    expect(stream.get()).toMatchObject({ status: 'pending', data: { text: '' } })
    expect(transport.held()).toBe(1)
    stream.detach()
  })

  test('is not begun again by hearing of it twice, nor by hearing of one’s own', async () => {
    const memory = createMemory()
    const { stream, transport } = open(memory)
    stream.subscribe(() => {})
    memory.announce(lives)
    memory.announce(lives)
    await settle()
    memory.announce({ ...lives, location: '/streams/8' })
    await settle()
    expect(transport.attempts).toHaveLength(1)
    stream.detach()
  })

  test('is heard of only while somebody watches', () => {
    const memory = createMemory()
    const { stream } = open(memory)
    const leaves = [stream.subscribe(() => {}), stream.subscribe(() => {})]
    expect(memory.listeners.size).toBe(1)
    leaves[0]!()
    expect(memory.listeners.size).toBe(1)
    leaves[1]!()
    expect(memory.listeners.size).toBe(0)
  })
})
