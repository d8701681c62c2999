import { describe, expect, it } from 'vitest'
import { question, reduced, relayOf } from '../../test/relayed'
import { allEvents } from '../../test/served'
import type { RelayOptions } from './options'
import type { Provider } from './upstream-options'

type Said = string | object

const wire = (said: readonly Said[]) =>
  said.map((data) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`).join('')

/** A relay whose models say exactly this, one list for each request in turn. */
async function told(answers: Readonly<Record<string, readonly Said[]>>, options: Partial<RelayOptions> = {}) {
  const asked: { readonly model: string; readonly body: Record<string, unknown> }[] = []
  const upstream = (model: string) => ({
    provider: (model.startsWith('claude') ? 'anthropic' : /^(gemini|openai-responses)/.exec(model)?.[0]) as Provider,
    name: model,
    baseUrl: 'http://localhost/v1',
    apiKey: 'k',
    models: [model],
    fetch: async (_: string, { body }: RequestInit) => {
      asked.push({ model, body: JSON.parse(String(body)) })
      return new Response(wire(answers[model]!), { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  const [first] = Object.keys(answers)
  const { served, eventsOf } = await relayOf({
    upstreams: Object.keys(answers).map(upstream),
    fallbacks: { [first!]: Object.keys(answers).slice(1) },
    maxRetries: 0,
    ...options,
  })
  const ask = async (input: object = question) => reduced(await allEvents(await served.start(input)))
  return { ask, asked, eventsOf, served }
}

const text = (content: string, index?: number) => ({ choices: [{ ...(index && { index }), delta: { content } }] })
const finish = (reason: string) => ({ choices: [{ delta: {}, finish_reason: reason }] })
const usage = (prompt_tokens: unknown, completion_tokens: unknown) => ({
  choices: [],
  usage: { prompt_tokens, completion_tokens },
})

const goOn = { interruption: 'continue', continueWith: (input) => input } satisfies Partial<RelayOptions>

describe('[R66] an answer that breaks off', () => {
  it('keeps its text until another model has a word to put in its place', async () => {
    const { ask, asked } = await told({ a: [text('Half')], b: ['no JSON'] }, { interruption: 'retract' })
    const { text: kept, end, of } = await ask()
    expect(asked.map(({ model }) => model)).toEqual(['a', 'b'])
    expect([kept, end.state, of('retract').length]).toEqual(['Half', 'error', 0])
  })

  it('is taken back by an answer without words too', async () => {
    const { ask } = await told({ a: [text('Half')], b: ['[DONE]'] }, { interruption: 'retract' })
    const { text: kept, end } = await ask()
    expect([kept, end.state]).toEqual(['', 'done'])
  })

  it('is taken back once, whoever stands in', async () => {
    const { ask } = await told(
      { a: [text('Half')], b: ['no JSON'], c: [text('All'), '[DONE]'] },
      { interruption: 'retract' },
    )
    const { text: kept, end } = await ask()
    expect([kept, end.state]).toEqual(['All', 'done'])
  })

  it('gives its finish reason and its usage to no other end', async () => {
    const { ask } = await told(
      { a: [text('Half'), finish('length'), usage(5, 1)], b: [text('Other')] },
      { interruption: 'retract' },
    )
    const { end } = await ask()
    expect(end).toMatchObject({ state: 'error', code: 'upstream_truncated' })
    expect(end).not.toHaveProperty('finishReason')
    expect(end).not.toHaveProperty('usage')
  })

  it('is not gone on with where the model had finished, and only the end of the stream is missing', async () => {
    const { ask, asked } = await told({ a: [text('All of it.'), finish('stop')], b: [text('More'), '[DONE]'] }, goOn)
    const { text: kept, end } = await ask()
    expect([kept, end.state, asked.length]).toEqual(['All of it.', 'error', 1])
  })

  it('[R69] costs what each of the models costs, where another one goes on', async () => {
    const prices = { a: { input: 1_000_000, output: 0 }, b: { input: 1, output: 0 } }
    const { ask } = await told(
      { a: [usage(3, 0), text('Half ')], b: [usage(2, 0), text('and half.'), '[DONE]'] },
      { ...goOn, prices },
    )
    const { text: whole, end } = await ask()
    expect(whole).toBe('Half and half.')
    expect(end.usage).toMatchObject({ inputTokens: 5, cost: { amount: 3.000002, currency: 'USD' } })
  })

  it('[R69] has no cost where the price of one of its models is not known', async () => {
    const { ask } = await told(
      { a: [usage(3, 0), text('Half ')], b: [usage(2, 0), text('and half.'), '[DONE]'] },
      { ...goOn, prices: { b: { input: 1, output: 1 } } },
    )
    expect((await ask()).end.usage).not.toHaveProperty('cost')
  })

  it('tells the last that is known of its usage', async () => {
    const { ask } = await told({ a: [usage(3, 1), text('Half'), usage(3, 40)] })
    expect((await ask()).end).toMatchObject({ state: 'error', usage: { outputTokens: 40 } })
  })
})

describe('[R68] what a provider says', () => {
  const started = { type: 'message_start', message: { usage: { input_tokens: 1, output_tokens: 1 } } }
  const block = (type: string) => ({ type: 'content_block_start', index: 0, content_block: { type } })
  const said = { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'Hello' } }

  it.each(['message', 'error', 'end', 'reasoning', 'usage', 'finish', 'tool_call', 'x'.repeat(80), 'a b\nc'])(
    'with a name that has a meaning of its own, or is none, is left out: %j',
    async (type) => {
      const { ask } = await told({ claude: [started, block(type), said, { type: 'message_stop' }] })
      const { text: kept, end, of } = await ask()
      expect([kept, end.state, of('reasoning'), of('finish'), of('tool-call')]).toEqual(['Hello', 'done', [], [], []])
    },
  )

  it.each([
    [null, '7'],
    ['5', {}],
    [-5, -1],
  ])('of usage that is no number counts nothing: %j, %j', async (input, output) => {
    const prices = { a: { input: 1, output: 1 } }
    const { ask, eventsOf } = await told({ a: [text('Hi'), usage(input, output), '[DONE]'] }, { prices })
    const nothing = { inputTokens: 0, outputTokens: 0, totalTokens: 0, cost: { amount: 0 } }
    expect((await ask()).end.usage).toMatchObject(nothing)
    expect(eventsOf('usage')).toMatchObject([{ usage: { inputTokens: 0 }, cost: { amount: 0 } }])
  })

  it('[R27] is no end where it took the answer back', async () => {
    const cancelled = { type: 'response.cancelled', response: { id: 'r', status: 'cancelled' } }
    const { ask } = await told({
      'openai-responses': [{ type: 'response.output_text.delta', delta: 'Half' }, cancelled],
    })
    const { text: kept, end } = await ask()
    expect([kept, end.state, end.code]).toEqual(['Half', 'error', 'upstream_error'])
  })

  it('of several answers and why they ended is told with its number', async () => {
    const call = { functionCall: { name: 'look', args: {} } }
    const parts = (...given: object[]) => ({ content: { parts: given }, finishReason: 'STOP' })
    const { ask } = await told(
      { gemini: [{ candidates: [parts({ text: 'A' }), { ...parts(call), index: 1 }] }] },
      { parameters: ['n'] },
    )
    expect((await ask({ ...question, n: 2 })).of('finish')).toEqual([
      { reason: 'stop' },
      { reason: 'tool-calls', choice: 1 },
    ])
  })

  it.each([{ id: 5 }, { id: 'a', function: { name: {} } }, { id: 'a', function: { name: 'f', arguments: { a: 1 } } }])(
    'of a call in another shape than text is no answer: %j',
    async (call) => {
      const { ask } = await told({ a: [{ choices: [{ delta: { tool_calls: [{ index: 0, ...call }] } }] }, '[DONE]'] })
      expect((await ask()).end).toMatchObject({ n: 0, state: 'error', code: 'upstream_invalid' })
    },
  )

  it('[R69] to one of several that were asked does not stand in the answer of another', async () => {
    const { ask } = await told({
      a: [text('A'), text('not mine', 1), '[DONE]'],
      b: [text('B'), '[DONE]'],
    })
    const { textOf, end } = await ask({ ...question, models: ['a', 'b'] })
    expect([textOf(0), textOf(1), end.state]).toEqual(['A', 'B', 'done'])
  })

  it('[R69] the sum of prices is rounded as each of them is', async () => {
    const { ask } = await told(
      { a: [text('A'), usage(1, 0), '[DONE]'], b: [text('B'), usage(2, 0), '[DONE]'] },
      { prices: { a: { input: 100_000, output: 0 }, b: { input: 100_000, output: 0 } } },
    )
    expect((await ask({ ...question, models: ['a', 'b'] })).end.usage.cost.amount).toBe(0.3)
  })
})

describe('[R68] a model that stands in', () => {
  it('is not asked what it could only leave out', async () => {
    const parameters = ['seed', 'temperature']
    const { ask, asked } = await told(
      { a: ['no JSON'], claude: [], c: [text('C'), '[DONE]'] },
      { interruption: 'retract', parameters },
    )
    const { text: kept, end } = await ask({ ...question, seed: 7 })
    expect([kept, end.state]).toEqual(['C', 'done'])
    expect(asked.map(({ model, body }) => [model, body.seed])).toEqual([
      ['a', 7],
      ['c', 7],
    ])
  })
})

it('[R65] asks nobody twice whom the configuration names twice', async () => {
  const { ask, asked } = await told(
    { a: ['no JSON'], b: ['no JSON'] },
    { interruption: 'retract', fallbacks: { a: ['b', 'b'] } },
  )
  expect((await ask()).end.code).toBe('upstream_invalid')
  expect(asked.map(({ model }) => model)).toEqual(['a', 'b'])
})

it.each(['constructor', '__proto__', 'toString'])('a model may be called %s', async (name) => {
  const answers = Object.fromEntries([[name, [text('Hi'), usage(1, 1), '[DONE]']]])
  const { ask, eventsOf } = await told(answers, { fallbacks: {}, prices: {}, perModel: { '': { concurrency: 1 } } })
  const { text: said, end } = await ask()
  expect([said, end.state, end.usage.cost]).toEqual(['Hi', 'done', undefined])
  expect(eventsOf('usage')).toMatchObject([{ model: name }])
})

it('asks the application once what to send, and nothing of it for a request that is refused', async () => {
  let asked = 0
  const { served } = await relayOf({
    baseUrl: 'http://localhost/v1',
    apiKey: 'k',
    models: ['m'],
    body(body) {
      asked++
      return body
    },
    fetch: async () => new Response(wire(['[DONE]']), { headers: { 'content-type': 'text/event-stream' } }),
  })
  await (await served.start(question)).text()
  await (await served.start({ messages: [] })).text()
  expect(asked).toBe(1)
})

it('says what is wrong with a body that the application made, and shows none of it', async () => {
  const { served } = await relayOf({
    baseUrl: 'http://localhost/v1',
    apiKey: 'k',
    models: ['m'],
    body: () => 'the secret prompt' as never,
    fetch: async () => Response.error(),
  })
  expect(await (await served.start(question)).text()).toContain('"state":"error"')
  expect(JSON.stringify(served.events.map((event) => String('error' in event && event.error)))).not.toContain('secret')
})
