import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import type { ModelFault } from '@keepstream/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answer, canary, clocksFor, modelOf, question, reduced, relayOf, upstreamOf } from '../../test/relayed'
import { allEvents, dataOf, until } from '../../test/served'
import { relay } from '../relay'
import type { RelayOptions } from './options'
import type { Provider } from './upstream-options'

const providers = ['openai', 'openai-responses', 'anthropic', 'gemini'] as const

const script = {
  reasoning: 'First I think.',
  text: answer,
  toolCalls: [{ name: 'weather', arguments: { city: '서울' }, id: 'call_1' }],
}

async function relayed(provider: Provider, options: Partial<RelayOptions> = {}, model = {}) {
  const upstream = await modelOf(model)
  const { name: _, ...own } = upstreamOf(upstream, ['scripted'], provider)
  return { upstream, ...(await relayOf({ ...own, ...options })) }
}

describe.each(providers)('[R68] an answer of %s', (provider) => {
  it('comes out as the same entries: reasoning, text, tool calls, usage, finish', async () => {
    const { upstream, served } = await relayed(provider, {}, { answer: script })
    const { of, text, end } = reduced(await allEvents(await served.start({ ...question, max_tokens: 500 })))
    expect([of('reasoning').join(''), text]).toEqual([script.reasoning, answer])
    const [first] = of('tool-call') as { id: string; name: string }[]
    expect(first).toMatchObject({ id: 'call_1', name: 'weather' })
    const pieces = of('tool-call') as { arguments?: string; whole?: boolean }[]
    const json = pieces.reduce((sum, piece) => (piece.whole ? '' : sum) + (piece.arguments ?? ''), '')
    expect(JSON.parse(json)).toEqual({ city: '서울' })
    expect(of('finish')).toEqual([{ reason: 'tool-calls' }])
    expect(end).toMatchObject({
      state: 'done',
      finishReason: 'tool-calls',
      usage: { outputTokens: upstream.ledger[0]!.tokensSent },
    })
    expect(upstream.ledger).toHaveLength(1)
    // However often a provider counts, the log has what is known at the beginning and what it came to.
    expect(of('usage').length).toBeLessThanOrEqual(2)
  })

  const faults: [ModelFault, string, boolean][] = [
    [{ type: 'cut', afterTokens: 4 }, 'upstream_truncated', true],
    [{ type: 'no-done' }, 'upstream_truncated', true],
    [{ type: 'stall', afterTokens: 4 }, 'upstream_idle', true],
    [{ type: 'stall' }, 'upstream_timeout', false],
    [{ type: 'garbage', afterTokens: 4 }, 'upstream_invalid', true],
    [{ type: 'error', afterTokens: 4, message: `Key ${canary} is bad` }, 'upstream_error', true],
    [{ type: 'huge', bytes: 3_000_000, afterTokens: 4 }, 'upstream_invalid', true],
    [{ type: 'html' }, 'upstream_invalid', false],
    [{ type: 'status', status: 400, body: { error: { message: `Key ${canary} is bad` } } }, 'upstream_rejected', false],
    [{ type: 'status', status: 401 }, 'upstream_unauthorized', false],
    [{ type: 'status', status: 404 }, 'upstream_unknown_model', false],
  ]
  it.each(faults)('[R27 R28] that goes wrong is told in our own words: %j', async (fault, code, kept) => {
    const { upstream, served } = await relayed(provider, { ...clocksFor(fault), maxRetries: 0 })
    upstream.next(fault)
    const frames = await allEvents(await served.start(question))
    const { text, end } = reduced(frames)
    expect([end.state, end.code, text.length > 0]).toEqual(['error', code, kept])
    expect(answer.startsWith(text)).toBe(true)
    expect(JSON.stringify(frames)).not.toMatch(/canary|bad/)
  })

  it('[R36] is asked for again where it was refused', async () => {
    const { upstream, served } = await relayed(provider)
    upstream.next({ type: 'status', status: 529, retryAfter: 0 })
    expect(reduced(await allEvents(await served.start(question)))).toMatchObject({
      text: answer,
      end: { state: 'done' },
    })
    expect([upstream.calls, upstream.ledger.length]).toEqual([1, 2])
  })

  it('[R37] ends at the provider when it is stopped', async () => {
    const { upstream, served } = await relayed(provider, {}, { answer: 'word '.repeat(500), tokensPerSecond: 100 })
    const response = await served.start(question)
    await upstream.waitForCall()
    await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
    await upstream.waitForAbort()
    expect(reduced(await allEvents(response)).end).toMatchObject({ state: 'stopped' })
  })

  it('[R49] shows its key to nobody, whatever goes wrong', async () => {
    const { upstream, served, route } = await relayed(provider, {
      maxRetries: 0,
      circuit: { failures: 2, pause: 1 },
    })
    const faults: (ModelFault | undefined)[] = [
      undefined,
      { type: 'status', status: 401, body: { error: { message: `Incorrect key ${canary}` } } },
      { type: 'error', message: `bad ${canary}` },
      { type: 'error', afterTokens: 2, message: `bad ${canary}` },
      { type: 'cut', afterTokens: 2 },
      { type: 'garbage' },
      { type: 'refuse', ms: 50 },
      { type: 'status', status: 503 },
    ]
    let bytes = ''
    for (const fault of faults) {
      if (fault) upstream.next(fault)
      const response = await served.start(question)
      bytes += JSON.stringify([...response.headers]) + (await response.text())
    }
    const seen = served.events.map((event) => inspect(event, { depth: 20, showHidden: true })).join('\n')
    expect(seen).toMatch(/upstream_unauthorized[\s\S]*circuit/)
    expect(bytes).toContain('upstream_unauthorized')
    expect(bytes + seen + inspect([route, route.upstreams()], { depth: 20, showHidden: true })).not.toContain('canary')
    expect(bytes).not.toMatch(/Incorrect key|bad /)
  })
})

describe('[R68] a request to a provider', () => {
  async function recorded(options: Partial<RelayOptions>, headers: Record<string, string> = {}) {
    const requests: { headers: IncomingHttpHeaders; url: string | undefined }[] = []
    const server = createServer((request, response) => {
      requests.push({ headers: request.headers, url: request.url })
      request.resume().on('end', () => response.writeHead(404).end())
    }).listen(0, '127.0.0.1')
    await until(() => server.listening)
    onTestFinished(() => void server.close())
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`
    const { served } = await relayOf({ baseUrl, apiKey: canary, models: ['m'], ...options })
    await (await served.start(question, headers)).text()
    return requests[0]!
  }

  it.each([
    ['openai', '/v1/chat/completions', { authorization: `Bearer ${canary}` }],
    ['openai-responses', '/v1/responses', { authorization: `Bearer ${canary}` }],
    ['anthropic', '/v1/messages', { 'x-api-key': canary, 'anthropic-version': '2023-06-01' }],
    ['gemini', '/v1/models/m:streamGenerateContent?alt=sse', { 'x-goog-api-key': canary }],
  ] as const)('of %s goes to its address with its headers', async (provider, url, headers) => {
    expect(await recorded({ provider })).toMatchObject({ url, headers })
  })

  it('has the headers of the configuration, and none of the client', async () => {
    const own = { 'x-team': 'search', 'anthropic-version': '2030-01-01' }
    const sent = { cookie: 'session=1', 'x-forwarded-for': '10.0.0.1', authorization: 'Bearer user', 'x-team': 'mine' }
    const { headers } = await recorded({ provider: 'anthropic', headers: own }, sent)
    expect(headers).toMatchObject(own)
    expect(headers.cookie ?? headers['x-forwarded-for'] ?? headers.authorization).toBeUndefined()
  })

  it('has the body that the application wants, whatever the translation made of it', async () => {
    const { upstream, served } = await relayed('gemini', {
      body: (body) => ({ ...body, safetySettings: [{ category: 'x' }] }),
    })
    await (await served.start(question)).text()
    expect(upstream.ledger[0]!.body).toMatchObject({
      safetySettings: [{ category: 'x' }],
      contents: [{ role: 'user' }],
    })
  })

  it('is refused at the start of the answer where it cannot be translated, or has a parameter that is not to be had', async () => {
    const { upstream, served } = await relayed('anthropic')
    const image = { messages: [{ role: 'user', content: [{ type: 'file', file: {} }] }] }
    for (const [input, field] of [
      [image, 'messages[0].content[0]: '],
      [{ ...question, seed: 7 }, 'seed: This is not allowed.'],
    ] as const) {
      const response = await served.start(input)
      expect([response.status, await response.json()]).toEqual([
        400,
        { error: { code: 'invalid_input', message: expect.stringContaining(field) } },
      ])
    }
    expect(upstream.ledger).toHaveLength(0)
  })
})

describe('[R67] an answer in the background', () => {
  const background = { background: true } as const

  it('is read on after a cut: one call, nothing lost, nothing twice', async () => {
    const long = 'word '.repeat(60)
    const { upstream, served } = await relayed('openai-responses', background, { answer: long, tokensPerSecond: 300 })
    upstream.next({ type: 'cut', afterTokens: 7 }, { type: 'cut', afterTokens: 5 })
    const { text, end, of } = reduced(await allEvents(await served.start(question)))
    expect([text, end.state, of('retract').length]).toEqual([long, 'done', 0])
    expect(upstream.calls).toBe(1)
    expect(upstream.ledger[0]!.body).toMatchObject({ background: true, store: true })
  })

  it('is taken whole where it can no longer be read on, in place of what had come', async () => {
    const { upstream, served } = await relayed('openai-responses', background, { answer: script })
    upstream.next({ type: 'cut', afterTokens: 7 }, { type: 'status', status: 400 })
    const frames = await allEvents(await served.start(question))
    const { text, end, of } = reduced(frames)
    expect([text, of('reasoning').join(''), end.state]).toEqual([answer, script.reasoning, 'done'])
    expect(frames.filter(({ event }) => event === 'retract').map(dataOf)).toEqual([
      expect.objectContaining({ after: 0 }),
    ])
    expect(upstream.calls).toBe(1)
  })

  it('[R37] is cancelled by a stop, for to leave it would not end it', async () => {
    const model = { answer: 'word '.repeat(3000), tokensPerSecond: 100 }
    const { upstream, served } = await relayed('openai-responses', background, model)
    const response = await served.start(question)
    const reader = response.body!.getReader()
    await until(() => (upstream.ledger[0]?.tokensSent ?? 0) > 3)
    await reader.read()
    const stopped = await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
    expect(await stopped.json()).toMatchObject({ data: { state: 'stopped' } })
    await until(() => upstream.ledger.some(({ path }) => path.endsWith('/cancel')))
    await reader.cancel()
  })

  it('[R37] is cancelled by a stop that comes before it has a name, as soon as it has one', async () => {
    const model = { answer: 'word '.repeat(3000), tokensPerSecond: 100 }
    const { upstream, served } = await relayed('openai-responses', background, model)
    upstream.next({ type: 'slow-head', ms: 300 })
    const response = await served.start(question)
    await upstream.waitForCall()
    const stopped = await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
    expect(await stopped.json()).toMatchObject({ data: { state: 'stopped' } })
    expect(upstream.ledger).toHaveLength(1)
    await until(() => upstream.ledger.some(({ path }) => path.endsWith('/cancel')))
    await upstream.idle()
    expect(reduced(await allEvents(response))).toMatchObject({ text: '', end: { state: 'stopped' } })
  })

  it('[R65] is asked of nobody else while it may go on there, also where nothing of it has arrived', async () => {
    const [first, other] = [await modelOf({ answer: 'word '.repeat(100) }), await modelOf()]
    const { served } = await relayOf({
      upstreams: [{ ...upstreamOf(first, ['first'], 'openai-responses'), ...background }, upstreamOf(other, ['other'])],
      fallbacks: { first: ['other'] },
      maxRetries: 1,
    })
    first.next({ type: 'cut' })
    first.always({ type: 'status', status: 503, retryAfter: 0 })
    expect(reduced(await allEvents(await served.start(question))).end).toMatchObject({ state: 'error' })
    expect([first.calls, other.ledger.length]).toEqual([1, 0])
  })

  it('is cancelled where the relay gives it up', async () => {
    const { upstream, served } = await relayed(
      'openai-responses',
      { ...background, timeouts: { idle: 300 }, maxRetries: 0 },
      { answer: 'word '.repeat(100) },
    )
    upstream.next({ type: 'stall', afterTokens: 4 }, { type: 'status', status: 404 })
    expect(reduced(await allEvents(await served.start(question))).end.state).toBe('error')
    await until(() => upstream.ledger.some(({ path }) => path.endsWith('/cancel')))
    expect(upstream.calls).toBe(1)
  })
})

it.each<[object, string]>([
  [
    { provider: 'mistral' },
    'The option relay.provider is "mistral". Choose one of openai, openai-responses, anthropic, gemini.',
  ],
  [{ provider: 'anthropic', apiKey: '' }, 'ANTHROPIC_API_KEY is not set.'],
  [{ provider: 'gemini', apiKey: undefined }, 'GEMINI_API_KEY is not set.'],
  [{ background: true }, 'The option relay.background is for the provider openai-responses alone.'],
  [{ maxTokens: 0 }, 'The option relay.maxTokens is 0.'],
  [{ baseUrl: 'https://h/v1?api-version=1' }, 'The option relay.baseUrl has more than a scheme, a host and a path.'],
  [{ baseUrl: 'https://user:secret@h/v1' }, 'The option relay.baseUrl has more than a scheme, a host and a path.'],
  [{ baseUrl: 'https://h/v1#x' }, 'The option relay.baseUrl has more than a scheme, a host and a path.'],
  [{ headers: { Connection: 'close' } }, 'The option relay.headers has "Connection", which belongs to the connection.'],
  [{ headers: { 'transfer-encoding': 'x' } }, 'The option relay.headers has "transfer-encoding"'],
  [{ fallbacks: { m: ['other'] } }, 'The option relay.fallbacks.m names "other", which is not among relay.models.'],
  [{ models: ['m', 'o'], fallbacks: { m: ['m'] } }, 'The option relay.fallbacks.m names the model itself.'],
  [{ interruption: 'resume' }, 'The option relay.interruption is "resume". Give "error", "retract" or "continue".'],
  [{ interruption: 'continue' }, 'The option relay.continueWith is missing.'],
  [{ upstreams: [] }, 'The option relay.upstreams is no list.'],
  [{ upstreams: [{ apiKey: 'k', models: ['m'] }] }, 'The option relay.baseUrl stands beside relay.upstreams.'],
  [{ perModel: { m: { concurrency: 0 } } }, 'The option relay.perModel.m.concurrency is 0.'],
  [{ perModel: { m: { concurrency: [5, 2] } } }, 'The option relay.perModel.m.concurrency is 2.'],
  [{ perModel: { m: { concurency: 2 } } }, 'There is no option relay.perModel.m.concurency.'],
  [{ perModel: { m: { timeouts: { idle: 0 } } } }, 'The option relay.perModel.m.timeouts.idle is 0.'],
  [{ patience: -1 }, 'The option relay.patience is -1.'],
  [{ maxCompared: 0 }, 'The option relay.maxCompared is 0.'],
  [{ currency: 'dollars' }, 'The option relay.currency is "dollars". Give three letters such as USD.'],
  [{ circuit: { failures: 0 } }, 'The option relay.circuit.failures is 0.'],
  [{ circuit: { after: 1 } }, 'There is no option relay.circuit.after.'],
])('relay refuses %j with the remedy', (options, message) => {
  const given = { baseUrl: 'http://localhost/v1', apiKey: 'k', models: ['m'], ...options } as RelayOptions
  expect(() => relay(given)).toThrow(
    expect.objectContaining({ code: 'option', message: expect.stringContaining(message) }),
  )
})

it('two upstreams of one name are refused, and one that has no models', () => {
  const one = { baseUrl: 'http://localhost/v1', apiKey: 'k', models: ['m'] }
  expect(() => relay({ upstreams: [one, one] })).toThrow('Give each a `name` of its own.')
  expect(() => relay({ upstreams: [one, { ...one, name: 'other', models: [] }] })).toThrow('relay.models is empty')
  expect(() => relay({ upstreams: [{ ...one, model: 'm' } as never] })).toThrow(
    'There is no option relay.upstreams[0].model.',
  )
})
