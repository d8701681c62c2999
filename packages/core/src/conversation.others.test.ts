import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { scriptedTransport } from '../test/scripted-transport'
import type { ChatSettings } from './chat-options'
import { type Chat, createChat } from './conversation'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const settle = (milliseconds = 20) => vi.advanceTimersByTimeAsync(milliseconds)

function setup(settings: ChatSettings = {}) {
  const transport = scriptedTransport({ stop: async () => {} })
  const stream = createStream({ protocol: keepstream(), transport, retry: { maxRetries: 0 } })
  return { transport, stream, chat: createChat({ stream, ...settings }) }
}

const said = (chat: Chat) => chat.get().messages.map(({ content, status = 'said' }) => `${content} ${status}`)

describe('a conversation that is read by whoever watches its stream', () => {
  // In the listener of the stream that is told before the conversation is.
  function readEarly(settings?: ChatSettings) {
    const made = setup(settings)
    made.stream.subscribe(() => void made.chat.get())
    const told: string[][] = []
    made.chat.subscribe(() => told.push(said(made.chat)))
    return { ...made, told }
  }

  test('still tells its own listeners', async () => {
    const { chat, transport, told } = readEarly()
    void chat.send('one')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    expect(told.at(-1)).toEqual(['one said', 'a streaming'])
    transport.latest().send(end(2))
    await settle()
    expect(told.at(-1)).toEqual(['one said', 'a done'])
  })

  test('never shows a start by halves', async () => {
    const { chat, stream, transport } = setup()
    void stream.start('theirs')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'theirs'), end(2))
    await settle()
    chat.get() // Nobody who watches has been told.
    const told: string[] = []
    chat.subscribe(() => told.push(`${chat.get().status}: ${said(chat).join(', ')}`))
    void chat.send('one')
    expect(told).toEqual(['pending: one said,  pending'])
    await chat.stop()
  })

  test('still sends what waits', async () => {
    const { chat, transport } = readEarly({ whenBusy: 'queue' })
    void chat.send('one')
    void chat.send('two')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'), end(2))
    await settle()
    expect(said(chat)).toEqual(['one said', 'a done', 'two said', ' pending'])
    await chat.stop()
  })
})

test('what waits is asked in the way of whoever asked, whatever others have handed over since', async () => {
  const { chat, stream, transport } = setup()
  const mine = { stream, whenBusy: 'queue', request: () => 'mine' } as const
  chat.update(mine)
  void chat.send('one')
  void chat.send('two')
  chat.update({ stream })
  await settle()
  transport.latest().accept().send(hello(0), text(1, 'a'), end(2))
  await settle()
  expect(transport.attempts.map(({ request }) => request.start?.input)).toEqual(['mine', 'mine'])
  await chat.stop()
})

describe('an answer that failed with nothing', () => {
  async function failedWithNothing() {
    const made = setup()
    made.chat.subscribe(() => {})
    const sent = made.chat.send('one')
    await settle()
    made.transport.latest().refuse(new Error('no'))
    await settle()
    expect(await sent).toMatchObject({ status: 'failed', content: '' })
    return made
  }

  test('is not written over by one that another owner of the stream begins', async () => {
    const { chat, stream, transport } = await failedWithNothing()
    void stream.start('theirs')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'theirs'), end(2))
    await settle()
    expect(said(chat)).toEqual(['one said', ' failed', 'theirs done'])
  })

  test('and that its server lost, says that it was stopped once that is confirmed', async () => {
    const { chat, transport } = setup()
    chat.subscribe(() => {})
    void chat.send('one')
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), end(1, 'lost'))
    await settle()
    expect(said(chat)).toEqual(['one said', ' interrupted'])
    await chat.stop()
    expect(said(chat)).toEqual(['one said', ' stopped'])
  })

  test('goes on as the same message', async () => {
    const { chat, transport } = await failedWithNothing()
    const { id } = chat.get().messages[1]!
    const resumed = chat.resume()
    expect(said(chat)).toEqual(['one said', ' pending'])
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'), end(2))
    expect(await resumed).toMatchObject({ id, content: 'a', status: 'done' })
    expect(said(chat)).toEqual(['one said', 'a done'])
  })
})
