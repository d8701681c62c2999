import { StreamError, type StreamErrorCode } from '@keepstream/core'
import type { ChatMessage } from '@keepstream/core/chat'

/** What the page knows of an answer beside what it says. */
export interface Note {
  /** By what name it was asked for, until it is known how often the model was asked. */
  readonly asked?: string | undefined
  /** How often the model was asked, once the answer is complete; absent where the server cannot tell. */
  readonly calls?: number | undefined
  /** How often the connection was lost on the way. Attempts to get it back that fail are not counted. */
  readonly drops: number
  /** What became of the person's wish to stop it. */
  readonly stop?: 'telling' | 'confirmed' | 'unconfirmed' | undefined
}

export interface Conversation {
  readonly messages: readonly ChatMessage[]
  /** By the ids of answers. */
  readonly notes: Readonly<Record<string, Note>>
}

type KeptMessage = Omit<ChatMessage, 'error'> & {
  readonly error?: { readonly code: StreamErrorCode; readonly message: string; readonly status?: number | undefined }
}

const name = 'conversation'

/** Keeps the conversation for this tab, so that it is still there when the page is loaded again. */
export function keepConversation({ messages, notes }: Conversation): void {
  const kept = messages.map(({ error, ...message }): KeptMessage => {
    return error ? { ...message, error: { code: error.code, message: error.message, status: error.status } } : message
  })
  try {
    sessionStorage.setItem(name, JSON.stringify({ messages: kept, notes }))
  } catch {
    // Full, or forbidden: the page works without.
  }
}

/** The conversation of this tab, as far as it can be read. */
export function findConversation(): Conversation {
  try {
    const { messages, notes } = JSON.parse(sessionStorage.getItem(name) ?? '{}') as Conversation
    return { messages: messages.map(findMessage), notes: Object.fromEntries(Object.entries(notes).map(findNote)) }
  } catch {
    return { messages: [], notes: {} }
  }
}

function findMessage({ error, ...message }: KeptMessage): ChatMessage {
  if (!message.id || !message.role || typeof message.content !== 'string') throw new TypeError('This is no message.')
  if (!error) return message
  const { code, message: sentence, status } = error
  return { ...message, error: new StreamError(code, sentence, status === undefined ? {} : { status }) }
}

/** Whether the server heard the stop of a page that is gone, nobody knows. */
const findNote = ([id, note]: [string, Note]): [string, Note] => [
  id,
  note.stop === 'telling' ? { ...note, stop: 'unconfirmed' } : note,
]
