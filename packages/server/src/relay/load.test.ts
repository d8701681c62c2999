import { describe, expect, it } from 'vitest'
import { answer, modelOf, question, reduced, relayOf, upstreamOf } from '../../test/relayed'
import { allEvents, until } from '../../test/served'
import { presets, settingsOf, timeoutDefaults } from './model-options'
import type { RelayOptions } from './options'

async function relayed(options: Partial<RelayOptions> = {}, model: object = {}) {
  const upstream = await modelOf(model)
  const { baseUrl, apiKey } = upstreamOf(upstream, [])
  const relayed = await relayOf({ baseUrl, apiKey, models: ['m', 'fast'], maxRetries: 0, ...options })
  const ask = async (input: object = question) => reduced(await allEvents(await relayed.served.start(input)))
  return { upstream, ask, ...relayed }
}

describe('[R69] usage and its cost', () => {
  const prices = { m: { input: 8, output: 32, cachedInput: 2 } }
  const usage = { inputTokens: 1000, outputTokens: 500, cachedInputTokens: 400 }
  const cost = { amount: 0.0216, currency: 'EUR' }

  it('stand in the answer, at its end, and in an event with whose it was', async () => {
    const { ask, eventsOf } = await relayed({ prices, currency: 'EUR' }, { answer: { text: answer, usage } })
    const { of, end } = await ask()
    expect(of('usage')).toEqual([{ ...usage, totalTokens: 1500, reasoningTokens: 0, cost }])
    expect(end.usage).toMatchObject({ ...usage, cost })
    expect(eventsOf('usage')).toEqual([
      expect.objectContaining({
        model: 'm',
        usage: expect.objectContaining(usage),
        cost,
        owner: { route: '/api/chat' },
      }),
    ])
  })

  it('have no cost where there is no price', async () => {
    const { ask, eventsOf } = await relayed({ prices: { other: { input: 1, output: 1 } } })
    expect((await ask()).end.usage).not.toHaveProperty('cost')
    expect(eventsOf('usage')[0]).not.toHaveProperty('cost')
  })

  it('are told of each call, of those too that did not end well', async () => {
    const [first, other] = [await modelOf(), await modelOf({ answer: 'other' })]
    const { served, eventsOf } = await relayOf({
      upstreams: [upstreamOf(first, ['first'], 'anthropic'), upstreamOf(other, ['other'])],
      fallbacks: { first: ['other'] },
      interruption: 'retract',
    })
    first.next({ type: 'cut', afterTokens: 3 })
    await allEvents(await served.start(question))
    expect(eventsOf('usage').map((event) => 'model' in event && event.model)).toEqual(['first', 'other'])
  })

  it('are told of an answer that is stopped, as far as the provider has said', async () => {
    const model = await modelOf({ answer: 'word '.repeat(500), tokensPerSecond: 100 })
    const { served, eventsOf } = await relayOf(upstreamOf(model, ['m'], 'anthropic'))
    const response = await served.start(question)
    await until(() => (model.ledger[0]?.tokensSent ?? 0) > 2)
    await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
    await until(() => eventsOf('usage').length === 1)
    const { end } = reduced(await allEvents(response))
    expect(end).toMatchObject({ state: 'stopped', usage: { inputTokens: expect.any(Number) } })
  })

  it('of an answer that two models made are the sum', async () => {
    const [first, other] = [await modelOf(), await modelOf({ answer: 'other' })]
    const { served, eventsOf } = await relayOf({
      upstreams: [upstreamOf(first, ['first'], 'anthropic'), upstreamOf(other, ['other'])],
      fallbacks: { first: ['other'] },
      interruption: 'continue',
      continueWith: (input) => input,
    })
    first.next({ type: 'cut', afterTokens: 3 })
    const { end } = reduced(await allEvents(await served.start(question)))
    const told = eventsOf('usage').map((event) => ('usage' in event && event.usage ? event.usage.inputTokens : 0))
    expect(told).toHaveLength(2)
    expect(end.usage.inputTokens).toBe(told[0]! + told[1]!)
  })
})

describe('[R65] a bound on how many answers of a model run', () => {
  const slow = { answer: 'word '.repeat(20), tokensPerSecond: 100 }

  it('lets the others wait in line, in order, and answers them all', async () => {
    const { upstream, ask, route } = await relayed({ perModel: { m: { concurrency: 2 } } }, slow)
    let most = 0
    const answers = Array.from({ length: 6 }, () => ask())
    await until(() => {
      most = Math.max(most, upstream.ledger.filter(({ outcome }) => outcome === 'running').length)
      return upstream.calls === 6
    })
    expect((await Promise.all(answers)).map(({ end }) => end.state)).toEqual(Array(6).fill('done'))
    expect(most).toBe(2)
    expect(route.upstreams()[0]!.lines).toEqual({ m: { running: 0, queued: 0 } })
  })

  it('refuses one more than may wait, with a code of its own', async () => {
    const { upstream, ask, served, route } = await relayed({ perModel: { m: { concurrency: 1, maxQueued: 1 } } })
    upstream.next({ type: 'stall', afterTokens: 1 })
    const first = await served.start(question)
    await upstream.waitForCall()
    const waiting = ask()
    await until(() => route.upstreams()[0]!.lines.m!.queued === 1)
    expect((await ask()).end).toMatchObject({ state: 'error', code: 'upstream_queue_full' })
    await served.get(`${first.headers.get('location')}/stop`, { method: 'POST' })
    expect((await waiting).end.state).toBe('done')
    // Other models have lines of their own, or none.
    expect((await ask({ ...question, model: 'fast' })).end.state).toBe('done')
  })

  it('is the one that was given, also for a model that pools know by its name', async () => {
    const model = await modelOf({ ...slow, tokensPerSecond: 20 })
    const { served, route } = await relayOf({
      ...upstreamOf(model, ['gpt-4.1']),
      perModel: { 'gpt-4.1': { concurrency: 1 } },
    })
    const one = await served.start(question)
    const other = await served.start(question)
    await until(() => route.upstreams()[0]!.lines['gpt-4.1']!.queued === 1)
    for (const { headers } of [other, one]) await served.get(`${headers.get('location')}/stop`, { method: 'POST' })
    expect(model.calls).toBe(1)
  })

  it('lets nobody wait for ever', async () => {
    const { upstream, ask } = await relayed({ perModel: { m: { concurrency: 1, queueTimeout: 100 } } }, slow)
    upstream.next({ type: 'stall', afterTokens: 1 })
    const response = ask()
    await upstream.waitForCall()
    expect((await ask()).end).toMatchObject({ state: 'error', code: 'upstream_queue_timeout' })
    expect(upstream.ledger).toHaveLength(1)
    void response
  })

  it('[R37] gives the place of one who was stopped to the next', async () => {
    const { upstream, ask, served, route } = await relayed({ perModel: { m: { concurrency: 1 } } })
    upstream.next({ type: 'stall', afterTokens: 1 })
    const response = await served.start(question)
    await upstream.waitForCall()
    const waiting = await served.start(question)
    await until(() => route.upstreams()[0]!.lines.m!.queued === 1)
    await served.get(`${waiting.headers.get('location')}/stop`, { method: 'POST' })
    expect(route.upstreams()[0]!.lines.m).toEqual({ running: 1, queued: 0 })
    await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
    expect((await ask()).end.state).toBe('done')
    expect(upstream.calls).toBe(2)
  })

  it('learns from one how long the provider wants to be left alone, and asks another model for all', async () => {
    const [first, other] = [await modelOf(), await modelOf({ answer: 'other' })]
    const { served } = await relayOf({
      upstreams: [upstreamOf(first, ['first']), upstreamOf(other, ['other'])],
      fallbacks: { first: ['other'] },
      perModel: { first: { concurrency: 4 } },
    })
    first.next({ type: 'status', status: 429, retryAfter: 30 })
    const began = performance.now()
    for (let asked = 0; asked < 3; asked++) {
      expect(reduced(await allEvents(await served.start(question))).text).toBe('other')
    }
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(first.ledger).toHaveLength(1)
  })

  it('sends those who would have to wait to another model', async () => {
    const [first, other] = [await modelOf(slow), await modelOf({ answer: 'other' })]
    const { served } = await relayOf({
      upstreams: [upstreamOf(first, ['first']), upstreamOf(other, ['other'])],
      fallbacks: { first: ['other'] },
      perModel: { first: { concurrency: 1 } },
      patience: 50,
    })
    first.always({ type: 'stall', afterTokens: 1 })
    await served.start(question)
    await first.waitForCall()
    expect(reduced(await allEvents(await served.start(question))).text).toBe('other')
  })
})

it('a model has the settings of its longest name: its own, then its family, then the defaults', () => {
  const defaults = { timeouts: timeoutDefaults, maxRetries: 2 }
  const own = { ...presets, 'claude-fast-': { maxRetries: 1 }, 'gpt-x': { concurrency: 3, timeouts: { idle: 5 } } }
  expect(settingsOf('claude-sonnet-4.5', own, defaults)).toMatchObject({
    concurrency: [3, 8],
    timeouts: { idle: 90_000 },
  })
  expect(settingsOf('claude-fast-1', own, defaults)).toMatchObject({ concurrency: undefined, maxRetries: 1 })
  expect(settingsOf('gpt-x', own, defaults)).toMatchObject({ concurrency: [3, 3], timeouts: { head: 60_000, idle: 5 } })
  expect(settingsOf('llama', own, defaults)).toMatchObject({ concurrency: undefined, ...defaults })
})

describe('[R65] the circuit of an upstream', () => {
  it('opens after failures in a row: then nothing is asked of it until one request finds it back', async () => {
    let time = 0
    const { upstream, ask, route, eventsOf } = await relayed({ circuit: { failures: 3, pause: 1000 }, now: () => time })
    upstream.always({ type: 'status', status: 503 })
    for (let failed = 0; failed < 5; failed++) {
      expect((await ask()).end).toMatchObject({ state: 'error', code: 'upstream_unavailable' })
    }
    expect(upstream.ledger).toHaveLength(3)
    expect(route.upstreams()).toMatchObject([{ provider: 'openai', state: 'open', failures: 3, opensIn: 1000 }])
    upstream.always(undefined)
    time = 1000
    expect((await ask()).end.state).toBe('done')
    expect(route.upstreams()).toMatchObject([{ state: 'closed', failures: 0, opensIn: 0 }])
    expect(eventsOf('circuit').map((event) => 'state' in event && event.state)).toEqual(['open', 'half-open', 'closed'])
  })

  it('sends requests to another upstream while it is open', async () => {
    const [first, other] = [await modelOf(), await modelOf({ answer: 'other' })]
    const { served } = await relayOf({
      upstreams: [upstreamOf(first, ['first']), upstreamOf(other, ['other'], 'gemini')],
      fallbacks: { first: ['other'] },
      circuit: { failures: 1, pause: 60_000 },
      maxRetries: 0,
    })
    first.always({ type: 'status', status: 500 })
    for (let asked = 0; asked < 3; asked++) {
      expect(reduced(await allEvents(await served.start(question))).text).toBe('other')
    }
    expect(first.ledger).toHaveLength(1)
  })

  it.each([429, 400, 401, 404])('says nothing of %i, which is no trouble of the upstream', async (status) => {
    const { upstream, ask } = await relayed({ circuit: { failures: 1, pause: 60_000 } })
    upstream.next({ type: 'status', status })
    await ask()
    expect((await ask()).end.state).toBe('done')
  })

  it('opens for an upstream that accepts and then says nothing, and not for one whose answers break off', async () => {
    const { upstream, ask, route } = await relayed({
      circuit: { failures: 2, pause: 60_000 },
      timeouts: { firstToken: 300 },
    })
    upstream.next({ type: 'stall' }, { type: 'cut', afterTokens: 2 }, { type: 'stall' }, { type: 'stall' })
    for (let asked = 0; asked < 3; asked++) await ask()
    expect(route.upstreams()).toMatchObject([{ state: 'closed', failures: 1 }])
    await ask()
    expect(route.upstreams()).toMatchObject([{ state: 'open' }])
  })
})
