import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { createScriptedModel, type ModelFault, type ScriptedModelOptions } from '@keepstream/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { clocksFor } from '../test/relayed'
import { allEvents, dataOf, eventsOf, numbersOf, paths, type Served, serve, textOf, until } from '../test/served'
import type { HubOptions } from './hub-options'
import { relay } from './relay'
import type { RelayOptions } from './relay/options'
import type { Issue } from './schema'

const canary = 'sk-canary-1f2e3d4c5b6a'
const question = { messages: [{ role: 'user', content: 'Say something.' }] }
const answer = 'The line runs. 안녕하세요, 선이 이어집니다.'

async function relayed(
  model: ScriptedModelOptions = {},
  options: Partial<RelayOptions> = {},
  hub: Partial<HubOptions> = {},
  path: 'node' | 'web' = 'node',
) {
  const upstream = await createScriptedModel({ answer, apiKey: canary, ...model })
  const given = { baseUrl: upstream.url, apiKey: canary, models: ['scripted', 'other'], ...options }
  const served = await serve(path, relay(given as RelayOptions), hub)
  onTestFinished(async () => {
    await served[Symbol.asyncDispose]()
    await upstream.close()
  })
  return { upstream, served }
}

const endOf = async (response: Response) => dataOf((await allEvents(response)).at(-1))
const endEvent = (served: Served) => served.events.find((event) => event.type === 'ended')

describe.each(paths)('relay on the %s path', (path) => {
  it('passes on an answer, its usage and its finish reason', async () => {
    const { upstream, served } = await relayed({}, {}, {}, path)
    const frames = await allEvents(await served.start({ ...question, max_tokens: 500, temperature: 0.5 }))
    expect(textOf(frames)).toBe(answer)
    const end = dataOf(frames.at(-1))
    expect(end).toMatchObject({
      state: 'done',
      n: numbersOf(frames.slice(1)).length - 1,
      finishReason: 'stop',
      usage: { outputTokens: expect.any(Number) },
    })
    expect(upstream.ledger[0]!.body).toEqual({
      ...question,
      model: 'scripted',
      max_tokens: 500,
      temperature: 0.5,
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  it('[R37] tells the model to stop, and keeps what it had said', async () => {
    const { upstream, served } = await relayed({ tokensPerSecond: 50, answer: 'word '.repeat(500) }, {}, {}, path)
    const response = await served.start(question)
    const events = eventsOf(response)
    for (let seen = 0; seen < 4; seen++) await events.next()
    const stopped = await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
    const { data } = (await stopped.json()) as { data: { n: number; state: string } }
    expect(data.state).toBe('stopped')
    expect(data.n).toBeGreaterThanOrEqual(3)
    await upstream.waitForAbort()
    expect(upstream.ledger).toHaveLength(1)
  })
})

it.each([
  ['is silent in the middle of its answer', { type: 'stall', afterTokens: 2 }],
  ['has not begun to answer', { type: 'slow-head', ms: 60_000 }],
] as const)('[R37] tells a model to stop that %s', async (_, fault) => {
  const { upstream, served } = await relayed()
  upstream.next(fault)
  const response = await served.start(question)
  await until(() => upstream.ledger.length === 1)
  const stopped = await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
  expect(await stopped.json()).toMatchObject({ data: { state: 'stopped' } })
  await until(() => upstream.ledger[0]!.outcome !== 'running')
  expect(upstream.ledger[0]!.outcome).toBe('aborted')
  expect(served.events.filter(({ type }) => type === 'failed')).toEqual([])
})

it('carries reasoning and tool calls', async () => {
  const toolCalls = [{ name: 'weather', arguments: { city: '서울' } }]
  const { served } = await relayed({ answer: { reasoning: 'First I think.', toolCalls } })
  const frames = await allEvents(await served.start(question))
  const pieces = (event: string) => frames.filter((frame) => frame.event === event).map(dataOf)
  expect(pieces('reasoning').join('')).toBe('First I think.')
  const calls = pieces('tool-call')
  expect(calls[0]).toMatchObject({ index: 0, name: 'weather' })
  expect(JSON.parse(calls.map((call) => call.arguments ?? '').join(''))).toEqual({ city: '서울' })
  expect(dataOf(frames.at(-1))).toMatchObject({ state: 'done', finishReason: 'tool-calls' })
})

it('[R35] goes on with the model when every reader has left', async () => {
  const { served } = await relayed({ tokensPerSecond: 200 })
  const leaving = new AbortController()
  const response = await served.start(question, {}, { signal: leaving.signal })
  leaving.abort()
  await until(() => endEvent(served) !== undefined)
  const again = await served.get(response.headers.get('location')!)
  expect(textOf(await allEvents(again))).toBe(answer)
})

describe('[R27 R28] what a model can do wrong ends the stream with a code and our own words', () => {
  const rows: [what: string, fault: ModelFault, code: string, kept: boolean][] = [
    ['cuts the connection', { type: 'cut', afterTokens: 4, how: 'reset' }, 'upstream_truncated', true],
    ['closes inside a chunk', { type: 'cut', afterTokens: 4, how: 'end' }, 'upstream_truncated', true],
    ['ends its body early', { type: 'cut', afterTokens: 4, how: 'close' }, 'upstream_truncated', true],
    ['never says [DONE]', { type: 'no-done' }, 'upstream_truncated', true],
    ['falls silent', { type: 'stall', afterTokens: 4 }, 'upstream_idle', true],
    ['falls silent behind heartbeats', { type: 'stall', afterTokens: 4, heartbeats: 10 }, 'upstream_idle', true],
    ['says nothing at all', { type: 'stall', afterTokens: 0 }, 'upstream_timeout', false],
    ['sends garbage', { type: 'garbage', afterTokens: 4 }, 'upstream_invalid', true],
    [
      'sends an error inside the stream',
      { type: 'error', afterTokens: 4, message: `Key ${canary} is bad` },
      'upstream_error',
      true,
    ],
    ['sends an event without end', { type: 'huge', bytes: 3_000_000, afterTokens: 4 }, 'upstream_invalid', true],
    ['sends a page', { type: 'html' }, 'upstream_invalid', false],
    ['answers too late', { type: 'slow-head', ms: 5000 }, 'upstream_timeout', false],
    ['knows no such model', { type: 'status', status: 404 }, 'upstream_unknown_model', false],
    [
      'rejects the request',
      { type: 'status', status: 400, body: { error: { message: `Key ${canary} is bad` } } },
      'upstream_rejected',
      false,
    ],
    [
      'redirects',
      { type: 'status', status: 307, headers: { location: 'http://127.0.0.1:9/' } },
      'upstream_redirected',
      false,
    ],
    ['cannot be reached', { type: 'refuse' }, 'upstream_unreachable', false],
  ]
  it.each(rows)('when it %s', async (_, fault, code, kept) => {
    const { upstream, served } = await relayed({}, { ...clocksFor(fault), maxRetries: 0 })
    upstream.next(fault)
    const frames = await allEvents(await served.start(question))
    const end = dataOf(frames.at(-1))
    expect([end.state, end.code]).toEqual(['error', code])
    expect(end.message).toMatch(/^[A-Z][^\n]+\.$/)
    expect(answer.startsWith(textOf(frames))).toBe(true)
    expect(textOf(frames).length > 0).toBe(kept)
    expect(JSON.stringify(frames)).not.toContain('canary')
    expect(upstream.calls).toBeLessThanOrEqual(1)
  })
})

describe('[R36] a retry', () => {
  it.each([408, 409, 429, 500, 502, 503, 529])('follows %i, which is no acceptance', async (status) => {
    const { upstream, served } = await relayed()
    upstream.next({ type: 'status', status, retryAfter: 0 })
    expect(await endOf(await served.start(question))).toMatchObject({ state: 'done' })
    expect([upstream.ledger.length, upstream.calls]).toEqual([2, 1])
  })

  it.each([400, 401, 404, 422])('does not follow %i', async (status) => {
    const { upstream, served } = await relayed()
    upstream.next({ type: 'status', status })
    expect(await endOf(await served.start(question))).toMatchObject({ state: 'error' })
    expect(upstream.ledger).toHaveLength(1)
  })

  it('waits as long as it was told', async () => {
    const { upstream, served } = await relayed()
    upstream.next({ type: 'status', status: 503, retryAfter: 1 })
    await allEvents(await served.start(question))
    expect(upstream.ledger[1]!.at - upstream.ledger[0]!.at).toBeGreaterThanOrEqual(990)
  })

  it('is made twice at most', async () => {
    const { upstream, served } = await relayed()
    upstream.always({ type: 'status', status: 503, retryAfter: 0 })
    expect(await endOf(await served.start(question))).toMatchObject({ code: 'upstream_unavailable' })
    expect(upstream.ledger).toHaveLength(3)
  })

  it('comes out of a budget, so that an outage is not multiplied', async () => {
    const { upstream, served } = await relayed({}, { circuit: false })
    upstream.always({ type: 'status', status: 503, retryAfter: 0 })
    await Promise.all(Array.from({ length: 20 }, async () => allEvents(await served.start(question))))
    // Ten in reserve, and a tenth of the requests.
    expect(upstream.ledger.length).toBeLessThanOrEqual(20 + 12)
    expect(upstream.ledger.length).toBeGreaterThan(20)
  })

  it('follows a refused connection', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await until(() => closed.listening)
    const nobody = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`
    await new Promise((resolve) => closed.close(resolve))
    let attempts = 0
    const fetch = (url: string, init: RequestInit) => globalThis.fetch(attempts++ === 0 ? nobody : url, init)
    const { upstream, served } = await relayed({}, { fetch })
    expect(await endOf(await served.start(question))).toMatchObject({ state: 'done' })
    expect([attempts, upstream.calls]).toEqual([2, 1])
  })

  it('does not follow a reset after the request was sent: the model may be at work', async () => {
    let requests = 0
    const server = createServer((request) => {
      requests++
      request.resume().on('end', () => request.socket.resetAndDestroy())
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await until(() => server.listening)
    const { served } = await relayed({}, { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
    expect(await endOf(await served.start(question))).toMatchObject({ code: 'upstream_unreachable' })
    expect(requests).toBe(1)
  })

  it('does not follow the first token', async () => {
    const { upstream, served } = await relayed()
    upstream.next({ type: 'cut', afterTokens: 1, how: 'reset' })
    expect(await endOf(await served.start(question))).toMatchObject({ code: 'upstream_truncated' })
    expect(upstream.ledger).toHaveLength(1)
  })
})

describe('[R49] the key', () => {
  it('is in no byte that is sent and in no argument of a hook, whatever goes wrong', async () => {
    const seen: unknown[] = []
    const faults: (ModelFault | undefined)[] = [
      undefined,
      { type: 'status', status: 401, body: { error: { message: `Incorrect API key provided: ${canary}` } } },
      { type: 'error', message: `bad ${canary}` },
      { type: 'cut', afterTokens: 2 },
      { type: 'garbage' },
      { type: 'html' },
      { type: 'refuse', ms: 100 },
    ]
    const { upstream, served } = await relayed(
      {},
      { maxRetries: 0 },
      { onEvent: (event) => void seen.push(inspect(event, { depth: 20, showHidden: true })) },
    )
    let bytes = ''
    for (const fault of faults) {
      if (fault) upstream.next(fault)
      const response = await served.start(question)
      bytes += JSON.stringify([...response.headers]) + (await response.text())
      bytes += await (
        await served.get(response.headers.get('location')!, { headers: { accept: 'application/json' } })
      ).text()
    }
    expect(upstream.calls).toBeGreaterThan(1)
    expect(seen.join('\n')).toContain('upstream_unauthorized')
    expect(bytes).toContain('upstream_unauthorized')
    expect(bytes + seen.join('')).not.toContain('canary')
    expect(bytes).not.toContain('Incorrect API key')
  })

  it('is shown by no object that an application holds', () => {
    const made = relay({ baseUrl: 'http://localhost/v1', apiKey: canary, models: ['m'] })
    expect(inspect(made, { depth: 20, showHidden: true })).not.toContain('canary')
    expect(JSON.stringify(made)).not.toContain('canary')
  })

  it('that is refused ends the answer with words fit for a person', async () => {
    const { served } = await relayed({ apiKey: 'another' })
    expect(await endOf(await served.start(question))).toEqual({
      state: 'error',
      n: 0,
      code: 'upstream_unauthorized',
      message: 'The server could not sign in to the provider of the model. Please tell whoever runs it.',
    })
  })

  it.each([
    [undefined, undefined, 'OPENAI_API_KEY is not set. Set it to the key of your provider and start again.'],
    ['', 'GROQ_API_KEY', 'GROQ_API_KEY is not set. Set it to the key of your provider and start again.'],
    [
      `${canary}\n`,
      undefined,
      'OPENAI_API_KEY holds a space, a line break or another character that no key has. Set it again.',
    ],
  ])('%j is refused at the start', (apiKey, apiKeyName, message) => {
    const options = { baseUrl: 'http://localhost/v1', apiKey, models: ['m'], ...(apiKeyName && { apiKeyName }) }
    expect(() => relay(options)).toThrow(expect.objectContaining({ code: 'option', message }))
  })

  it('is not sent to a provider that wants none', async () => {
    const { upstream, served } = await relayed({}, { apiKey: false })
    expect(await endOf(await served.start(question))).toMatchObject({ code: 'upstream_unauthorized' })
    expect(upstream.calls).toBe(0)
  })
})

describe('[R43] what a person may ask', () => {
  const say = (role: unknown, content: unknown) => ({ messages: [{ role, content }] })
  it.each([
    [[], 'Send a JSON object with messages.'],
    [{}, 'messages: Give an array with at least one message.'],
    [{ messages: [] }, 'messages: Give an array with at least one message.'],
    [{ messages: ['hi'] }, 'messages[0]: Give an object with role and content.'],
    [say('robot', 'hi'), 'messages[0].role: Choose one of system, developer, user, assistant, tool.'],
    [say('user', 5), 'messages[0].content: Give a text or an array of parts.'],
    [{ ...question, model: 'gpt-expensive' }, 'model: Choose one of scripted, other.'],
    [{ ...question, temperature: 3 }, 'temperature: Give a number from 0 to 2.'],
    [{ ...question, max_tokens: '5' }, 'max_tokens: Give a whole number, 1 or more.'],
    [{ ...question, top_p: -1 }, 'top_p: Give a number from 0 to 1.'],
  ])('is not %j', async (input, message) => {
    const { upstream, served } = await relayed()
    const response = await served.start(input)
    expect([response.status, await response.json()]).toEqual([400, { error: { code: 'invalid_input', message } }])
    expect(upstream.ledger).toHaveLength(0)
  })

  it('is nothing that the allow-list does not name', async () => {
    const { upstream, served } = await relayed({}, { parameters: ['max_tokens'] })
    const refused = await served.start({ ...question, n: 100 })
    expect([refused.status, ((await refused.json()) as { error: { message: string } }).error.message]).toEqual([
      400,
      'n: This is not allowed. Known are messages, model, max_tokens.',
    ])
    expect(await endOf(await served.start({ ...question, model: 'other' }))).toMatchObject({ state: 'done' })
    expect(upstream.ledger[0]!.body).toMatchObject({ model: 'other' })
  })

  it('is what the schema of the application makes of it, within the allow-lists', async () => {
    const validate = (
      value: unknown,
    ): { value: { messages: unknown[]; model: string; note: string } } | { issues: Issue[] } => {
      const { ask, model = 'other' } = value as { ask?: string; model?: string }
      if (!ask) return { issues: [{ message: 'Ask something.', path: ['ask'] }] }
      return { value: { messages: [{ role: 'user', content: ask }], model, note: 'not for the provider' } }
    }
    const input = { '~standard': { version: 1 as const, vendor: 'test', validate } }
    const { upstream, served } = await relayed({}, { input })
    expect(await endOf(await served.start({ ask: 'hi' }))).toMatchObject({ state: 'done' })
    expect(upstream.ledger[0]!.body).toEqual({
      messages: [{ role: 'user', content: 'hi' }],
      model: 'other',
      stream: true,
      stream_options: { include_usage: true },
    })
    expect((await served.start({})).status).toBe(400)
    expect((await served.start({ ask: 'hi', model: 'gpt-expensive' })).status).toBe(400)
  })
})

it('[R44] takes a flood up to the bound of the stream, and tells the model to stop', async () => {
  const { upstream, served } = await relayed(
    { answer: 'flood '.repeat(200_000) },
    {},
    { limits: { streamBytes: 200_000 } },
  )
  const frames = await allEvents(await served.start(question))
  expect(dataOf(frames.at(-1))).toMatchObject({ state: 'error', code: 'too_large' })
  expect(textOf(frames).length).toBeLessThan(200_000)
  await upstream.waitForAbort()
})

it.each([
  [{ baseUrl: 'example.com' }, 'The option relay.baseUrl is no address.'],
  [{ baseUrl: 'ftp://example.com' }, 'The option relay.baseUrl is no address.'],
  [
    { baseUrl: 'http://localhost/v1/chat/completions/' },
    'The option relay.baseUrl ends with "/chat/completions", which the relay adds itself. Leave it out.',
  ],
  [
    { provider: 'anthropic', baseUrl: 'http://localhost/v1/messages' } as never,
    'The option relay.baseUrl ends with "/messages", which the relay adds itself. Leave it out.',
  ],
  [{ models: [] }, 'The option relay.models is empty.'],
  [{ models: undefined }, 'The option relay.models is empty.'],
  [{ models: ['a'], defaultModel: 'b' }, 'The option relay.defaultModel is "b", which is not among relay.models.'],
  [{ maxRetries: -1 }, 'The option relay.maxRetries is -1.'],
  [{ timeouts: { idle: 0 } }, 'The option relay.timeouts.idle is 0.'],
  [{ timeouts: { stall: 1 } as never }, 'There is no option relay.timeouts.stall.'],
  [{ apikey: 'x' } as never, 'There is no option relay.apikey.'],
  [
    { headers: { 'x-team': 'a\nb' } },
    'The option relay.headers has a name or value that HTTP does not allow: "x-team".',
  ],
])('relay refuses %j', (options, message) => {
  const given = { baseUrl: 'http://localhost/v1', apiKey: 'k', models: ['m'], ...options } as RelayOptions
  expect(() => relay(given)).toThrow(
    expect.objectContaining({ code: 'option', message: expect.stringContaining(message) }),
  )
})
