import type { CompareOptions } from '@keepstream/core/compare'
import type { Stopwatch } from './stopwatch'
import { type TurnLimit, turnOf } from './turns'

// As many as a person can read side by side.
export const mostModels = 4

/**
 * What the models are asked with. The clocks are shorter than the defaults, so that a stall shows while somebody watches; the
 * delays stray less than by default, so that there is a countdown to see.
 */
export const optionsOf = (models: readonly string[], limit: TurnLimit, stopwatch: Stopwatch): CompareOptions => ({
  url: '/api/chat',
  clocks: { connect: 4_000, liveness: 3_000 },
  retry: { maxDelay: 6_000, jitterFactor: 0.25 },
  models: Object.fromEntries(models.map((model) => [model, { via: [turnOf(limit), stopwatch.via(model)] }])),
})

export const inputOf = (question: string) => ({ messages: [{ role: 'user', content: question }] })

/** The models with one more or one less, in the order in which they are offered: never none, and never too many. */
export function toggleModel(chosen: readonly string[], model: string, offered: readonly string[]): readonly string[] {
  const next = chosen.includes(model) ? chosen.filter((name) => name !== model) : [...chosen, model]
  if (next.length === 0 || next.length > mostModels) return chosen
  return offered.filter((name) => next.includes(name))
}
