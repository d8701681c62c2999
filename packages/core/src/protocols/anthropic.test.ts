import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { begin, block, close, delta, events, finish, json, message, stop, text } from '../../test/fixtures/anthropic'
import { goOn, harmfulCuts, readWire, settle, sizeOf, wire } from '../../test/fixtures/provider'
import { scriptedTransport } from '../../test/scripted-transport'
import { createStream } from '../stream'
import { anthropic } from './anthropic'

const protocol = anthropic()
const read = (...given: object[]) => readWire(protocol, wire(...given))
const refusal = (event: object | string, name = 'message') => {
  try {
    return protocol.decode({ event: name, data: typeof event === 'string' ? event : JSON.stringify(event) }, undefined)
  } catch (error) {
    return error
  }
}

describe('a whole answer', () => {
  const whole = wire(...events)

  test('becomes one message', () => {
    expect(readWire(protocol, whole)).toMatchObject({ message, outcome: { state: 'done' }, cursor: undefined })
  })

  test('is the same wherever its bytes are cut', () => {
    expect(harmfulCuts(protocol, whole)).toEqual([])
    const uncut = readWire(protocol, whole)
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: sizeOf(whole) - 1 })), (cuts) => {
        const sorted = cuts.sort((a, b) => a - b)
        expect(readWire(protocol, whole, sorted)).toEqual(uncut)
      }),
      { numRuns: 30 },
    )
  })

  test('is the same where a proxy takes the names of the events away', () => {
    expect(readWire(protocol, whole.replace(/^event: .*\n/gm, ''))).toEqual(readWire(protocol, whole))
  })

  test('arrives through a stream, which asked for one', async () => {
    const { settled, requests } = settle(protocol, whole)
    expect(await settled).toMatchObject({ status: 'done', data: message })
    expect(JSON.parse(requests[0]!.body as string)).toEqual({ model: 'm', stream: true })
    expect(new Headers(requests[0]!.headers).get('accept')).toBe('text/event-stream')
  })

  test('that closes before `message_stop` is interrupted, and keeps its text', async () => {
    const cut = settle(protocol, wire(...events.slice(0, -1)))
    expect(await cut.settled).toMatchObject({ status: 'interrupted', data: message })
  })
})

describe('tool calls', () => {
  test('are numbered among themselves, whatever blocks there are beside them', () => {
    const { parts } = read(
      begin,
      block(0, { type: 'text', text: '' }),
      block(1, { type: 'tool_use', id: 'toolu_a', name: 'f', input: {} }),
      json(1, '{"a"'),
      json(1, ':1}'),
    )
    expect(parts.filter(({ type }) => type === 'tool-call')).toEqual([
      { type: 'tool-call', index: 0, id: 'toolu_a', name: 'f' },
      { type: 'tool-call', index: 0, arguments: '{"a"' },
      { type: 'tool-call', index: 0, arguments: ':1}' },
    ])
  })

  test('and usage do not take a text for the event that it names', () => {
    const names = ['message_start', 'message_delta', 'content_block_start', 'input_json_delta', 'tool_use']
    const { message } = read(
      begin,
      block(0, { type: 'tool_use', id: 'a', name: 'f', input: {} }),
      ...names.map((name) => json(0, name)),
      block(1, { type: 'text', text: '' }),
      ...names.map((name) => text(1, name)),
      finish('tool_use', { output_tokens: 2 }),
    )
    expect(message).toMatchObject({ text: names.join(''), usage: { inputTokens: 127 } })
    expect(message.toolCalls).toEqual([{ id: 'a', name: 'f', arguments: names.join('') }])
  })

  test('that come whole are whole', () => {
    const { toolCalls } = read(block(0, { type: 'tool_use', id: 'a', name: 'f', input: { city: '부산' } })).message
    expect(toolCalls).toEqual([{ id: 'a', name: 'f', arguments: '{"city":"부산"}' }])
  })

  test('are joined by their block where a transport has a parser of its own', async () => {
    const frames = [
      block(0, { type: 'tool_use', id: 'a', name: 'f', input: {} }),
      json(0, '{"x":'),
      json(0, '1}'),
      finish('tool_use', { output_tokens: 3 }),
      stop,
    ].map((event) => ({ event: event.type, data: JSON.stringify(event) }))
    const transport = scriptedTransport({ play: (attempt) => attempt.accept().send(...frames) })
    expect(await createStream({ protocol, transport }).start({})).toMatchObject({
      status: 'done',
      data: { toolCalls: [{ id: 'a', name: 'f', arguments: '{"x":1}' }], usage: { outputTokens: 3 } },
    })
  })
})

test('a reason that is named like what every object has is a word like any other', () => {
  expect(read(finish('constructor', {})).message.finishReason).toBe('constructor')
})

describe('usage', () => {
  const usageOf = (...given: object[]) => read(...given).message.usage

  test('is unknown where the server counts nothing', () => {
    const end = { type: 'message_delta', delta: { stop_reason: 'end_turn' } }
    for (const usage of [undefined, null, { output_tokens: null }]) expect(usageOf({ ...end, usage })).toBeUndefined()
  })

  test('is there from the beginning', () => {
    expect(usageOf(begin)).toEqual({ inputTokens: 127, outputTokens: 1, totalTokens: 128, cachedInputTokens: 100 })
  })

  test('is cumulative: the latest count is the whole, and counts that are absent or null stay', () => {
    const counts = { input_tokens: null, cache_read_input_tokens: null, output_tokens: 9 }
    expect(usageOf(begin, finish('end_turn', { output_tokens: 5 }), finish('end_turn', counts))).toEqual({
      inputTokens: 127,
      outputTokens: 9,
      totalTokens: 136,
      cachedInputTokens: 100,
    })
    expect(usageOf(begin, finish('end_turn', { input_tokens: 50, output_tokens: 9 }))?.inputTokens).toBe(157)
  })

  test('of the answer before does not leak into the next', () => {
    read(begin)
    expect(usageOf(finish('end_turn', { output_tokens: 2 }))).toEqual({
      inputTokens: 0,
      outputTokens: 2,
      totalTokens: 2,
    })
  })
})

test.each([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'content-filter'],
  ['pause_turn', 'pause-turn'],
])('the stop reason %s is the finish reason %s', (reason, expected) => {
  expect(read(finish(reason)).message.finishReason).toBe(expected)
})

test('what cannot be shown is data: redacted thinking', () => {
  const redacted = { type: 'redacted_thinking', data: 'ZGFyaw==' }
  expect(read(block(0, redacted), close(0)).message.data).toEqual({ 'redacted-thinking': redacted })
})

describe('an error inside an answer that began well', () => {
  test.each([
    ['overloaded_error', true],
    ['rate_limit_error', true],
    ['api_error', true],
    ['timeout_error', true],
    ['invalid_request_error', false],
    ['authentication_error', false],
    ['billing_error', false],
    ['not_found_error', false],
  ])('%s: retryable %s', (type, retryable) => {
    expect(refusal({ type: 'error', error: { type, message: 'A sentence.' } }, 'error')).toMatchObject({
      code: 'server',
      reason: type,
      message: 'A sentence.',
      retryable,
    })
  })

  test('keeps the text, and says whether it may pass', async () => {
    const failing = (type: string) =>
      settle(
        protocol,
        wire(begin, block(0, { type: 'text', text: '' }), text(0, '안'), {
          type: 'error',
          error: { type, message: 'No.' },
        }),
      )
    expect(await failing('invalid_request_error').settled).toMatchObject({
      status: 'failed',
      data: { text: '안' },
      error: { code: 'server', reason: 'invalid_request_error' },
    })
    expect(await failing('overloaded_error').settled).toMatchObject({
      status: 'interrupted',
      data: { text: '안' },
      error: { cause: { code: 'server', reason: 'overloaded_error' } },
    })
  })

  test('is asked for again where the application wants that', async () => {
    const overloaded = wire(begin, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
    const answers = [overloaded, wire(...events)]
    const stream = createStream({
      url: 'https://provider.example',
      protocol,
      interruption: 'restart',
      retry: { baseDelay: 1 },
      fetch: async () => new Response(answers.shift(), { headers: { 'content-type': 'text/event-stream' } }),
    })
    expect(await stream.start({})).toMatchObject({ status: 'done', data: message })
  })
})

describe('what is of another API is refused, where silence would seem an empty answer', () => {
  test.each([
    { choices: [{ delta: { content: 'a' } }] },
    { type: 'response.output_text.delta', delta: 'a', sequence_number: 1 },
    { type: 'text-delta', delta: 'a' },
    { candidates: [] },
    { type: 5 },
    { type: 'content_block_delta' },
    { type: 'content_block_delta', delta: { type: 'text_delta', text: 5 } },
    { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: { a: 1 } } },
    { type: 'content_block_start', index: 0 },
    { type: 'message_start' },
    {},
    'null',
    '[DONE]',
    '',
    '<html>',
  ])('%j', (event) => {
    expect(refusal(event)).toMatchObject({ code: 'decode', retryable: false })
  })
})

test.each([
  { type: 'ping' },
  { type: 'content_block_stop', index: 0 },
  { type: 'anything_new', of: [1] },
  delta(0, { type: 'new_delta' }),
])('passes over %j', (event) => {
  expect(refusal(event)).toBeUndefined()
})

describe('a start', () => {
  test('is completed and checked', () => {
    expect(protocol.body!({ model: 'm', stream: false })).toEqual({ model: 'm', stream: true })
    for (const input of ['안녕', 5, null, ['a']]) {
      expect(() => protocol.body!(input)).toThrow(expect.objectContaining({ code: 'option' }))
    }
  })

  test('that goes on gives the text so far back to the model, and a turn of the user at the end', () => {
    const input = { model: 'm', messages: [{ role: 'user', content: '이야기' }] }
    const { messages } = protocol.continue!(input, { ...protocol.initial(), text: '옛날 ' }) as typeof input
    expect(messages).toEqual([
      { role: 'user', content: '이야기' },
      { role: 'assistant', content: '옛날 ' },
      { role: 'user', content: expect.stringContaining('Go on') },
    ])
  })

  test('that goes on is sent after a cut, and its answer is added to the text', async () => {
    const said = (value: string) => [begin, block(0, { type: 'text', text: '' }), text(0, value)]
    const { settled, bodies } = await goOn(protocol, { messages: [] }, [
      wire(...said('옛날 옛')),
      wire(...said('적에'), finish('end_turn'), stop),
    ])
    expect(settled).toMatchObject({ status: 'done', data: { text: '옛날 옛적에', finishReason: 'stop' } })
    expect(bodies[1]).toMatchObject({ messages: [{ role: 'assistant', content: '옛날 옛' }, { role: 'user' }] })
  })

  test('that goes on where nothing was said yet is the first one', () => {
    const input = { messages: [] }
    expect(protocol.continue!(input, { ...protocol.initial(), reasoning: '음' })).toBe(input)
  })

  test.each([{ toolCalls: [{ id: 'a', name: 'f', arguments: '{' }] }, { finishReason: 'stop' }])(
    'cannot go on after %j',
    (data) => {
      expect(protocol.continue!({ messages: [] }, { ...protocol.initial(), text: 'a', ...data })).toBeUndefined()
    },
  )
})
