import { createStream, keepstream } from '@keepstream/core'
import type { ModelFault } from '@keepstream/testing'
import { describe, expect, it } from 'vitest'
import { answer, clocksFor, modelOf, question, reduced, relayOf, upstreamOf } from '../../test/relayed'
import { allEvents, dataOf, until } from '../../test/served'
import type { RelayOptions } from './options'
import type { Provider } from './upstream-options'

const second = 'The other model answers, 다른 모델이 답합니다.'

/** Two providers; the second one stands in for the first. */
async function pair(
  options: Partial<RelayOptions> = {},
  providers: readonly [Provider, Provider] = ['openai', 'anthropic'],
) {
  const first = await modelOf()
  const other = await modelOf({ answer: second })
  const relayed = await relayOf({
    upstreams: [upstreamOf(first, ['first'], providers[0]), upstreamOf(other, ['other'], providers[1])],
    fallbacks: { first: ['other'] },
    maxRetries: 0,
    ...options,
  })
  const ask = async (input: object = question) => reduced(await allEvents(await relayed.served.start(input)))
  return { first, other, ask, ...relayed }
}

describe('[R65] before the first token', () => {
  it.each<[ModelFault, string]>([
    [{ type: 'status', status: 503 }, 'upstream_unavailable'],
    [{ type: 'status', status: 429 }, 'upstream_busy'],
    [{ type: 'status', status: 529 }, 'upstream_unavailable'],
    [{ type: 'status', status: 401 }, 'upstream_unauthorized'],
    [{ type: 'status', status: 404 }, 'upstream_unknown_model'],
    [{ type: 'status', status: 307, headers: { location: '/elsewhere' } }, 'upstream_redirected'],
    [{ type: 'refuse' }, 'upstream_unreachable'],
    [{ type: 'error', message: 'overloaded' }, 'upstream_error'],
  ])('another model answers in silence, and is the only one that is billed: %j', async (fault, code) => {
    const { first, other, ask, eventsOf } = await pair()
    first.next(fault)
    const { text, end, of } = await ask()
    expect([text, end.state, of('retract').length]).toEqual([second, 'done', 0])
    const billed = fault.type === 'error' ? 1 : 0
    expect([first.calls, other.calls]).toEqual([billed, 1])
    const to = { upstream: 'other', model: 'other' }
    expect(eventsOf('failover')).toEqual([
      expect.objectContaining({ upstream: 'first', model: 'first', code, to, route: '/api/chat' }),
    ])
  })

  it('nobody else is asked for what the request itself is to blame', async () => {
    const { first, other, ask } = await pair()
    first.next({ type: 'status', status: 400 })
    expect((await ask()).end).toMatchObject({ state: 'error', code: 'upstream_rejected' })
    expect(other.ledger).toHaveLength(0)
  })

  it.each<[ModelFault, string]>([
    [{ type: 'slow-head', ms: 5000 }, 'upstream_timeout'],
    [{ type: 'stall' }, 'upstream_timeout'],
    [{ type: 'cut' }, 'upstream_truncated'],
    [{ type: 'html' }, 'upstream_invalid'],
    [{ type: 'status', status: 504 }, 'upstream_unavailable'],
  ])(
    'nobody else is asked while the first one may be at work, unless the application wants that: %j',
    async (fault, code) => {
      const careful = await pair({ perModel: { first: clocksFor(fault) } })
      careful.first.next(fault)
      expect((await careful.ask()).end).toMatchObject({ state: 'error', code })
      expect(careful.other.ledger).toHaveLength(0)
      for (const options of [{ retryAmbiguous: true }, { interruption: 'retract' }] as const) {
        const bold = await pair({ ...options, perModel: { first: clocksFor(fault) } })
        bold.first.next(fault)
        expect(await bold.ask()).toMatchObject({ text: second, end: { state: 'done' } })
      }
    },
  )

  it('retries come first, then the other model', async () => {
    const { first, other, ask } = await pair({ maxRetries: 2 })
    first.always({ type: 'status', status: 503, retryAfter: 0 })
    expect((await ask()).text).toBe(second)
    expect([first.ledger.length, other.calls]).toEqual([3, 1])
  })

  it('a wish to be left alone for longer than the patience is granted: the other model is asked at once', async () => {
    const { first, other, ask } = await pair({ maxRetries: 2, patience: 500 })
    first.next({ type: 'status', status: 429, retryAfter: 30 })
    const began = performance.now()
    expect((await ask()).text).toBe(second)
    expect(performance.now() - began).toBeLessThan(5000)
    expect([first.ledger.length, other.calls]).toEqual([1, 1])
  })

  it('the same model of another provider is asked before other models', async () => {
    const [one, two, three] = [await modelOf(), await modelOf({ answer: second }), await modelOf({ answer: 'third' })]
    const { served } = await relayOf({
      upstreams: [
        { ...upstreamOf(one, ['m']), name: 'one' },
        { ...upstreamOf(two, ['m'], 'gemini'), name: 'two' },
        { ...upstreamOf(three, ['n']), name: 'three' },
      ],
      fallbacks: { m: ['n'] },
      maxRetries: 0,
    })
    one.always({ type: 'status', status: 503 })
    const ask = async () => reduced(await allEvents(await served.start({ ...question, model: 'm' }))).text
    expect(await ask()).toBe(second)
    two.always({ type: 'status', status: 503 })
    expect(await ask()).toBe('third')
  })

  it('where nobody answers, the last failure is told', async () => {
    const { first, other, ask } = await pair()
    first.next({ type: 'status', status: 503 })
    other.next({ type: 'status', status: 429 })
    expect((await ask()).end).toMatchObject({ state: 'error', code: 'upstream_busy' })
  })
})

describe('[R66] after the first token', () => {
  const broken: ModelFault[] = [
    { type: 'cut', afterTokens: 5 },
    { type: 'stall', afterTokens: 5 },
    { type: 'error', afterTokens: 5 },
    { type: 'no-done' },
  ]

  it.each(broken)('the answer ends with its text, and nobody else is asked: %j', async (fault) => {
    const { first, other, ask } = await pair({ perModel: { first: clocksFor(fault) } })
    first.next(fault)
    const { text, end } = await ask()
    expect([end.state, text !== '' && answer.startsWith(text)]).toEqual(['error', true])
    expect(other.ledger).toHaveLength(0)
  })

  it.each(broken)('with `retract` it is taken back, and the next model begins again: %j', async (fault) => {
    const { first, other, served, eventsOf } = await pair({
      interruption: 'retract',
      perModel: { first: clocksFor(fault) },
    })
    first.next(fault)
    const frames = await allEvents(await served.start(question))
    const { text, end } = reduced(frames)
    expect([text, end.state]).toEqual([second, 'done'])
    const retracts = frames.filter(({ event }) => event === 'retract').map(dataOf)
    expect(retracts).toEqual([expect.objectContaining({ after: 0, attempt: 2, model: 'other' })])
    expect([first.calls, other.calls, eventsOf('failover').length]).toEqual([1, 1, 1])
  })

  it('with `retract` a client of the core ends with the second answer exactly, and its usage', async () => {
    const { first, served } = await pair({ interruption: 'retract', prices: { other: { input: 1, output: 1 } } })
    first.next({ type: 'cut', afterTokens: 5 })
    const stream = createStream({ protocol: keepstream(), url: `${served.url}/api/chat` })
    const { status, data } = await stream.start(question)
    expect([status, data.text, data.finishReason]).toEqual(['done', second, 'stop'])
    expect(data.usage).toHaveProperty('cost.currency', 'USD')
  })

  it('with `continue` the next model is asked with what the application makes, and its answer goes on', async () => {
    const { first, other, ask } = await pair({
      interruption: 'continue',
      continueWith: (input, { text }) => ({
        ...input,
        messages: [...input.messages, { role: 'assistant', content: text }, { role: 'user', content: 'Go on.' }],
      }),
    })
    first.next({ type: 'cut', afterTokens: 5 })
    const { text, end, of } = await ask({ ...question, max_tokens: 900 })
    const kept = text.slice(0, text.length - second.length)
    expect([text.endsWith(second), answer.startsWith(kept), kept.length > 0, end.state]).toEqual([
      true,
      true,
      true,
      'done',
    ])
    expect(of('retract')).toEqual([])
    expect(other.ledger[0]!.body).toMatchObject({
      max_tokens: 900,
      messages: [
        { role: 'user' },
        { role: 'assistant', content: [{ type: 'text', text: kept }] },
        { role: 'user', content: [{ type: 'text', text: 'Go on.' }] },
      ],
    })
  })

  it('with `continue` nothing goes on after the half of a tool call, nor where the application says so', async () => {
    const never = await pair({ interruption: 'continue', continueWith: () => undefined })
    never.first.next({ type: 'cut', afterTokens: 5 })
    expect((await never.ask()).end).toMatchObject({ state: 'error', code: 'upstream_truncated' })
    const first = await modelOf({
      answer: { text: 'I look.', toolCalls: [{ name: 'look', arguments: { at: 'a cat' } }] },
    })
    const other = await modelOf()
    let asked = 0
    const { served } = await relayOf({
      upstreams: [upstreamOf(first, ['first']), upstreamOf(other, ['other'])],
      fallbacks: { first: ['other'] },
      interruption: 'continue',
      continueWith: (input) => {
        asked++
        return input
      },
    })
    first.next({ type: 'cut', afterTokens: 6 })
    const { end } = reduced(await allEvents(await served.start({ ...question, model: 'first' })))
    expect([end.state, asked, other.ledger.length]).toEqual(['error', 0, 0])
  })

  it('a stop while the next model answers stops that one', async () => {
    const first = await modelOf()
    const other = await modelOf({ answer: 'word '.repeat(500), tokensPerSecond: 100 })
    const { served } = await relayOf({
      upstreams: [upstreamOf(first, ['first']), upstreamOf(other, ['other'], 'gemini')],
      fallbacks: { first: ['other'] },
      interruption: 'retract',
    })
    first.next({ type: 'cut', afterTokens: 5 })
    const response = await served.start(question)
    await until(() => other.calls === 1)
    await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
    await other.waitForAbort()
    expect(reduced(await allEvents(response)).end.state).toBe('stopped')
  })
})
