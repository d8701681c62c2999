import type { ChatMessage } from './chat-message'
import { refusal } from './chat-refusal'

/** Somebody who waits in a conversation until the answer that is under way is over. */
export interface Waiting {
  /** What will be said; absent where an answer is asked for once more. */
  readonly message: ChatMessage | undefined
  /** Whose turn has come, asks for the answer. */
  readonly begin: () => void
  readonly refuse: (error: unknown) => void
}

/** First come, first served. */
export type ChatLine = readonly Waiting[]

/** What waits to be said. */
export const messagesIn = (line: ChatLine): readonly ChatMessage[] => line.flatMap(({ message }) => message ?? [])

/** Their turn will not come. */
export function refuseAll(line: ChatLine): void {
  for (const { refuse } of line) refuse(refusal('stopped', 'Stopped before it was sent.'))
}
