import { refusal } from './chat-refusal'
import type { StreamError } from './errors'
import type { Message } from './message'
import { check } from './option'
import { isActive, type Snapshot, type Status } from './session/transition'

/** What a person says, or a tool answers. */
export interface ChatDraft {
  readonly content: string
  /** Default `user`. */
  readonly role?: 'user' | 'system' | 'tool'
  /** Whatever belongs to the message, such as attachments or the model that was chosen. Only `request` reads it. */
  readonly metadata?: unknown
}

/** One message of a conversation. What the model said has its `data`, and says how it ended. */
export interface ChatMessage {
  /** Stays the same for the life of the message. */
  readonly id: string
  readonly role: 'user' | 'assistant' | 'system' | 'tool'
  readonly content: string
  readonly metadata?: unknown
  /** The answer with its reasoning, tool calls and usage; absent for what a person wrote. */
  readonly data?: Message
  /** What the answer is; absent for what a person wrote. Anything but `done` may be a part of an answer. */
  readonly status?: Status
  readonly error?: StreamError
}

/** The message `id` of an answer that is as `snapshot` says. */
export const messageOf = (id: string, { data, status, error }: Snapshot<Message>): ChatMessage => ({
  id,
  role: 'assistant',
  content: data.text,
  data,
  status,
  ...(error && { error }),
})

/** The message as it stays when nobody hears of it any more: an answer that was under way is only a part. */
export const cut = (message: ChatMessage): ChatMessage =>
  isActive(message.status ?? 'idle') ? { ...message, status: 'interrupted' } : message

/** What the answer `id` was to, by default that to the last message. */
export function askedFor(messages: readonly ChatMessage[], id?: string): readonly ChatMessage[] {
  const last = messages.length - (messages.at(-1)?.role === 'assistant' ? 1 : 0)
  const asked = messages.slice(0, id === undefined ? last : placeOf(messages, id, true))
  if (asked.length > 0) return asked
  throw refusal('unknown', 'There is nothing to answer yet.')
}

/** All up to the message `id`, which says `draft` now. */
export function rewritten(messages: readonly ChatMessage[], id: string, draft: ChatDraft): readonly ChatMessage[] {
  const place = placeOf(messages, id, false)
  return [...messages.slice(0, place), { ...messages[place]!, ...draft, id }]
}

function placeOf(messages: readonly ChatMessage[], id: string, isAnswer: boolean): number {
  const place = messages.findIndex((message) => message.id === id && (message.role === 'assistant') === isAnswer)
  if (place >= 0) return place
  throw refusal('unknown', `There is no such message: ${id}.`)
}

export function readDraft(draft: string | ChatDraft): ChatDraft {
  const said = typeof draft === 'string' ? { content: draft } : draft
  const { content, metadata, role = 'user' } = said ?? {}
  const valid = typeof content === 'string' && (content !== '' || metadata !== undefined)
  check(valid && /^(user|system|tool)$/.test(role), 'draft', draft, 'a text, or `{ content, role }`')
  return said
}

export function checkMessages(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const ids = new Set<unknown>()
  const valid =
    Array.isArray(messages) &&
    messages.every(
      (message) => message?.id && message.role && typeof message.content === 'string' && ids.add(message.id),
    )
  check(
    valid && ids.size === messages.length,
    'messages',
    messages,
    'messages, each with its own `id`, `role`, `content`',
  )
  return messages
}
