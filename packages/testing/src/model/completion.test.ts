import { createParser } from '@keepstream/core/sse'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choiceOf } from './choice'
import { streamOf, wholeOf } from './completion'
import { type ChatRequest, parseRequest } from './request'
import type { Script } from './script'

/** Chunks of the dialect as the project's samples have them: `shared/data/models.json`. */
const samples = [
  '{"id":"chatcmpl-xxx","object":"chat.completion.chunk","created":1234567890,"model":"gpt-4.1","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]}',
  '{"id":"chatcmpl-xxx","object":"chat.completion.chunk","created":1234567890,"model":"gpt-4.1","choices":[{"index":0,"delta":{"content":"안"},"finish_reason":null}]}',
]

const requestOf = (change: object = {}) =>
  parseRequest(
    JSON.stringify({ model: 'gpt-4.1', messages: [{ role: 'user', content: '안녕?' }], ...change }),
  ) as ChatRequest

const completionOf = (scripts: readonly Script[], change: object = {}) => {
  const request = requestOf({ stream: true, n: scripts.length, ...change })
  const choices = scripts.map((script) => choiceOf(script, request.maxTokens, 'id'))
  return { id: 'xxx', request, choices, usage: scripts[0]?.usage }
}

const dataOf = (scripts: readonly Script[], change?: object) =>
  createParser()
    .feed([...streamOf(completionOf(scripts, change))].map(({ bytes }) => bytes).join(''))
    .map(({ data }) => data)

describe('the events of a streamed answer', () => {
  it('are those of the samples, key by key and in their order', () => {
    const data = dataOf([{ text: '안' }])
    expect(data.slice(0, 2).map((chunk) => chunk.replace('1735689600', '1234567890'))).toEqual(samples)
    expect(data.slice(2)).toEqual([
      samples[1]!.replace('1234567890', '1735689600').replace('{"content":"안"}', '{}').replace('null', '"stop"'),
      '[DONE]',
    ])
  })

  it('say the same as the answer in one piece, whatever it says', () => {
    const text = fc.string({ unit: 'grapheme' })
    const toolCalls = fc.array(fc.record({ name: text, arguments: fc.jsonValue() }), { maxLength: 3 })
    const script = fc.record({ text, reasoning: text, toolCalls })
    const limit = fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined })
    fc.assert(
      fc.property(fc.array(script, { minLength: 1, maxLength: 3 }), limit, (scripts, max_tokens) => {
        const whole = JSON.parse(wholeOf(completionOf(scripts, { max_tokens, stream: false })).bytes)
        const chunks = dataOf(scripts, { max_tokens, stream_options: { include_usage: true } })
          .slice(0, -1)
          .map((data) => JSON.parse(data))
        expect(chunks.at(-1).usage).toEqual(whole.usage)
        for (const { index, message, finish_reason } of whole.choices) {
          const own = chunks.flatMap(({ choices }) => choices).filter((choice) => choice.index === index)
          const joined = (key: string) => own.map(({ delta }) => delta[key] ?? '').join('')
          expect(joined('content')).toBe(message.content ?? '')
          expect(joined('reasoning_content')).toBe(message.reasoning_content ?? '')
          expect(own.filter((choice) => choice.finish_reason !== null)).toEqual([own.at(-1)])
          expect(own.at(-1).finish_reason).toBe(finish_reason)
          const pieces = own.flatMap(({ delta }) => delta.tool_calls ?? [])
          for (const [at, call] of (message.tool_calls ?? []).entries()) {
            const mine = pieces.filter((piece) => piece.index === at)
            expect(mine.map((piece) => piece.function.arguments).join('')).toBe(call.function.arguments)
            expect(mine[0]).toMatchObject({ id: call.id, function: { name: call.function.name } })
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  it('carry the figures that a script gives, and count the others', () => {
    const usage = { inputTokens: 1000, cachedInputTokens: 900 }
    const [figures] = dataOf([{ text: 'a b c', usage }], { stream_options: { include_usage: true } }).slice(-2)
    expect(JSON.parse(figures!).usage).toMatchObject({
      prompt_tokens: 1000,
      completion_tokens: 3,
      total_tokens: 1003,
      prompt_tokens_details: { cached_tokens: 900 },
    })
  })

  it('end with the finish reason of the script', () => {
    expect(dataOf([{ text: 'I', finishReason: 'content_filter' }]).at(-2)).toContain('"finish_reason":"content_filter"')
  })
})

describe('a request', () => {
  it('is read with the text of all its parts, and the last question as its prompt', () => {
    const parts = [
      { type: 'text', text: '첫 ' },
      { type: 'image_url', image_url: {} },
      { type: 'text', text: '질문' },
    ]
    const messages = [
      { role: 'user', content: parts },
      { role: 'assistant', content: null },
      { role: 'user', content: 'last' },
      { role: 'tool', content: '{}' },
    ]
    expect(requestOf({ messages })).toMatchObject({
      messages: [{ content: '첫 질문' }, { content: '' }, { content: 'last' }, { content: '{}' }],
      prompt: 'last',
      n: 1,
      maxTokens: undefined,
      stream: false,
    })
  })
})
