import { describe, expect, test } from 'vitest'
import { chunks, message as whole } from '../../test/fixtures/openai-chat'
import { goOn, harmfulCuts, readWire, settle, wire } from '../../test/fixtures/provider'
import { scriptedTransport } from '../../test/scripted-transport'
import { reduceMessage } from '../message'
import { createParser } from '../sse/parse'
import { createStream } from '../stream'
import { openaiChat } from './openai-chat'
import { END } from './protocol'

const { decode, initial, body } = openaiChat()
const frame = (data: unknown) => ({ event: 'message', data: typeof data === 'string' ? data : JSON.stringify(data) })
const parts = (data: unknown) => {
  const decoded = decode(frame(data), undefined)
  if (!Array.isArray(decoded)) throw new Error('That is no list of parts.')
  return decoded
}
const delta = (value: unknown, more: object = {}) =>
  parts({ choices: [{ index: 0, delta: value, finish_reason: null, ...more }] })
const message = (...chunks: unknown[]) => chunks.flatMap(parts).reduce(reduceMessage, initial())

describe('a whole answer', () => {
  test('becomes one message, wherever its bytes are cut', async () => {
    expect(readWire(openaiChat(), wire(...chunks))).toMatchObject({ message: whole, outcome: { state: 'done' } })
    expect(harmfulCuts(openaiChat(), wire(...chunks))).toEqual([])
    expect(await settle(openaiChat(), wire(...chunks)).settled).toMatchObject({ status: 'done', data: whole })
  })
})

describe('a chunk', () => {
  test('of the published shape is its text', () => {
    const chunks = [
      'data: {"id":"chatcmpl-xxx","object":"chat.completion.chunk","created":1234567890,"model":"gpt-4.1","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]}',
      'data: {"id":"chatcmpl-xxx","object":"chat.completion.chunk","created":1234567890,"model":"gpt-4.1","choices":[{"index":0,"delta":{"content":"안"},"finish_reason":null}]}',
      'data: {"id":"chatcmpl-xxx","object":"chat.completion.chunk","created":1234567890,"model":"gpt-4.1","choices":[{"index":0,"delta":{"content":"녕"},"finish_reason":null}]}',
      'data: [DONE]',
    ]
    const frames = createParser().feed(`${chunks.join('\n\n')}\n\n`)
    expect(frames.map((one) => decode(one, undefined))).toEqual([
      [],
      [{ type: 'text', text: '안' }],
      [{ type: 'text', text: '녕' }],
      END,
    ])
  })

  test.each([
    [{ content: 'a' }, [{ type: 'text', text: 'a' }]],
    [{ refusal: 'I cannot.' }, [{ type: 'text', text: 'I cannot.' }]],
    [{ content: null, refusal: 'No.' }, [{ type: 'text', text: 'No.' }]],
    [{ reasoning_content: 'hm' }, [{ type: 'reasoning', text: 'hm' }]],
    [{ reasoning: 'hm' }, [{ type: 'reasoning', text: 'hm' }]],
    [{ content: '', reasoning_content: 'hm' }, [{ type: 'reasoning', text: 'hm' }]],
    [
      { reasoning_content: null, reasoning: 'hm', content: 'a' },
      [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'a' },
      ],
    ],
    [{ role: 'assistant', content: '' }, []],
    [{ content: null, tool_calls: null }, []],
    [{}, []],
    [null, []],
    [{ content: 'a', audio: {}, annotations: [], obfuscation: 'xyz' }, [{ type: 'text', text: 'a' }]],
  ])('with the delta %j', (value, expected) => {
    expect(delta(value)).toEqual(expected)
  })

  test.each([{}, { choices: [] }, { choices: null }, { choices: [{}] }, { choices: [], prompt_filter_results: [{}] }])(
    'without anything to show is nothing: %j',
    (chunk) => {
      expect(parts(chunk)).toEqual([])
    },
  )

  test('that finishes says why, in words with dashes', () => {
    expect(delta({}, { finish_reason: 'stop' })).toEqual([{ type: 'finish', reason: 'stop' }])
    expect(delta({ content: 'z' }, { finish_reason: 'tool_calls' })).toEqual([
      { type: 'text', text: 'z' },
      { type: 'finish', reason: 'tool-calls' },
    ])
    expect(delta({}, { finish_reason: 'content_filter' })).toEqual([{ type: 'finish', reason: 'content-filter' }])
  })

  test('with usage counts as the provider does', () => {
    expect(parts({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 9 } })).toEqual([
      { type: 'usage', usage: { inputTokens: 3, outputTokens: 4, totalTokens: 9 } },
    ])
    expect(
      parts({
        usage: {
          prompt_tokens: 3,
          completion_tokens: 4,
          prompt_tokens_details: { cached_tokens: 1, audio_tokens: 0 },
          completion_tokens_details: { reasoning_tokens: 2 },
        },
      }),
    ).toEqual([
      {
        type: 'usage',
        usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7, cachedInputTokens: 1, reasoningTokens: 2 },
      },
    ])
    expect(parts({ choices: [], usage: null })).toEqual([])
    expect(parts({ usage: { prompt_tokens_details: null, completion_tokens_details: null } })).toEqual([
      { type: 'usage', usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 } },
    ])
  })
})

describe('tool calls', () => {
  const call = (...tool_calls: object[]) => ({ choices: [{ index: 0, delta: { tool_calls } }] })

  test('come in pieces, each by its index', () => {
    const { toolCalls } = message(
      call({ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }),
      call({ index: 0, function: { arguments: '{"city":' } }),
      call({ index: 1, id: 'call_2', type: 'function', function: { name: 'time', arguments: '{}' } }),
      call({ index: 0, function: { arguments: '"서울"}' } }),
    )
    expect(toolCalls).toEqual([
      { id: 'call_1', name: 'weather', arguments: '{"city":"서울"}' },
      { id: 'call_2', name: 'time', arguments: '{}' },
    ])
  })

  test('that come whole and without an index, as some servers send them, stay apart', () => {
    const { toolCalls } = message(
      call(
        { id: 'a', function: { name: 'f', arguments: '{}' } },
        { id: 'b', function: { name: 'g', arguments: '[]' } },
      ),
    )
    expect(toolCalls).toEqual([
      { id: 'a', name: 'f', arguments: '{}' },
      { id: 'b', name: 'g', arguments: '[]' },
    ])
  })

  test('that come without an index and one after the other are told apart by their id', () => {
    const { toolCalls } = message(
      call({ id: 'a', function: { name: 'f', arguments: '{"x"' } }),
      call({ id: 'b', function: { name: 'g', arguments: '[]' } }),
      call({ id: 'a', index: null, function: { arguments: ':1}' } }),
    )
    expect(toolCalls).toEqual([
      { id: 'a', name: 'f', arguments: '{"x":1}' },
      { id: 'b', name: 'g', arguments: '[]' },
    ])
  })

  test('without an index and without an id are one, in pieces', () => {
    const { toolCalls } = message(
      call({ function: { name: 'f', arguments: '{' } }),
      call({ function: { arguments: '}' } }),
    )
    expect(toolCalls).toEqual([{ id: '', name: 'f', arguments: '{}' }])
  })

  test('with nulls in place of what is absent are tolerated', () => {
    const { toolCalls } = message(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: null } }),
      call({ index: 0, id: null, function: { name: null, arguments: '{}' } }),
      call({ index: 0, function: null }),
    )
    expect(toolCalls).toEqual([{ id: 'a', name: 'f', arguments: '{}' }])
  })
})

describe('what is no chunk of a completion', () => {
  test.each([
    { type: 'text-delta', delta: '안녕' },
    { message: { content: 'a' }, done: false },
  ])('%j is refused, where silence would seem a complete answer', (chunk) => {
    expect(() => parts(chunk)).toThrow(expect.objectContaining({ code: 'decode' }))
  })

  test('is passed over where it comes under another event name', () => {
    expect(openaiChat().decode({ event: 'ping', data: '{}' }, undefined)).toBeUndefined()
  })

  test.each([
    ['{"error":{"message":"Out of memory.","code":"overloaded"}}', 'server'],
    ['{"message":"Out of memory."}', 'decode'],
    ['Out of memory.', 'decode'],
  ])('is a failure where its event is named so: %s', (data, code) => {
    expect(() => openaiChat().decode({ event: 'error', data }, undefined)).toThrow(expect.objectContaining({ code }))
  })

  test('may be usage alone', () => {
    expect(parts({ usage: { prompt_tokens: 1, completion_tokens: 2 } })).toMatchObject([{ type: 'usage' }])
  })
})

describe('the end', () => {
  test('is the end, whatever white space is around it', () => {
    expect(openaiChat().decode({ event: 'message', data: ' [DONE] ' }, undefined)).toBe(END)
  })

  const closeAfter = (wire: string) => {
    const parser = openaiChat().parser!('text/event-stream', 1_000)!
    parser.feed(new TextEncoder().encode(wire))
    return parser.end()
  }

  test.each(['', '\n', '\r', '\r\n'])(
    'is read where the connection closes without an empty line after it: %j',
    (ending) => {
      expect(closeAfter(`data: {"choices":[]}\n\ndata: [DONE]${ending}`)).toMatchObject([{ data: '[DONE]' }])
    },
  )

  test.each(['data: [DONE', 'data: {"choices":[]}', 'data: {"choices":[]}\ndata: [DONE]', ''])(
    'is not made up where the connection closes after %j',
    (wire) => {
      expect(closeAfter(wire)).toEqual([])
    },
  )
})

test('arguments of a tool call that are no text are refused, and not joined as if they were', () => {
  const chunk = { choices: [{ delta: { tool_calls: [{ index: 0, function: { name: 'f', arguments: { a: 1 } } }] } }] }
  expect(() => parts(chunk)).toThrow(expect.objectContaining({ code: 'decode' }))
})

test('several choices are kept apart', () => {
  const chunk = (index: number, content: string, finish_reason?: string) => ({
    choices: [{ index, delta: { content }, finish_reason }],
  })
  const answer = message(chunk(0, 'A'), chunk(1, 'B'), chunk(1, 'b', 'length'), chunk(0, 'a', 'stop'))
  expect(answer).toMatchObject({ text: 'Aa', finishReason: 'stop' })
  expect(answer.alternatives).toMatchObject([{ text: 'Bb', finishReason: 'length' }])
})

describe('an error inside an answer that began well', () => {
  test.each([
    [
      { message: 'Rate limit reached.', type: 'requests', code: 'rate_limit_exceeded' },
      'Rate limit reached.',
      'rate_limit_exceeded',
      true,
    ],
    [{ message: 'Overloaded.', type: 'overloaded_error', code: 529 }, 'Overloaded.', 'overloaded_error', true],
    [{ message: 'Bad gateway.', code: 502 }, 'Bad gateway.', undefined, true],
    [{ message: 'Too long.', type: 'invalid_request_error', code: null }, 'Too long.', 'invalid_request_error', false],
    [{ message: 'Pay first.', type: 'insufficient_quota', code: 429 }, 'Pay first.', 'insufficient_quota', false],
    ['It broke.', 'It broke.', undefined, false],
    [{}, 'The model ended the answer with an error.', undefined, false],
    [true, 'The model ended the answer with an error.', undefined, false],
  ])('%j', (error, sentence, reason, retryable) => {
    expect(() => parts({ error })).toThrow(
      expect.objectContaining({ code: 'server', message: sentence, reason, retryable }),
    )
  })

  test('absent errors are none', () => {
    expect(parts({ error: null, choices: [{ delta: { content: 'a' } }] })).toEqual([{ type: 'text', text: 'a' }])
  })
})

test.each(['{', '', 'null', '5', '"text"', 'undefined', '<html>'])(
  'what is no JSON object is a decode error: %s',
  (data) => {
    expect(() => decode(frame(data), undefined)).toThrow(expect.objectContaining({ code: 'decode', retryable: false }))
  },
)

test.each([
  { choices: 5 },
  { choices: [null] },
  { choices: [{ delta: { content: ['a'] } }] },
  { choices: [{ delta: { tool_calls: [null] } }] },
])('what has another shape is a decode error that says so: %j', (chunk) => {
  expect(() => decode(frame(chunk), undefined)).toThrow(expect.objectContaining({ code: 'decode' }))
})

describe('the body of a start', () => {
  test('asks for a stream', () => {
    expect(body!({ model: 'm', messages: [], stream: false })).toEqual({ model: 'm', messages: [], stream: true })
    expect(body!(undefined)).toEqual({ stream: true })
  })

  test.each(['안녕', 5, null, ['a']])('cannot be made of %j', (input) => {
    expect(() => body!(input)).toThrow(expect.objectContaining({ code: 'option' }))
  })
})

describe('a start that goes on', () => {
  const input = { model: 'm', messages: [{ role: 'user', content: '이야기' }] }
  const asked = (data: object, more = {}) => openaiChat().continue!({ ...input, ...more }, { ...initial(), ...data })

  test('gives the text so far back to the model, and a turn of the user at the end', () => {
    expect(asked({ text: '옛날 ' })).toEqual({
      model: 'm',
      messages: [
        { role: 'user', content: '이야기' },
        { role: 'assistant', content: '옛날 ' },
        { role: 'user', content: expect.stringContaining('Go on') },
      ],
    })
    expect(asked({})).toEqual(input)
  })

  test('is sent after a cut, and its answer is added to the text', async () => {
    const said = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })
    const { settled, bodies } = await goOn(openaiChat(), input, [
      wire(said('옛날 옛')),
      wire(said('적에')),
      wire(said(' 끝.'), { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, '[DONE]'),
    ])
    expect(settled).toMatchObject({ status: 'done', data: { text: '옛날 옛적에 끝.', finishReason: 'stop' } })
    const asking = { role: 'user', content: expect.stringContaining('Go on') }
    expect(bodies.map(({ messages }) => messages)).toEqual([
      input.messages,
      [...input.messages, { role: 'assistant', content: '옛날 옛' }, asking],
      [...input.messages, { role: 'assistant', content: '옛날 옛적에' }, asking],
    ])
  })

  test.each([
    [{ text: 'a', toolCalls: [{ id: 'a', name: 'f', arguments: '{' }] }, {}],
    [{ text: 'a', alternatives: [{}] }, {}],
    [{ text: 'a', finishReason: 'stop' }, {}],
    [{ text: 'a' }, { n: 2 }],
    [{ text: 'a' }, { messages: 'hello' }],
  ])('is none after %j of %j', (data, more) => {
    expect(asked(data, more)).toBeUndefined()
  })
})

describe('the end', () => {
  const chunk = (content: string) => frame({ choices: [{ delta: { content }, finish_reason: null }] })
  const finish = frame({ choices: [{ delta: {}, finish_reason: 'stop' }] })

  test('is [DONE], although the connection stays open', async () => {
    const transport = scriptedTransport({
      play: (attempt) => attempt.accept().send(chunk('a'), finish, frame('[DONE]')),
    })
    const stream = createStream({ protocol: openaiChat(), transport })
    expect(await stream.start({})).toMatchObject({ status: 'done', data: { text: 'a', finishReason: 'stop' } })
    expect(transport.held()).toBe(0)
  })

  test('is not a close, not even after a finish reason: the text is kept', async () => {
    const transport = scriptedTransport({ play: (attempt) => attempt.accept().send(chunk('a'), finish).close() })
    const stream = createStream({ protocol: openaiChat(), transport })
    expect(await stream.start({})).toMatchObject({
      status: 'interrupted',
      data: { text: 'a' },
      error: { code: 'interrupted' },
    })
  })

  test('with an error object keeps the text', async () => {
    const transport = scriptedTransport({
      play: (attempt) => attempt.accept().send(chunk('a'), frame({ error: { message: 'Overloaded.' } })),
    })
    const stream = createStream({ protocol: openaiChat(), transport })
    expect(await stream.start({})).toMatchObject({
      status: 'failed',
      data: { text: 'a' },
      error: { code: 'server', message: 'Overloaded.' },
    })
  })
})
