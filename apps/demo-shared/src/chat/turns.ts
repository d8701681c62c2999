import type { ChatMessage } from '@keepstream/core/chat'

/** A question and its answer, once that was asked for. */
export interface Turn {
  readonly question: ChatMessage
  readonly answer: ChatMessage | undefined
}

export function turnsOf(messages: readonly ChatMessage[]): readonly Turn[] {
  const turns: Turn[] = []
  for (const message of messages) {
    const last = turns.at(-1)
    if (message.role !== 'assistant') turns.push({ question: message, answer: undefined })
    else if (last) turns[turns.length - 1] = { ...last, answer: message }
  }
  return turns
}
