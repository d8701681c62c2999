import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { type Script, scriptedTransport } from '../test/scripted-transport'
import type { Address, Memory } from './address'
import { StreamError } from './errors'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

function createMemory(): Memory {
  let address: Address | undefined
  return {
    load: () => address,
    save(next) {
      address = next
    },
  }
}

function open(persist: Memory, script: Script = {}, interruption: 'fail' | 'restart' = 'fail') {
  const transport = scriptedTransport(script)
  const stream = createStream({
    protocol: keepstream(),
    transport,
    persist,
    interruption,
    retry: { jitterFactor: 0 },
  })
  return { stream, transport }
}

const gone = () => new StreamError('gone', 'Not here.', { status: 404 })

describe('P7: what a page remembers', () => {
  test('is the answer that is asked for, also while the one before it had not begun', async () => {
    const memory = createMemory()
    const { stream, transport } = open(memory)
    stream.start('first')
    await settle()
    stream.start('second')
    expect(memory.load()).toMatchObject({ start: { input: 'second' }, location: undefined })
    await settle()
    expect(memory.load()?.start.key).toBe(transport.latest().request.start?.key)
    stream.reset()
  })

  test('is, where an answer is asked for again, the new one as soon as it is sent: a reload asks no third time', async () => {
    const memory = createMemory()
    const { stream, transport } = open(memory, {}, 'restart')
    stream.start('question')
    await settle()
    transport.latest().accept({ location: '/streams/1' }).send(hello(0), text(1, 'a')).cut()
    await settle(1_000)
    transport.latest().refuse(gone())
    await settle(1_000)
    const { request } = transport.latest()
    expect(request).toMatchObject({ location: undefined, start: { input: 'question' } })
    expect(memory.load()).toEqual({ start: request.start, location: undefined })
    stream.reset()
  })

  test('is not wiped by the end of an answer that another stream has left behind', async () => {
    const memory = createMemory()
    const [first, second] = [open(memory), open(memory)]
    first.stream.start('first')
    await settle()
    first.transport.latest().accept({ location: '/streams/1' }).send(hello(0))
    second.stream.start('second')
    await settle()
    second.transport.latest().accept({ location: '/streams/2' }).send(hello(0))
    await settle()
    first.transport.latest().send(end(1))
    await settle()
    expect([first.stream.get().status, memory.load()?.location]).toEqual(['done', '/streams/2'])
    second.transport.latest().send(end(1))
    await settle()
    expect(memory.load()).toBeUndefined()
  })

  test('is not taken back by the reconnection of an answer that another stream has left behind', async () => {
    const memory = createMemory()
    const [first, second] = [open(memory), open(memory)]
    first.stream.start('first')
    await settle()
    first.transport.latest().accept({ location: '/streams/1' }).send(hello(0))
    await settle()
    second.stream.start('second')
    await settle()
    second.transport.latest().accept({ location: '/streams/2' })
    first.transport.latest().cut()
    await settle(1_000)
    first.transport.latest().accept()
    await settle()
    expect(memory.load()?.location).toBe('/streams/2')
    first.stream.reset()
    expect(memory.load()?.location).toBe('/streams/2')
    second.stream.reset()
    expect(memory.load()).toBeUndefined()
  })
})

describe('P5: stop stops', () => {
  test('no answer is asked for again while a stop waits for the last words', async () => {
    const { stream, transport } = open(createMemory(), { stop: () => new Promise(() => {}) }, 'restart')
    stream.start('question')
    await settle()
    transport.latest().accept({ location: '/streams/1' }).send(hello(0), text(1, 'a'))
    await settle()
    void stream.stop()
    transport.latest().cut()
    await settle(1_000)
    expect(transport.latest().request.location).toBe('/streams/1')
    transport.latest().refuse(gone())
    await settle(1_000)
    expect(transport.attempts).toHaveLength(2)
    await settle(5_000)
    expect(transport.held()).toBe(0)
    stream.reset()
  })
})
