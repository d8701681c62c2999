import type { ChatMessage, ChatSnapshot } from '@keepstream/core/chat'
import type { ChatCopy } from '../copy/chat'
import { plainText } from '../prose/plain-text'
import { describeOutcome } from './outcome'

// About half a minute of speech: whoever wants all of a longer answer reads it.
const most = 400

/**
 * What a screen reader is told: changes of state, and the answer once it is complete. Neither tokens nor countdowns, which
 * would talk over everything else.
 */
export function announcement(
  answer: ChatMessage | undefined,
  connection: ChatSnapshot['connection'],
  copy: ChatCopy,
): string {
  const { announce, outcome } = copy
  if (!answer) return ''
  if (answer.status === 'done') return `${announce.done} ${shorten(plainText(answer.content))}`
  if (answer.status === 'stopped') return outcome.stopped
  const failed = describeOutcome(answer, copy)
  if (failed) return `${failed.heading}. ${failed.explanation}`
  if (connection.attempt <= 1) return announce.pending
  return connection.state === 'open' ? announce.back : announce.waiting
}

function shorten(text: string): string {
  if (text.length <= most) return text
  const cut = text.slice(0, most)
  return `${cut.slice(0, cut.lastIndexOf(' ') + 1 || most).trimEnd()} …`
}
