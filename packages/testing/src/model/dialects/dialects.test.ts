import {
  anthropic,
  createStream,
  gemini,
  type Message,
  type MessagePart,
  openaiChat,
  openaiResponses,
  type Protocol,
} from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import type { ModelFault } from '../fault'
import type { ScriptedModelOptions } from '../options'
import { modelOf } from '../test-client'

interface Spoken {
  readonly name: string
  readonly protocol: Protocol<MessagePart, Message>
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly input: Readonly<Record<string, unknown>>
  readonly wrong: readonly Readonly<Record<string, unknown>>[]
}

const messages = [{ role: 'user', content: 'Does it go on?' }]
const spoken: readonly Spoken[] = [
  {
    name: 'openai-chat',
    protocol: openaiChat(),
    path: '/v1/chat/completions',
    headers: { authorization: 'Bearer sk-key' },
    input: { model: 'scripted', messages, stream_options: { include_usage: true } },
    wrong: [{ messages: [] }, { model: '' }],
  },
  {
    name: 'openai-responses',
    protocol: openaiResponses(),
    path: '/v1/responses',
    headers: { authorization: 'Bearer sk-key' },
    input: { model: 'scripted', input: messages },
    wrong: [{ input: [] }, { max_tokens: 5 }, { background: true, store: false }],
  },
  {
    name: 'anthropic',
    protocol: anthropic(),
    path: '/v1/messages',
    headers: { 'x-api-key': 'sk-key', 'anthropic-version': '2023-06-01' },
    input: { model: 'scripted', max_tokens: 100, messages },
    wrong: [
      { max_tokens: undefined },
      { messages: [{ role: 'system', content: 'x' }] },
      { messages: [...messages, ...messages] },
    ],
  },
  {
    name: 'gemini',
    protocol: gemini(),
    path: '/v1beta/models/scripted:streamGenerateContent?alt=sse',
    headers: { 'x-goog-api-key': 'sk-key' },
    input: { contents: [{ role: 'user', parts: [{ text: 'Does it go on?' }] }] },
    wrong: [{ contents: [] }, { contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] }],
  },
]

const script = {
  reasoning: 'First I think. 생각해요.',
  text: '네, **이어집니다**. It goes on. 🌊',
  toolCalls: [
    { name: 'weather', arguments: { city: '서울' }, id: 'call_1' },
    { name: 'clock', arguments: {}, id: 'call_2' },
  ],
}

async function ask(dialect: Spoken, options: ScriptedModelOptions = {}, fault?: ModelFault) {
  const model = await modelOf({ answer: script, apiKey: 'sk-key', ...options })
  if (fault) model.next(fault)
  const { protocol, headers, input, path } = dialect
  const url = `http://127.0.0.1:${model.port}${path}`
  const stream = createStream({ protocol, headers, url, retry: { maxRetries: 0 } })
  return { model, url, snapshot: await stream.start(input) }
}

describe.each(spoken)('$name', (dialect) => {
  it('is read by the protocol of the core: reasoning, text, tool calls, usage, finish', async () => {
    const { model, snapshot } = await ask(dialect)
    const { data, status } = snapshot
    expect([status, data.reasoning, data.text]).toEqual(['done', script.reasoning, script.text])
    expect(data.toolCalls.map((call) => ({ ...call, arguments: JSON.parse(call.arguments) }))).toEqual(script.toolCalls)
    expect(data.finishReason).toBe('tool-calls')
    expect(data.usage).toMatchObject({ outputTokens: model.ledger[0]!.tokensSent })
    expect(data.usage!.inputTokens).toBeGreaterThan(0)
    expect(model.ledger[0]).toMatchObject({ generated: true, outcome: 'finished' })
  })

  it('tells the figures of a script, and that an answer was cut to its length', async () => {
    const usage = { inputTokens: 100, outputTokens: 50, cachedInputTokens: 80 }
    const { snapshot } = await ask(dialect, { answer: { text: 'As told.', usage } })
    expect(snapshot.data.usage).toMatchObject({ ...usage, totalTokens: 150 })
    const short = { max_tokens: 2, max_output_tokens: 2, generationConfig: { maxOutputTokens: 2 } }
    const { max_tokens, max_output_tokens, generationConfig } = short
    const bound =
      dialect.name === 'gemini'
        ? { generationConfig }
        : dialect.name === 'openai-responses'
          ? { max_output_tokens }
          : { max_tokens }
    const cut = await ask({ ...dialect, input: { ...dialect.input, ...bound } }, { answer: 'one two three four' })
    expect(cut.snapshot.data).toMatchObject({ text: 'one two', finishReason: 'length' })
  })

  it.each<[ModelFault, string, string]>([
    [{ type: 'cut', afterTokens: 3 }, 'interrupted', 'network'],
    [{ type: 'no-done' }, 'interrupted', 'network'],
    [{ type: 'garbage', afterTokens: 3 }, 'failed', 'decode'],
    [{ type: 'error', afterTokens: 3, message: 'Overloaded' }, 'interrupted', 'server'],
    [{ type: 'huge', afterTokens: 3, bytes: 2_000_000 }, 'failed', 'too-large'],
    [{ type: 'status', status: 429 }, 'failed', 'http'],
  ])('misbehaves in its own words: %j', async (fault, status, code) => {
    const { snapshot } = await ask(dialect, {}, fault)
    const { error } = snapshot
    expect([snapshot.status, error?.code === 'interrupted' ? error.reason : error?.code]).toEqual([status, code])
  })

  it('refuses a key that is not the one, and a request that is none of its own', async () => {
    const { model, url } = await ask(dialect)
    const post = (headers: object, body: object) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
    expect(
      (await post({ ...dialect.headers, authorization: '', 'x-api-key': '', 'x-goog-api-key': '' }, dialect.input))
        .status,
    ).toBe(401)
    for (const wrong of dialect.wrong) {
      const response = await post(dialect.headers, { ...dialect.input, ...wrong })
      expect([response.status, await response.json()]).toEqual([
        400,
        expect.objectContaining({ error: expect.anything() }),
      ])
    }
    expect(model.calls).toBe(1)
  })

  it('answers in one piece where no stream is asked for', async () => {
    const { url } = await ask(dialect)
    const body = JSON.stringify(dialect.name === 'openai-chat' ? { model: 'scripted', messages } : dialect.input)
    const whole = await fetch(url.replace(':streamGenerateContent?alt=sse', ':generateContent'), {
      method: 'POST',
      headers: dialect.headers,
      body,
    })
    expect(whole.headers.get('content-type')).toBe('application/json')
    expect(JSON.stringify(await whole.json())).toContain(script.text)
  })
})

describe('an answer in the background', () => {
  const [, responses] = spoken as [Spoken, Spoken]
  const input = { ...responses.input, background: true }

  it('is read on after a cut, without a second call', async () => {
    const model = await modelOf({ answer: 'word '.repeat(40), tokensPerSecond: 200 })
    model.next({ type: 'cut', afterTokens: 5 })
    const stream = createStream({
      protocol: openaiResponses(),
      url: `${model.url}/responses`,
      retry: { baseDelay: 5, maxDelay: 10 },
    })
    const { status, data } = await stream.start(input)
    expect([status, data.text]).toEqual(['done', 'word '.repeat(40)])
    expect(model.calls).toBe(1)
    expect(model.ledger[1]!.path).toMatch(/^\/v1\/responses\/resp_/)
  })

  it('goes on while nobody reads, can be fetched whole, and ends when it is cancelled', async () => {
    const model = await modelOf({ answer: 'word '.repeat(2000), tokensPerSecond: 200 })
    const stream = createStream({ protocol: openaiResponses(), url: `${model.url}/responses` })
    const run = stream.start(input)
    await model.waitForCall()
    for await (const part of run) if (part.type === 'text') break
    expect(await stream.stop()).toEqual({ acknowledged: true })
    const address = model.ledger.at(-1)!.path
    expect(address).toMatch(/\/cancel$/)
    const stored = await fetch(`http://127.0.0.1:${model.port}${address.replace('/cancel', '')}`)
    expect(await stored.json()).toMatchObject({ status: 'cancelled' })
    expect((await fetch(`${model.url}/responses/resp_unknown`)).status).toBe(404)
  })
})
