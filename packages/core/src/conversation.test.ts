import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { type ScriptedAttempt, scriptedTransport } from '../test/scripted-transport'
import type { Address } from './address'
import type { ChatMessage } from './chat-message'
import type { ChatSettings } from './chat-options'
import { type Chat, createChat } from './conversation'
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

const settle = (milliseconds = 20) => vi.advanceTimersByTimeAsync(milliseconds)

type Options = ChatSettings & { stream?: Partial<StreamOptions<MessagePart, Message>> }

function setup({ stream: streamOptions, ...options }: Options = {}) {
  const transport = scriptedTransport({ stop: async () => {} })
  const stream = createStream({
    protocol: keepstream(),
    transport,
    retry: { jitterFactor: 0, baseDelay: 10, maxRetries: 2 },
    ...streamOptions,
  })
  const chat = createChat({ stream, ...options })
  return { chat, stream, transport }
}

/** What a conversation says, in short: `u:hello`, `a:Hi!` with the status of what is not done. */
const said = (chat: Chat) =>
  chat.get().messages.map(({ role, content, status = 'done' }) => {
    return `${role[0]}:${content}${status === 'done' ? '' : ` (${status})`}`
  })

async function answer(attempt: ScriptedAttempt, content: string): Promise<void> {
  attempt.accept().send(hello(0), text(1, content), end(2))
  await settle()
}

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error) => (error instanceof StreamError ? `${error.code} ${error.reason}` : error),
  )

describe('a conversation', () => {
  test('shows the question at once, the answer while it grows, and resolves with it', async () => {
    const { chat, transport } = setup()
    const sent = chat.send('Hello')
    expect(said(chat)).toEqual(['u:Hello', 'a: (pending)'])
    expect(chat.get()).toMatchObject({ status: 'pending', busy: true, error: undefined, queued: [] })
    await settle()
    expect(transport.latest().request.start?.input).toEqual({ messages: [{ role: 'user', content: 'Hello' }] })
    transport.latest().accept().send(hello(0), text(1, 'Hi'))
    await settle()
    const [question, growing] = chat.get().messages
    expect(said(chat)).toEqual(['u:Hello', 'a:Hi (streaming)'])
    transport.latest().send(text(2, '!'), end(3))
    const message = await sent
    expect(message).toMatchObject({ role: 'assistant', content: 'Hi!', status: 'done', data: { text: 'Hi!' } })
    expect(chat.get().messages[0]).toBe(question)
    expect(chat.get().messages[1]).toBe(message)
    expect(message.id).toBe(growing?.id)
    expect(chat.get()).toMatchObject({ status: 'done', busy: false })
  })

  test('asks with all that was said, without answers of which nothing arrived', async () => {
    const { chat, transport } = setup()
    void chat.send('one')
    await settle()
    await answer(transport.latest(), 'eins')
    void chat.send('two')
    await settle()
    await chat.stop()
    void chat.send({ content: 'three', role: 'system', metadata: 7 })
    await settle()
    expect(transport.latest().request.start?.input).toEqual({
      messages: [
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'eins' },
        { role: 'user', content: 'two' },
        { role: 'system', content: 'three' },
      ],
    })
    expect(chat.get().messages.at(-2)).toMatchObject({ role: 'system', metadata: 7 })
  })

  test('gives `request` the messages with their metadata', async () => {
    const request = vi.fn((messages: readonly ChatMessage[]) => messages.map(({ metadata }) => metadata))
    const { chat, transport } = setup({ request })
    void chat.send({ content: '', metadata: { image: 'a.png' } })
    await settle()
    expect(transport.latest().request.start?.input).toEqual([{ image: 'a.png' }])
    chat.stream.detach()
  })

  test.each([
    ['failed', { error: { code: 'provider', message: 'Overloaded.' } }],
    ['stopped', {}],
  ])('keeps the part that is there when an answer ends %s, and goes on from it', async (state, more) => {
    const { chat, transport } = setup()
    const sent = chat.send('Hello')
    await settle()
    transport
      .latest()
      .accept()
      .send(hello(0), text(1, 'Hi'), end(2, state, more))
    expect(await sent).toMatchObject({ content: 'Hi', status: state })
    const { error, status } = chat.get()
    expect(status).toBe(state)
    expect(error).toBe(chat.get().messages[1]?.error)
    expect(error === undefined).toBe(state === 'stopped')
    const id = chat.get().messages[1]?.id
    void chat.send('Go on')
    await settle()
    await answer(transport.latest(), 'Gladly')
    expect(said(chat)).toEqual(['u:Hello', `a:Hi (${state})`, 'u:Go on', 'a:Gladly'])
    expect(chat.get().messages[1]?.id).toBe(id)
    expect(chat.get().error).toBeUndefined()
  })

  test.each(['request', 'transport'])('is left as it was by a start that throws in its %s', async (where) => {
    let broken = false
    const fail = () => {
      if (broken) throw new Error('no')
      return {}
    }
    const protocol = where === 'request' ? keepstream() : { ...keepstream(), body: fail }
    const { chat, transport, stream } = setup({ stream: { protocol }, ...(where === 'request' && { request: fail }) })
    void chat.send('one')
    await settle()
    await answer(transport.latest(), 'eins')
    const before = chat.get()
    broken = true
    await expect(chat.send('two')).rejects.toThrow('no')
    await expect(chat.regenerate()).rejects.toThrow('no')
    await expect(chat.edit(before.messages[0]!.id, 'other')).rejects.toThrow('no')
    expect(chat.get()).toBe(before)
    expect(stream.get().status).toBe('done')
    broken = false
    void chat.send('three')
    await settle()
    await answer(transport.latest(), 'drei')
    expect(said(chat)).toEqual(['u:one', 'a:eins', 'u:three', 'a:drei'])
  })

  test('regenerates the latest answer, or an earlier one with what came after it gone', async () => {
    const { chat, transport } = setup()
    for (const [question, reply] of [
      ['one', 'eins'],
      ['two', 'zwei'],
    ] as const) {
      void chat.send(question)
      await settle()
      await answer(transport.latest(), reply)
    }
    const [, first, , second] = chat.get().messages
    void chat.regenerate()
    expect(said(chat)).toEqual(['u:one', 'a:eins', 'u:two', 'a: (pending)'])
    await settle()
    await answer(transport.latest(), 'deux')
    expect(chat.get().messages.at(-1)?.id).not.toBe(second?.id)
    void chat.regenerate(first!.id)
    await settle()
    await answer(transport.latest(), 'un')
    expect(said(chat)).toEqual(['u:one', 'a:un'])
    expect(await reasonOf(chat.regenerate(first!.id))).toBe('option unknown')
    expect(await reasonOf(chat.regenerate(chat.get().messages[0]!.id))).toBe('option unknown')
  })

  test('regenerates the answer that is missing, where the last message is a question', async () => {
    const stored: ChatMessage[] = [
      { id: '1', role: 'user', content: 'one' },
      { id: '2', role: 'assistant', content: 'eins' },
      { id: '3', role: 'user', content: 'two' },
    ]
    const { chat, transport } = setup({ messages: stored })
    void chat.regenerate()
    await settle()
    await answer(transport.latest(), 'zwei')
    expect(said(chat)).toEqual(['u:one', 'a:eins', 'u:two', 'a:zwei'])
    chat.set([])
    expect(await reasonOf(chat.regenerate())).toBe('option unknown')
  })

  test('edits a question under its id; what came after it goes', async () => {
    const { chat, transport } = setup()
    void chat.send({ content: 'one', metadata: 1 })
    await settle()
    await answer(transport.latest(), 'eins')
    void chat.send('two')
    await settle()
    await answer(transport.latest(), 'zwei')
    const [first, reply] = chat.get().messages
    void chat.edit(first!.id, 'uno')
    await settle()
    await answer(transport.latest(), 'ein')
    expect(said(chat)).toEqual(['u:uno', 'a:ein'])
    expect(chat.get().messages[0]).toEqual({ id: first!.id, role: 'user', content: 'uno', metadata: 1 })
    expect(await reasonOf(chat.edit(reply!.id, 'x'))).toBe('option unknown')
  })

  test('is replaced by `set`, but not while an answer is under way', async () => {
    const { chat, transport } = setup()
    void chat.send('one')
    await settle()
    expect(() => chat.set([])).toThrow(/under way/)
    transport
      .latest()
      .accept()
      .send(hello(0), end(1, 'failed', { error: { code: 'x', message: 'No.' } }))
    await settle()
    expect(chat.get().status).toBe('failed')
    chat.set([{ id: 'a', role: 'user', content: 'stored' }])
    expect(chat.get()).toMatchObject({ status: 'idle', error: undefined, messages: [{ id: 'a' }] })
  })

  test('goes on with an answer that was interrupted, as the same message', async () => {
    const { chat, transport } = setup()
    const leave = chat.subscribe(() => {})
    void chat.send('one')
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a')).cut()
    for (let failures = 0; failures < 2; failures++) {
      await settle(100)
      transport.latest().refuse(new StreamError('network', 'Down.'))
    }
    await settle()
    expect(said(chat)).toEqual(['u:one', 'a:a (interrupted)'])
    const { id } = chat.get().messages[1]!
    const resumed = chat.resume()
    expect(said(chat)).toEqual(['u:one', 'a:a (pending)'])
    await settle()
    transport.latest().accept().send(hello(1), text(2, 'b'), end(3))
    expect(await resumed).toMatchObject({ id, content: 'ab', status: 'done' })
    expect(said(chat)).toEqual(['u:one', 'a:ab'])
    expect(await chat.resume()).toBe(chat.get().messages[1])
    leave()
  })

  test('has nothing to resume before the first answer', async () => {
    expect(await setup().chat.resume()).toBeUndefined()
  })

  test('resolves when everybody has left and the stream is left; who comes back finds the same message going on', async () => {
    const { chat, transport } = setup()
    const leave = chat.subscribe(() => {})
    const sent = chat.send('one')
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    leave()
    await settle(6_000)
    expect(transport.held()).toBe(0)
    const { id, status } = await sent
    expect([status, said(chat)]).toEqual(['streaming', ['u:one', 'a:a (streaming)']])
    const leaveAgain = chat.subscribe(() => {})
    await settle()
    transport.latest().accept().send(hello(1), text(2, 'b'), end(3))
    await settle()
    expect(said(chat)).toEqual(['u:one', 'a:ab'])
    expect(chat.get().messages[1]?.id).toBe(id)
    leaveAgain()
  })
})

describe('while an answer is under way', () => {
  test('`reject` refuses and changes nothing', async () => {
    const { chat } = setup()
    void chat.send('one')
    await settle()
    const before = chat.get()
    for (const action of [chat.send('two'), chat.regenerate(), chat.edit(before.messages[0]!.id, 'x')])
      expect(await reasonOf(action)).toBe('option busy')
    expect(chat.get()).toBe(before)
    chat.stream.detach()
  })

  test('`queue` sends in order, shows what waits under the ids it will have, and is bounded', async () => {
    const { chat, transport } = setup({ whenBusy: 'queue', maxQueued: 2 })
    const sent = [chat.send('one'), chat.send('two'), chat.send('three')]
    expect(await reasonOf(chat.send('four'))).toBe('option queue-full')
    const { queued } = chat.get()
    expect(queued.map(({ content }) => content)).toEqual(['two', 'three'])
    for (const reply of ['eins', 'zwei', 'drei']) {
      await settle()
      await answer(transport.latest(), reply)
    }
    expect((await Promise.all(sent)).map(({ content }) => content)).toEqual(['eins', 'zwei', 'drei'])
    expect(said(chat)).toEqual(['u:one', 'a:eins', 'u:two', 'a:zwei', 'u:three', 'a:drei'])
    expect(chat.get().messages[2]).toBe(queued[0])
    expect(chat.get()).toMatchObject({ busy: false, queued: [] })
  })

  test('nobody overtakes the queue in the moment between two answers', async () => {
    const { chat, transport } = setup({ whenBusy: 'queue' })
    let late: Promise<unknown> | undefined
    const leave = chat.subscribe(() => {
      if (chat.get().status !== 'done') return
      leave()
      late = chat.send('late')
    })
    void chat.send('one')
    void chat.send('two')
    await settle()
    for (const reply of ['eins', 'zwei', 'drei']) await answer(transport.latest(), reply)
    expect(said(chat)).toEqual(['u:one', 'a:eins', 'u:two', 'a:zwei', 'u:late', 'a:drei'])
    await late
  })

  test('what waits is sent although everybody has left', async () => {
    const { chat, transport } = setup({ whenBusy: 'queue' })
    const leave = chat.subscribe(() => {})
    void chat.send('one')
    const second = chat.send('two')
    leave()
    await settle(20_000)
    await answer(transport.latest(), 'eins')
    await answer(transport.latest(), 'zwei')
    expect(await second).toMatchObject({ content: 'zwei', status: 'done' })
  })

  test('what waits makes a stream go on from which somebody else detached', async () => {
    const { chat, stream, transport } = setup({ whenBusy: 'queue' })
    void chat.send('one')
    const second = chat.send('two')
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    stream.detach()
    await settle()
    transport.latest().accept().send(hello(1), end(2))
    await settle()
    await answer(transport.latest(), 'zwei')
    expect(await second).toMatchObject({ content: 'zwei' })
    expect(said(chat)).toEqual(['u:one', 'a:a', 'u:two', 'a:zwei'])
  })

  test('a start that throws in the queue refuses its own message only', async () => {
    const request = (messages: readonly ChatMessage[]) => {
      if (messages.at(-1)?.content === 'bad') throw new Error('no')
      return {}
    }
    const { chat, transport } = setup({ whenBusy: 'queue', request })
    void chat.send('one')
    const bad = reasonOf(chat.send('bad'))
    void chat.send('three')
    await settle()
    await answer(transport.latest(), 'eins')
    expect(await bad).toEqual(new Error('no'))
    await answer(transport.latest(), 'drei')
    expect(said(chat)).toEqual(['u:one', 'a:eins', 'u:three', 'a:drei'])
  })

  test('`stop` ends the answer and refuses what waits', async () => {
    const { chat, transport } = setup({ whenBusy: 'queue' })
    void chat.send('one')
    const second = reasonOf(chat.send('two'))
    await settle()
    expect(await chat.stop()).toEqual({ acknowledged: true })
    expect(await second).toBe('option stopped')
    expect(said(chat)).toEqual(['u:one', 'a: (stopped)'])
    expect(chat.get()).toMatchObject({ busy: false, queued: [] })
    expect(transport.stops).toHaveLength(1)
  })

  test('`interrupt` keeps the part that is there, asks at once, and stops the answer once', async () => {
    const { chat, transport } = setup({ whenBusy: 'interrupt' })
    const first = chat.send('one')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    const others = [chat.send('two'), chat.send('three')]
    expect(chat.get().queued.map(({ content }) => content)).toEqual(['two', 'three'])
    transport.latest().send(text(2, 'b'), end(3, 'stopped'))
    await settle()
    expect(await first).toMatchObject({ content: 'ab', status: 'stopped' })
    await answer(transport.latest(), 'drei')
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(['stopped', 'done'])
    expect(said(chat)).toEqual(['u:one', 'a:ab (stopped)', 'u:two', 'a: (stopped)', 'u:three', 'a:drei'])
    expect(transport.stops).toHaveLength(2)
  })

  test('`interrupt` does not wait for a server that never acknowledges', async () => {
    const { chat, transport, stream } = setup({ whenBusy: 'interrupt', stream: { protocol: openaiChat() } })
    void chat.send('one')
    await settle()
    const again = chat.regenerate()
    await settle()
    expect(transport.attempts).toHaveLength(2)
    expect(said(chat)).toEqual(['u:one', 'a: (pending)'])
    void stream.stop()
    expect((await again).status).toBe('stopped')
  })
})

describe('those who watch', () => {
  test('are told at most once for each publication of the stream, and find the same object until then', async () => {
    const { chat, stream, transport } = setup()
    let publications = 0
    let told = 0
    stream.subscribe(() => publications++)
    chat.subscribe(() => {
      told++
      expect(chat.get()).toBe(chat.get())
    })
    const before = chat.get()
    expect(chat.get()).toBe(before)
    void chat.send('one')
    expect(told).toBe(1)
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    const growing = chat.get()
    expect(chat.get()).toBe(growing)
    expect(growing).not.toBe(before)
    transport.latest().send(text(2, 'b'), end(3))
    await settle()
    expect(told).toBe(publications)
  })

  test('are not starved by one that throws, and not told after they have left', async () => {
    const thrown: unknown[] = []
    const before = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => thrown.push(error))
    try {
      const { chat } = setup()
      const stale = vi.fn()
      const leaves: (() => void)[] = []
      chat.subscribe(() => {
        for (const leave of leaves) leave()
        throw new Error('mine')
      })
      leaves.push(chat.subscribe(stale))
      const other = vi.fn()
      chat.subscribe(other)
      void chat.send('one')
      expect([stale.mock.calls.length, other.mock.calls.length]).toEqual([0, 1])
      chat.stream.detach()
      await settle()
      expect(thrown.length).toBeGreaterThan(0)
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of before) process.on('uncaughtException', listener)
    }
  })

  test('may watch twice with one function; the last one to leave lets the stream linger', async () => {
    const { chat, transport } = setup()
    const listener = vi.fn()
    const leave = chat.subscribe(listener)
    const leaveToo = chat.subscribe(listener)
    void chat.send('one')
    expect(listener).toHaveBeenCalledTimes(2)
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0))
    leave()
    leave()
    await settle(10_000)
    expect(transport.held()).toBe(1)
    leaveToo()
    await settle(10_000)
    expect(transport.held()).toBe(0)
  })
})

describe('a stream with other owners', () => {
  test('one answer appears in both conversations that share it, in each once', async () => {
    const { chat, stream, transport } = setup()
    const other = createChat({ stream, messages: [{ id: '1', role: 'user', content: 'stored' }] })
    other.subscribe(() => {})
    void chat.send('one')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    expect(said(other)).toEqual(['u:stored', 'a:a (streaming)'])
    expect(await reasonOf(other.send('two'))).toBe('option busy')
    transport.latest().send(end(2))
    await settle()
    expect(said(other)).toEqual(['u:stored', 'a:a'])
    void chat.send('two')
    await settle()
    await answer(transport.latest(), 'b')
    expect(said(other)).toEqual(['u:stored', 'a:a', 'a:b'])
    expect(said(chat)).toEqual(['u:one', 'a:a', 'u:two', 'a:b'])
  })

  test('what waits does not cut off an answer that another owner begins in the moment between', async () => {
    const { chat, stream, transport } = setup({ whenBusy: 'queue' })
    const leave = stream.subscribe(() => {
      if (stream.get().status !== 'done') return
      leave()
      void stream.start('theirs')
    })
    void chat.send('one')
    void chat.send('two')
    await settle()
    for (const reply of ['a', 'theirs', 'b']) await answer(transport.latest(), reply)
    expect(said(chat)).toEqual(['u:one', 'a:a', 'a:theirs', 'u:two', 'a:b'])
  })

  test.each([true, false])('an answer that another owner cuts off stays, watched or not (%s)', async (watched) => {
    const { chat, stream, transport } = setup()
    if (watched) chat.subscribe(() => {})
    const sent = chat.send('one')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    void stream.start('theirs')
    expect(await sent).toMatchObject({ content: 'a', status: 'interrupted' })
    await settle()
    await answer(transport.latest(), 'b')
    expect(said(chat)).toEqual(['u:one', 'a:a (interrupted)', 'a:b'])
  })

  test('an answer that another owner resumes stays one message; one that is reset stays as it was', async () => {
    const { chat, stream, transport } = setup()
    chat.subscribe(() => {})
    void chat.send('one')
    await settle()
    transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    stream.detach()
    void stream.resume()
    await settle()
    transport.latest().accept().send(hello(1), text(2, 'b'))
    await settle()
    expect(said(chat)).toEqual(['u:one', 'a:ab (streaming)'])
    stream.reset()
    expect(said(chat)).toEqual(['u:one', 'a:ab (interrupted)'])
    expect(chat.get()).toMatchObject({ status: 'idle', busy: false })
  })

  test('an answer begun again by its policy stays one message', async () => {
    const { chat, transport } = setup({ stream: { protocol: openaiChat(), interruption: 'restart' } })
    const chunk = (content: string) => ({
      event: 'message',
      data: JSON.stringify({ choices: [{ delta: { content } }] }),
    })
    void chat.send('one')
    await settle()
    transport.latest().accept().send(chunk('a')).cut()
    await settle(1_000)
    expect(said(chat)).toEqual(['u:one', 'a: (pending)'])
    transport.latest().accept().send(chunk('b'), { event: 'message', data: '[DONE]' })
    await settle()
    expect(said(chat)).toEqual(['u:one', 'a:b'])
  })

  test('a chat made when an answer is over does not show it; one made while it grows does', async () => {
    const { stream, transport } = setup()
    void stream.start('theirs')
    await settle()
    transport.latest().accept().send(hello(0), text(1, 'a'))
    await settle()
    expect(said(createChat({ stream }))).toEqual(['a:a (streaming)'])
    transport.latest().send(end(2))
    await settle()
    expect(said(createChat({ stream }))).toEqual([])
  })
})

describe('P7: a page that is loaded again', () => {
  test('finds the answer going on in the message that it had stored, under the same id', async () => {
    let address: Address | undefined
    const persist = {
      load: () => address,
      save(next: Address | undefined) {
        address = next
      },
    }
    const first = setup({ stream: { persist } })
    void first.chat.send('one')
    await settle()
    first.transport.latest().accept({ location: '/1' }).send(hello(0), text(1, 'a'))
    await settle()
    const stored = JSON.parse(JSON.stringify(first.chat.get().messages))

    const second = setup({ messages: stored, stream: { persist } })
    expect(said(second.chat)).toEqual(['u:one', 'a:a (interrupted)'])
    expect(second.chat.getInitial()).toEqual(second.chat.get())
    second.chat.subscribe(() => {})
    await settle()
    second.transport.latest().accept().send(hello(0), text(1, 'a'), text(2, 'b'), end(3))
    await settle()
    expect(said(second.chat)).toEqual(['u:one', 'a:ab'])
    expect(second.chat.get().messages.map(({ id }) => id)).toEqual(stored.map(({ id }: ChatMessage) => id))
    first.stream.detach()
  })

  test('says interrupted of a stored answer that nobody can rejoin, and asks for it again', async () => {
    const stored: ChatMessage[] = [
      { id: '1', role: 'user', content: 'one' },
      { id: '2', role: 'assistant', content: 'a', status: 'streaming' },
    ]
    const { chat, transport } = setup({ messages: stored })
    chat.subscribe(() => {})
    expect(said(chat)).toEqual(['u:one', 'a:a (interrupted)'])
    void chat.regenerate()
    await settle()
    await answer(transport.latest(), 'b')
    expect(said(chat)).toEqual(['u:one', 'a:b'])
  })
})

describe('the options', () => {
  test('of a draft are checked before anything happens', async () => {
    const { chat } = setup()
    for (const draft of ['', undefined, {}, { content: '' }, { content: 'x', role: 'assistant' }, null])
      await expect(chat.send(draft as string)).rejects.toThrow(/`draft`/)
    expect(chat.get().messages).toEqual([])
  })

  test('may change for the next action', async () => {
    const { chat, stream, transport } = setup()
    void chat.send('one')
    chat.update({ stream, whenBusy: 'queue', request: () => 'mine' })
    void chat.send('two')
    await settle()
    await answer(transport.latest(), 'eins')
    expect(transport.latest().request.start?.input).toBe('mine')
    stream.detach()
  })
})
