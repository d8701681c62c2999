import type { MessagePart, StreamError } from '@keepstream/core'
import type { ProducerContext } from '../generation'
import { patienceOf } from './answer'
import { ask } from './ask'
import type { Candidate } from './candidate'
import type { ChatInput } from './chat-input'
import { isWorthAsking } from './failure'
import type { RelaySettings } from './options'
import { appendPart } from './parts'
import { addUsage, type PricedUsage } from './price'

/** How one model of a comparison fares, as readers are told in the event `comparison`. */
export interface ComparedChoice {
  readonly model: string
  readonly state: 'pending' | 'done' | 'error'
  readonly usage?: PricedUsage | undefined
  readonly code?: string | undefined
  readonly message?: string | undefined
}

/**
 * Several models answer one request, each as a choice of one stream: one connection, one key and one place to come back to. No
 * other model stands in for one of them, since that one would be compared in its name. One that fails ends none of the others.
 */
export async function compare(
  models: readonly (readonly Candidate[])[],
  context: ProducerContext<ChatInput>,
  relay: RelaySettings,
): Promise<void> {
  const { input, signal, append, report } = context
  const choices = models.map(([first]): ComparedChoice => ({ model: first!.model, state: 'pending' }))
  const errors: StreamError[] = []
  await append('comparison', { choices })

  async function answerChoice(choice: number, candidates: readonly Candidate[]): Promise<void> {
    for (const [index, candidate] of candidates.entries()) {
      const next = candidates[index + 1]
      const answered = await ask(
        {
          candidate,
          input,
          patience: patienceOf(candidate, !next, relay),
          before: undefined,
          signal,
          append: (part) => (isOfOne(part) ? appendPart(context, numbered(part, choice)) : undefined),
          report,
        },
        relay,
      )
      if (signal.aborted) return
      const { model } = candidate
      if (answered.state === 'done') return settle(choice, { model, state: 'done', usage: answered.usage })
      const { error, begun, atWork, usage } = answered
      if (next && !begun && !(atWork && !relay.retryAmbiguous) && isWorthAsking(error)) {
        const to = { upstream: next.upstream.name, model }
        report({ type: 'failover', upstream: candidate.upstream.name, model, code: error.reason!, to })
        continue
      }
      errors.push(error)
      return settle(choice, { model, state: 'error', usage, code: error.reason, message: error.message })
    }
  }

  async function settle(choice: number, outcome: ComparedChoice): Promise<void> {
    choices[choice] = outcome
    await append('comparison', { choices })
    let sum: PricedUsage | undefined
    for (const { usage } of choices) if (usage) sum = addUsage(sum, usage)
    if (outcome.usage) await append('usage', sum)
  }

  await Promise.all(models.map((candidates, choice) => answerChoice(choice, candidates)))
  if (errors.length === models.length) throw errors[0]!
}

/** One answer was asked for: what a model says of further ones would stand in those of the others. Usage is told as a sum. */
const isOfOne = (part: MessagePart) => part.type !== 'usage' && !('choice' in part && part.choice)

/** The same part as one of a choice. What has no number by itself is told apart by its name. */
function numbered(part: MessagePart, choice: number): MessagePart {
  if (choice === 0 || part.type === 'usage') return part
  return part.type === 'data' ? { ...part, name: `${part.name}-${choice}` } : { ...part, choice }
}
