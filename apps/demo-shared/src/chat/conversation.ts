import type { Message, Snapshot } from '@keepstream/core'

/** What a page shows of an answer: the snapshot of its stream, or what is left of it once the next question was asked. */
export type Answer = Pick<Snapshot<Message>, 'status' | 'connection' | 'data' | 'error'>

/** A question and, once a later one was asked, its answer for good. The answer to the last question is the live stream. */
export interface Turn {
  readonly id: number
  readonly question: string
  /** When the answer was asked for, as a time of `Date.now()`. */
  readonly askedAt: number
  readonly answer: Answer | undefined
  /** What became of the person's wish to stop it. */
  readonly stop: 'telling' | 'confirmed' | 'unconfirmed' | undefined
}

export interface ChatMessage {
  readonly role: 'user' | 'assistant'
  readonly content: string
}

export const isRunning = ({ status }: Answer): boolean => status === 'pending' || status === 'streaming'

/** The conversation with one more question; the answer before it is kept as it stands. */
export function ask(turns: readonly Turn[], current: Answer, question: string): readonly Turn[] {
  const settled = turns.map((turn) => (turn.answer ? turn : { ...turn, answer: current }))
  return [...settled, { id: turns.length, question, askedAt: Date.now(), answer: undefined, stop: undefined }]
}

/** The conversation with its last question asked once more. */
export function askAgain(turns: readonly Turn[]): readonly Turn[] {
  return turns.map((turn, index) =>
    index < turns.length - 1 ? turn : { ...turn, askedAt: Date.now(), stop: undefined },
  )
}

export function noteStop(turns: readonly Turn[], id: number, stop: Turn['stop']): readonly Turn[] {
  return turns.map((turn) => (turn.id === id ? { ...turn, stop } : turn))
}

/** What a model is sent: every question, and every answer of which something arrived. */
export function messagesOf(turns: readonly Turn[]): readonly ChatMessage[] {
  return turns.flatMap(({ question, answer }, index): ChatMessage[] => {
    const user: ChatMessage = { role: 'user', content: question }
    if (index === turns.length - 1) return [user]
    const text = answer?.data.text
    return text ? [user, { role: 'assistant', content: text }] : []
  })
}
