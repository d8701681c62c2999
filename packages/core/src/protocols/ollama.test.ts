import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chat, generate, generated, generatedMessage, lines, message, wire } from '../../test/fixtures/ollama'
import { readWire, settle, sizeOf } from '../../test/fixtures/provider'
import { ollama } from './ollama'

const protocol = ollama()
const type = 'application/x-ndjson'
const read = (...given: object[]) => readWire(protocol, wire(...given), [], type)
const refusal = (line: object | string) => {
  try {
    return protocol.decode(
      { event: 'message', data: typeof line === 'string' ? line : JSON.stringify(line) },
      undefined,
    )
  } catch (error) {
    return error
  }
}

describe.each([
  ['/api/chat', lines, message],
  ['/api/generate', generated, generatedMessage],
] as const)('a whole answer of %s', (_name, given, expected) => {
  const whole = wire(...given)

  test('becomes one message', () => {
    expect(read(...given)).toMatchObject({ outcome: { state: 'done' } })
    expect(read(...given).message).toEqual(expected)
  })

  test('is the same wherever its bytes are cut', () => {
    for (let cut = 1; cut < sizeOf(whole); cut++) {
      expect(readWire(protocol, whole, [cut], type).message).toEqual(expected)
    }
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: sizeOf(whole) - 1 })), (cuts) => {
        const sorted = cuts.sort((a, b) => a - b)
        expect(readWire(protocol, whole, sorted, type).message).toEqual(expected)
      }),
    )
  })

  test('arrives through a stream, which asked for one', async () => {
    const { settled, requests } = settle(protocol, whole, { type: `${type}; charset=utf-8` })
    expect(await settled).toMatchObject({ status: 'done', data: expected })
    expect(JSON.parse(requests[0]!.body as string)).toEqual({ model: 'm', stream: true })
    expect(new Headers(requests[0]!.headers).get('accept')).toContain(type)
  })

  test('that closes before `done` is interrupted, and keeps its text', async () => {
    const { settled } = settle(protocol, wire(...given.slice(0, -1)), { type })
    expect(await settled).toMatchObject({ status: 'interrupted', data: { text: expected.text } })
  })
})

test('the last line needs no line feed', async () => {
  expect(await settle(protocol, wire(...lines).trimEnd(), { type }).settled).toMatchObject({ status: 'done' })
})

test('a model that is only loaded is a complete answer without text', async () => {
  const loaded = { model: 'han:8b', created_at: '2026-03-01T09:30:00Z', response: '', done: true, done_reason: 'load' }
  const { settled } = settle(protocol, JSON.stringify(loaded), { type: 'application/json; charset=utf-8' })
  expect(await settled).toMatchObject({ status: 'done', data: { text: '', finishReason: 'load', usage: undefined } })
})

test('an error in the middle of the answer fails it and keeps its text', async () => {
  const cut = wire(chat({ content: '안녕' }), { error: 'an error was met while running the model' })
  expect(await settle(protocol, cut, { type }).settled).toMatchObject({
    status: 'failed',
    data: { text: '안녕' },
    error: { code: 'server', message: 'an error was met while running the model' },
  })
})

describe('a line', () => {
  const done = { done: true, done_reason: 'stop' }

  test('may count no prompt, where that was in the cache', () => {
    expect(read(chat({}, { ...done, eval_count: 5 })).message.usage).toEqual({
      inputTokens: 0,
      outputTokens: 5,
      totalTokens: 5,
    })
  })

  test('may be the last one and bring the last text', () => {
    expect(read(generate('a'), generate('b', done)).message).toMatchObject({ text: 'ab', finishReason: 'stop' })
  })

  test('that numbers its call like the line before it brings another call all the same', () => {
    const call = (name: string) => chat({ tool_calls: [{ function: { index: 0, name, arguments: { a: 1 } } }] })
    expect(read(call('f'), call('g'), chat({}, done)).message.toolCalls).toEqual([
      { id: '', name: 'f', arguments: '{"a":1}' },
      { id: '', name: 'g', arguments: '{"a":1}' },
    ])
  })

  test('may lack the message', () => {
    expect(read(chat({ content: 'a' }), { model: 'han:8b', ...done }).message.text).toBe('a')
  })
})

describe('what is no line of this API is refused, where silence would seem a complete answer', () => {
  test.each([
    { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'a' } }] },
    { status: 'pulling manifest' },
    { type: 'text-delta', delta: 'a' },
    chat({ content: ['a'] }),
    chat({ tool_calls: [null] }),
    chat({ tool_calls: {} }),
    {},
    'null',
    '"text"',
    'data: {}',
    '{',
  ])('%j', (line) => {
    expect(refusal(line)).toMatchObject({ name: 'StreamError', code: 'decode', retryable: false })
  })
})

describe('the body of a start', () => {
  test('asks for a stream', () => {
    expect(protocol.body!({ model: 'm', stream: false })).toEqual({ model: 'm', stream: true })
  })

  test.each(['안녕', 5, null, ['a']])('cannot be made of %j', (input) => {
    expect(() => protocol.body!(input)).toThrow(expect.objectContaining({ code: 'option' }))
  })
})

test('goes on after a chat that was cut, and not after a prompt', () => {
  const half = { ...protocol.initial(), text: '안' }
  const turns = [{ role: 'user', content: 'Hi' }]
  expect(protocol.continue!({ model: 'm', messages: turns }, half)).toEqual({
    model: 'm',
    messages: [...turns, { role: 'assistant', content: '안' }, { role: 'user', content: expect.any(String) }],
  })
  expect(protocol.continue!({ model: 'm', prompt: 'Hi' }, half)).toBeUndefined()
})
