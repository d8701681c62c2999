import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { scriptedTransport } from '../test/scripted-transport'
import { StreamError } from './errors'
import type { Frame } from './frame'
import { text } from './protocols/text'
import { createStream } from './stream'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)
const frame = (id: string): Frame => ({ event: 'message', id, data: id })

/** A stream of events whose ids only their server can order. */
function open(decoded: (frame: Frame) => void) {
  const transport = scriptedTransport()
  const stream = createStream({
    method: 'GET',
    transport,
    retry: { jitterFactor: 0 },
    protocol: {
      ...text(),
      terminated: true,
      decode(frame) {
        decoded(frame)
        return [{ type: 'text' as const, text: frame.data }]
      },
    },
  })
  return { stream, transport }
}

test('P1: an event that was read and not yet shown when the stream was left is no repetition after it is resumed', async () => {
  let leave: (() => void) | undefined
  const { stream, transport } = open(({ id }) => {
    if (id === 'b') queueMicrotask(() => leave?.())
  })
  stream.start()
  await settle()
  transport.latest().accept().send(frame('a'))
  await settle()
  leave = () => {
    leave = undefined
    stream.detach()
    stream.resume()
  }
  transport.latest().send(frame('b'))
  await settle()
  expect(transport.attempts).toHaveLength(2)
  expect(transport.latest().request.cursor).toBe('a')
  transport.latest().accept().send(frame('b'), frame('c'))
  await settle()
  expect(stream.get().data.text).toBe('abc')
  stream.reset()
})

test('P1: an event that could not be read is read when it comes again', async () => {
  let fails = true
  const { stream, transport } = open(({ id }) => {
    if (id !== 'b' || !fails) return
    fails = false
    throw new StreamError('server', 'Overloaded for a moment.', { retryable: true })
  })
  stream.start()
  await settle()
  transport.latest().accept().send(frame('a'), frame('b'))
  await settle(1_000)
  transport.latest().accept().send(frame('b'), frame('c'))
  await settle()
  expect(stream.get().data.text).toBe('abc')
  stream.reset()
})
