import type { MessagePart } from '@keepstream/core'
import type { ProducerContext, Retraction } from '../generation'
import { ask } from './ask'
import type { Candidate } from './candidate'
import type { ChatInput } from './chat-input'
import { isWorthAsking } from './failure'
import type { RelaySettings } from './options'
import { appendPart } from './parts'
import type { PricedUsage } from './price'

/** Without another model to ask, one may wait longer, in milliseconds. */
const lastPatience = 60_000

/** How long `candidate` may let a request wait. `isLast`: nobody else could answer. */
export function patienceOf({ settings, pool }: Candidate, isLast: boolean, relay: RelaySettings): number {
  if (!isLast) return relay.patience
  return pool ? settings.queueTimeout : lastPatience
}

/**
 * One answer, by the first of the candidates that gives it. Before the first token another one takes over in silence, where
 * none can be at work; after it by the policy of the application (PROTOCOL.md, R65 to R67).
 */
export async function answer(
  candidates: readonly Candidate[],
  context: ProducerContext<ChatInput>,
  relay: RelaySettings,
): Promise<void> {
  const { signal, report } = context
  const beginning = context.mark()
  let { input } = context
  let mark = beginning
  let before: PricedUsage | undefined
  /** Why what there is will be void, once there is something to put in its place. */
  let retraction: Retraction | undefined

  function takeBack(): void | Promise<void> {
    const why = retraction
    retraction = undefined
    return why && context.retract(beginning, why)
  }

  function append(part: MessagePart): void | Promise<void> {
    // Not awaited: the entry that follows waits for the log as well.
    void takeBack()
    return appendPart(context, part)
  }

  for (const [index, candidate] of candidates.entries()) {
    const next = candidates[index + 1]
    const answered = await ask(
      {
        candidate,
        input,
        patience: patienceOf(candidate, !next, relay),
        before,
        signal,
        append,
        discard: () => context.retract(mark),
        report,
      },
      relay,
    )
    if (signal.aborted) return
    if (answered.state === 'done') return takeBack()
    const { error, begun, atWork } = answered
    const secondBill =
      (begun || atWork) && relay.interruption === 'error' && !(atWork && !begun && relay.retryAmbiguous)
    if (!next || secondBill || !isWorthAsking(error)) throw error
    if (relay.interruption === 'retract') {
      if (begun || retraction) retraction = { attempt: index + 2, model: next.model }
    } else if (begun) {
      mark = context.mark()
      const { state } = mark
      // No text goes on with the half of a call, with one of several answers, nor where the model had finished.
      const open = state && !state.toolCalls[0] && !state.alternatives[0] && state.finishReason === undefined
      const rest = open ? relay.continueWith?.(context.input, state) : undefined
      if (!rest) throw error
      input = { ...context.input, messages: rest.messages }
      before = answered.usage ?? before
    }
    const { upstream, model } = candidate
    const to = { upstream: next.upstream.name, model: next.model }
    report({ type: 'failover', upstream: upstream.name, model, code: error.reason!, to })
  }
}
