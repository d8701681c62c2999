import { expect, it } from 'vitest'
import { addUsage, checkPrices, costOf } from './price'

const usage = { inputTokens: 1000, outputTokens: 500, totalTokens: 1500 }

it.each([
  [{}, { input: 8, output: 32 }, 0.024],
  [{ cachedInputTokens: 400 }, { input: 8, output: 32, cachedInput: 2 }, 0.0216],
  [{ cachedInputTokens: 400 }, { input: 8, output: 32 }, 0.024],
  [{ reasoningTokens: 100 }, { input: 8, output: 32, reasoning: 40 }, 0.0248],
  [{ cachedInputTokens: 5000, reasoningTokens: 900 }, { input: 8, output: 32, cachedInput: 0, reasoning: 0 }, 0],
  [{}, { input: 0.1, output: 0.2 }, 0.0002],
])('usage %j at %j costs %d', (more, price, amount) => {
  expect(costOf({ ...usage, ...more }, price, 'USD')).toEqual({ amount, currency: 'USD' })
})

it('adds the tokens of several calls, and makes up no counts that neither had', () => {
  expect(addUsage(undefined, usage)).toBe(usage)
  expect(addUsage(usage, { ...usage, reasoningTokens: 5 })).toEqual({
    inputTokens: 2000,
    outputTokens: 1000,
    totalTokens: 3000,
    reasoningTokens: 5,
  })
})

it.each([
  [{ m: { input: 1 } }, 'relay.prices.m.output is undefined'],
  [{ m: { input: -1, output: 1 } }, 'relay.prices.m.input is -1'],
  [{ m: { input: 1, output: 1, cached: 1 } }, 'There is no option relay.prices.m.cached'],
  [{ m: 5 }, 'relay.prices.m is no price'],
])('refuses the prices %j', (prices, message) => {
  expect(() => checkPrices(prices as never)).toThrow(
    expect.objectContaining({ code: 'option', message: expect.stringContaining(message) }),
  )
})
