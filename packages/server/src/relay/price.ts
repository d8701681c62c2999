import { StreamError, type Usage } from '@keepstream/core'
import { checkNames } from '../option'
import type { Cost } from '../report'

/** What a model costs per million tokens. */
export interface Price {
  readonly input: number
  readonly output: number
  /** Input that the provider had in its cache. Default: as `input`. */
  readonly cachedInput?: number
  /** Tokens of reasoning, which are part of the output. Default: as `output`. */
  readonly reasoning?: number
}

/** The names of models and their prices. */
export type Prices = Readonly<Record<string, Price>>

export function checkPrices(prices: Prices): void {
  for (const [model, price] of Object.entries(prices)) {
    const option = `relay.prices.${model}`
    if (typeof price !== 'object' || price === null) {
      throw new StreamError('option', `The option ${option} is no price. Give { input, output } per million tokens.`)
    }
    checkNames(option, price, ['input', 'output', 'cachedInput', 'reasoning'])
    for (const name of ['input', 'output', 'cachedInput', 'reasoning'] as const) {
      const value = price[name]
      const optional = value === undefined && name !== 'input' && name !== 'output'
      if (optional || (Number.isFinite(value) && value! >= 0)) continue
      throw new StreamError('option', `The option ${option}.${name} is ${value}. Give a price per million tokens.`)
    }
  }
}

/** What `usage` costs. Cached input and reasoning are parts of the input and of the output, and are not counted twice. */
export function costOf(usage: Usage, price: Price, currency: string): Cost {
  const { input, output, cachedInput = input, reasoning = output } = price
  const cached = Math.min(usage.cachedInputTokens ?? 0, usage.inputTokens)
  const thought = Math.min(usage.reasoningTokens ?? 0, usage.outputTokens)
  const millionfold =
    (usage.inputTokens - cached) * input +
    cached * cachedInput +
    (usage.outputTokens - thought) * output +
    thought * reasoning
  return { amount: rounded(millionfold / 1e6), currency }
}

/** To a trillionth: what is left of the binary fractions of prices is no money. */
const rounded = (amount: number) => Math.round(amount * 1e12) / 1e12

/** Usage as a provider told it. What is no count, such as `null` or a text, would make numbers out of every sum. */
export function readUsage(told: Usage): Usage {
  const inputTokens = countOf(told.inputTokens) ?? 0
  const outputTokens = countOf(told.outputTokens) ?? 0
  const reasoningTokens = countOf(told.reasoningTokens)
  const cachedInputTokens = countOf(told.cachedInputTokens)
  return {
    inputTokens,
    outputTokens,
    totalTokens: countOf(told.totalTokens) ?? inputTokens + outputTokens,
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
  }
}

const countOf = (value: unknown) => (Number.isFinite(value) && (value as number) >= 0 ? (value as number) : undefined)

/** The tokens of several calls, and their cost where that of each is known: what lacks one would pass for the whole. */
export function addUsage(one: PricedUsage | undefined, other: PricedUsage): PricedUsage {
  if (!one) return other
  const cost = one.cost && other.cost && { ...one.cost, amount: rounded(one.cost.amount + other.cost.amount) }
  const sum = (name: 'reasoningTokens' | 'cachedInputTokens') =>
    one[name] === undefined && other[name] === undefined ? {} : { [name]: (one[name] ?? 0) + (other[name] ?? 0) }
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    totalTokens: one.totalTokens + other.totalTokens,
    ...sum('reasoningTokens'),
    ...sum('cachedInputTokens'),
    ...(cost && { cost }),
  }
}

/** Usage as it goes into the log: with its cost, where its price is known. */
export type PricedUsage = Usage & { readonly cost?: Cost }

export function priced(
  usage: Usage,
  model: string,
  { prices, currency }: { readonly prices: Prices; readonly currency: string },
): PricedUsage {
  const price = Object.hasOwn(prices, model) ? prices[model] : undefined
  return price ? { ...usage, cost: costOf(usage, price, currency) } : usage
}
