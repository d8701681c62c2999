import type { MessagePart, Usage } from '@keepstream/core'
import type { ProducerContext } from '../generation'
import { ask } from './ask'
import type { Candidate } from './candidate'
import type { ChatInput } from './chat-input'
import { isWorthAsking } from './failure'
import type { RelaySettings } from './options'

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
  let before: Usage | undefined

  const append = (part: MessagePart) =>
    part.type === 'text' && !part.choice ? context.text(part.text) : context.append(...entryOf(part))

  for (const [index, candidate] of candidates.entries()) {
    const next = candidates[index + 1]
    const mark = context.mark()
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
    if (answered.state === 'done' || signal.aborted) return
    const { error, begun, atWork } = answered
    const secondBill =
      (begun || atWork) && relay.interruption === 'error' && !(atWork && !begun && relay.retryAmbiguous)
    if (!next || secondBill || !isWorthAsking(error)) throw error
    if (begun && relay.interruption === 'retract') {
      await context.retract(beginning, { attempt: index + 2, model: next.model })
    } else if (begun) {
      const { state } = context.mark()
      // No text goes on with the half of a call, nor with one of several answers.
      const whole = state && !state.toolCalls[0] && !state.alternatives[0]
      const rest = whole ? relay.continueWith?.(context.input, state) : undefined
      if (!rest) throw error
      input = { ...context.input, messages: rest.messages }
      before = state?.usage
    }
    const { upstream, model } = candidate
    const to = { upstream: next.upstream.name, model: next.model }
    report({ type: 'failover', upstream: upstream.name, model, code: error.reason!, to })
  }
}

/** The event and its data for one part, as PROTOCOL.md has them. */
export function entryOf(part: MessagePart): [event: string, data: unknown] {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return [part.type, part.choice ? { text: part.text, choice: part.choice } : part.text]
    case 'usage':
      return ['usage', part.usage]
    case 'data':
      return [part.name, part.value]
    default: {
      const { type, ...data } = part
      return [type, data]
    }
  }
}
