import type { Copy } from '../copy/copy'
import type { Answer } from './conversation'
import { describeOutcome } from './outcome'

/**
 * What a screen reader is told: changes of state, and the answer once it is complete. Neither tokens nor countdowns, which
 * would talk over everything else.
 */
export function announcement(answer: Answer, copy: Copy['chat']): string {
  const { announce, outcome } = copy
  const { status, connection, data } = answer
  if (status === 'idle') return ''
  if (status === 'done') return `${announce.done} ${data.text}`
  if (status === 'stopped') return outcome.stopped
  const failed = describeOutcome(answer, copy)
  if (failed) return `${failed.heading}. ${failed.explanation}`
  if (connection.attempt <= 1) return announce.pending
  return connection.state === 'open' ? announce.back : announce.waiting
}
