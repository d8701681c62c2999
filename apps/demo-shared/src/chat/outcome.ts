import type { ChatMessage } from '@keepstream/core/chat'
import type { ChatCopy } from '../copy/chat'
import type { Note } from './keep'

/** What a person can do about an answer that is over: read on from where it broke off, or ask anew, which a model bills again. */
export type Remedy = 'resume' | 'askAgain'

/** How an answer that needs words came out. */
export interface Outcome {
  readonly heading: string
  readonly explanation: string
  /** The engine's own sentence. */
  readonly details: string
  readonly remedies: readonly Remedy[]
}

/** The banner for an answer that broke off or failed; nothing for all others. */
export function describeOutcome(
  { status, error, content }: Pick<ChatMessage, 'status' | 'error' | 'content'>,
  { outcome }: ChatCopy,
): Outcome | undefined {
  if (status !== 'interrupted' && status !== 'failed') return undefined
  // The page was left before the answer was over, and could not rejoin it.
  const left = { heading: outcome.interrupted, explanation: outcome.interruptedLeft, details: outcome.left }
  if (!error) return { ...left, remedies: ['askAgain'] }
  const passing = error.retryable || (error.code === 'http' && (error.status ?? 0) >= 500)
  const remedies: readonly Remedy[] = passing ? ['resume', 'askAgain'] : ['askAgain']
  const details = error.message
  if (status === 'failed' && content === '') {
    const explanation = passing ? outcome.failedNetwork : outcome.failedServer
    return { heading: outcome.failed, explanation, details, remedies }
  }
  const explanation =
    error.code === 'gone' ? outcome.interruptedGone : passing ? outcome.interruptedNetwork : outcome.interruptedAway
  return { heading: outcome.interrupted, explanation, details, remedies }
}

/** The line of proof below an answer that is complete. */
export function describeProof({ calls, drops }: Pick<Note, 'calls' | 'drops'>, { outcome }: ChatCopy): string {
  const asked = calls === undefined ? '' : outcome.asked(calls)
  return [drops > 0 ? outcome.drops(drops) : '', asked].filter(Boolean).join(' ')
}

/** What became of the wish to stop, where there is something to say. */
export function describeStop(stop: Note['stop'], { outcome }: ChatCopy): string {
  const sentences = {
    telling: outcome.stopping,
    confirmed: outcome.stopConfirmed,
    unconfirmed: outcome.stopUnconfirmed,
  }
  return stop ? sentences[stop] : ''
}

/** What an answer used, in tokens and money, as far as the server told. */
export function describeUsage({ data }: Pick<ChatMessage, 'data'>, { usage }: ChatCopy): string {
  if (!data?.usage) return ''
  const { totalTokens, cost } = data.usage
  return [usage.tokens(totalTokens), cost ? usage.cost(cost.amount, cost.currency) : ''].filter(Boolean).join(' · ')
}
