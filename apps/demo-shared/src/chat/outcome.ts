import type { Copy } from '../copy/copy'
import type { Answer, Turn } from './conversation'

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
export function describeOutcome({ status, error, data }: Answer, { outcome }: Copy['chat']): Outcome | undefined {
  if (!error) return undefined
  const passing = error.retryable || (error.code === 'http' && (error.status ?? 0) >= 500)
  const remedies: readonly Remedy[] = passing ? ['resume', 'askAgain'] : ['askAgain']
  const details = error.message
  if (status === 'failed' && data.text === '') {
    const explanation = passing ? outcome.failedNetwork : outcome.failedServer
    return { heading: outcome.failed, explanation, details, remedies }
  }
  const explanation =
    error.code === 'gone' ? outcome.interruptedGone : passing ? outcome.interruptedNetwork : outcome.interruptedAway
  return { heading: outcome.interrupted, explanation, details, remedies }
}

/** The line of proof below an answer that is complete. `calls`: how often the model was asked, where that is known. */
export function describeProof(calls: number | undefined, drops: number, { outcome }: Copy['chat']): string {
  const asked = calls === undefined ? '' : outcome.asked(calls)
  return [drops > 0 ? outcome.drops(drops) : '', asked].filter(Boolean).join(' ')
}

/** What became of the wish to stop, where there is something to say. */
export function describeStop(stop: Turn['stop'], { outcome }: Copy['chat']): string {
  const sentences = {
    telling: outcome.stopping,
    confirmed: outcome.stopConfirmed,
    unconfirmed: outcome.stopUnconfirmed,
  }
  return stop ? sentences[stop] : ''
}
