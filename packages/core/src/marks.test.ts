import { afterEach, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { scriptedTransport } from '../test/scripted-transport'
import { markPerformance } from './marks'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'

const leaves: (() => void)[] = []

afterEach(() => {
  for (const leave of leaves.splice(0)) leave()
  vi.useRealTimers()
})

function setup(key?: string) {
  vi.useFakeTimers()
  const entries: { name: string; start: number; end: number; status: unknown }[] = []
  const timeline = {
    measure(name: string, { start, end: until, detail }: PerformanceMeasureOptions) {
      entries.push({ name, start: start as number, end: until as number, status: detail.status })
    },
    clearMeasures(name: string) {
      entries.splice(0, entries.length, ...entries.filter((entry) => entry.name !== name))
    },
  }
  leaves.push(markPerformance(timeline as unknown as Performance))
  const transport = scriptedTransport({ stop: async () => {} })
  const retry = { baseDelay: 10, jitterFactor: 0 }
  const stream = createStream({ protocol: keepstream(), transport, retry, ...(key !== undefined && { key }) })
  return { stream, transport, entries }
}

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

test('the first part, the time down and the whole answer stand in the timeline, with the key of the stream', async () => {
  const { stream, transport, entries } = setup('chat')
  const began = performance.now()
  void stream.start('question')
  await settle(100)
  transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
  await settle(50)
  transport.latest().cut()
  await settle(10)
  await settle(40)
  transport.latest().accept().send(hello(1), text(2, 'b'), end(3))
  await settle()
  expect(entries.map(({ name, start, end: until, status }) => [name, start - began, until - began, status])).toEqual([
    ['keepstream chat first part', 0, 100, 'streaming'],
    ['keepstream chat down', 150, 200, 'streaming'],
    ['keepstream chat answer', 0, 200, 'done'],
  ])
})

test('an answer that is left and goes on is one answer from its start', async () => {
  const { stream, transport, entries } = setup()
  const began = performance.now()
  void stream.start('question')
  await settle()
  transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
  await settle(100)
  stream.detach()
  await settle(100)
  void stream.resume()
  await settle()
  transport.latest().accept().send(hello(1), end(2))
  await settle()
  expect(entries.map(({ name, start, end: until }) => [name, start - began, until - began])).toEqual([
    ['keepstream first part', 0, 0],
    ['keepstream answer', 0, 200],
  ])
})

test('a connection that is lost twice is down from the first time', async () => {
  const { stream, transport, entries } = setup()
  void stream.start('question')
  await settle()
  const began = performance.now()
  transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a')).cut()
  await settle(10)
  transport.latest().refuse(new Error('Down.'))
  await settle(1_000)
  transport.latest().accept().send(hello(1), end(2))
  await settle()
  const { start, end: until } = entries.find(({ name }) => name.endsWith('down'))!
  expect([start - began, until - began]).toEqual([0, 1_010])
})

test('an answer whose stop is confirmed is written once', async () => {
  const { stream, entries } = setup()
  void stream.start('question')
  await settle()
  await stream.stop()
  expect(entries.map(({ name, status }) => [name, status])).toEqual([['keepstream answer', 'stopped']])
})

test('a long key is shortened, and no more than 1,000 entries stay', async () => {
  const { stream, transport, entries } = setup('k'.repeat(500))
  for (let count = 0; count < 700; count++) {
    void stream.start('question')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'), end(2))
    await settle()
    expect(entries.length).toBeLessThanOrEqual(1_000)
  }
  expect(entries.length).toBe(400)
  expect(Math.max(...entries.map(({ name }) => name.length))).toBeLessThan(130)
})

test('after leaving, and in the middle of an answer, nothing is written', async () => {
  const { stream, transport, entries } = setup()
  leaves.pop()!()
  void stream.start('question')
  await settle()
  const late = vi.fn()
  leaves.push(markPerformance({ measure: late, clearMeasures() {} } as unknown as Performance))
  transport.latest().accept().send(hello(0), text(1, 'a'), end(2))
  await settle()
  expect([entries.length, late.mock.calls.length]).toEqual([0, 0])
})

test('the real timeline takes the entries', async () => {
  leaves.push(markPerformance())
  const play = scriptedTransport({ play: (attempt) => attempt.accept().send(hello(0), text(1, 'a'), end(2)) })
  await createStream({ protocol: keepstream(), transport: play, key: 'real' }).start('question')
  expect(performance.getEntriesByName('keepstream real answer')).toHaveLength(1)
  performance.clearMeasures('keepstream real answer')
})
