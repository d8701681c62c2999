import { afterEach, expect, test, vi } from 'vitest'
import { scriptedTransport } from '../test/scripted-transport'
import { type Inspection, inspect } from './inspect'
import { openaiChat } from './protocols/openai-chat'
import { createStream } from './stream'

const chunk = (content: string) => ({ event: 'message', data: JSON.stringify({ choices: [{ delta: { content } }] }) })
const play = () =>
  scriptedTransport({ play: (attempt) => attempt.accept().send(chunk('Hi'), { event: 'message', data: '[DONE]' }) })

const leaves: (() => void)[] = []
const watch = (inspector: (inspection: Inspection) => void) => {
  const leave = inspect(inspector)
  leaves.push(leave)
  return leave
}

afterEach(() => {
  for (const leave of leaves.splice(0)) leave()
})

test('sees every signal of every stream in order, with what it led to', async () => {
  const seen: Inspection[] = []
  watch((inspection) => seen.push(inspection))
  const stream = createStream({ protocol: openaiChat(), transport: play(), key: 'a' })
  await stream.start({ messages: [] })
  expect(seen.map(({ signal }) => signal.type)).toEqual(['started', 'connecting', 'opened', 'received', 'ended'])
  expect(seen.every(({ stream: source, key }) => source.get === stream.get && key === 'a')).toBe(true)
  expect(seen[3]).toMatchObject({ snapshot: { status: 'streaming', data: { text: 'Hi' } } })
  expect(seen.map(({ at }) => at)).toEqual(seen.map(({ at }) => at).toSorted((one, other) => one - other))
})

test('one that throws neither stops the stream nor the others', async () => {
  const thrown: unknown[] = []
  const listen = (error: unknown) => thrown.push(error)
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', listen)
  try {
    watch(() => {
      throw new Error('mine')
    })
    const other = vi.fn()
    watch(other)
    expect((await createStream({ protocol: openaiChat(), transport: play() }).start({})).status).toBe('done')
    expect(other).toHaveBeenCalledTimes(5)
    await expect.poll(() => thrown).toHaveLength(5)
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of before) process.on('uncaughtException', listener)
  }
})

test('who has left sees nothing more; the same function may watch twice', async () => {
  const seen = vi.fn()
  const leave = watch(seen)
  watch(seen)
  leave()
  leave()
  await createStream({ protocol: openaiChat(), transport: play() }).start({})
  expect(seen).toHaveBeenCalledTimes(5)
})

test('what is no function is refused with a sentence, not at the first signal of somebody else', () => {
  expect(() => inspect({} as never)).toThrow('`inspector`')
})
