import type { ModelFault } from '@keepstream/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { modelOf, question, reduced, relayOf, upstreamOf } from '../../test/relayed'
import { allEvents, until } from '../../test/served'

const fault = fc.oneof(
  fc.constantFrom<ModelFault>(
    { type: 'none' },
    { type: 'status', status: 503, retryAfter: 0 },
    { type: 'status', status: 429 },
    { type: 'status', status: 400 },
    { type: 'html' },
    { type: 'cut' },
    { type: 'error' },
  ),
  fc.record({ type: fc.constantFrom('cut' as const, 'stall' as const, 'error' as const), afterTokens: fc.nat(4) }),
  fc.record({ type: fc.constant('slow-head' as const), ms: fc.integer({ min: 1, max: 30 }) }),
)
const provider = fc.constantFrom(
  'openai' as const,
  'openai-responses' as const,
  'anthropic' as const,
  'gemini' as const,
)

it('[R36 R37 R65] whenever answers are stopped: each ends once, none is billed twice, and no place stays taken', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  const pace = { answer: 'one two three four five', tokensPerSecond: 200 }
  try {
    const given = fc.record({
      faults: fc.array(fault, { maxLength: 5 }),
      providers: fc.tuple(provider, provider),
      background: fc.boolean(),
      concurrency: fc.constantFrom(undefined, 1, 2),
      stops: fc.array(fc.option(fc.integer({ min: 0, max: 80 }), { nil: undefined, freq: 4 }), {
        minLength: 1,
        maxLength: 4,
      }),
    })
    await fc.assert(
      fc.asyncProperty(given, async ({ faults, providers: [one, two], background, concurrency, stops }) => {
        await using first = await modelOf(pace)
        await using other = await modelOf(pace)
        const { served, route } = await relayOf({
          upstreams: [
            { ...upstreamOf(first, ['first'], one), background: background && one === 'openai-responses' },
            upstreamOf(other, ['other'], two),
          ],
          fallbacks: { first: ['other'] },
          perModel: concurrency ? { first: { concurrency } } : {},
          timeouts: { idle: 200, firstToken: 200, head: 500 },
          patience: 300,
          circuit: { failures: 2, pause: 20 },
        })
        first.next(...faults)
        const ends = await Promise.all(
          stops.map(async (after) => {
            const response = await served.start(question)
            if (after !== undefined) {
              await new Promise((resolve) => setTimeout(resolve, after))
              await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
            }
            const frames = await allEvents(response)
            expect(frames.filter(({ event }) => event === 'end')).toHaveLength(1)
            return reduced(frames).end.state
          }),
        )
        expect(ends.every((state) => /^(done|stopped|error)$/.test(state))).toBe(true)
        await until(() => Object.values(route.upstreams()[0]!.lines).every((line) => line.running + line.queued === 0))
        // What was ended by an error of the provider itself may be asked of the other one, and is billed there too.
        const excused = first.ledger.filter(({ fault }) => fault?.type === 'error').length
        expect(first.calls + other.calls - excused).toBeLessThanOrEqual(stops.length)
        await Promise.all([first.idle(), other.idle()])
        await served[Symbol.asyncDispose]()
      }),
      { numRuns: 15, timeout: 20_000 },
    )
    expect(unhandled).toEqual([])
  } finally {
    process.off('unhandledRejection', note)
  }
}, 120_000)
