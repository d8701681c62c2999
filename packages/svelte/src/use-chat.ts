import { type Chat, type ChatOptions, type ChatSnapshot, type HeldChat, holdChat } from '@keepstream/core/chat'
import type { Readable } from 'svelte/store'
import { useOptions } from './defaults'
import { toStore } from './reactivity'
import { useHeld, useSource } from './source'

/** What `createChat` takes, or a function of it, which may read runes: what they change never restarts anything. */
export type UseChatOptions = ChatOptions | (() => ChatOptions)

type Conversation = ChatSnapshot & Pick<Chat, 'send' | 'stop' | 'resume' | 'regenerate' | 'edit' | 'set' | 'stream'>

/** The conversation and what a person can do, twice: as getters, reactive wherever runes are, and as a readable store. */
export interface UseChatReturn extends Conversation, Readable<Conversation> {}

/**
 * Shows a conversation in whatever reads it: `chat.messages` in a template, an effect or a derived, or `$chat.messages`.
 * A server render connects nothing; an unmount does not stop the answer.
 *
 * Conversations with one `key` are one conversation, also after an unmount; without a key the caller has one of its own.
 * `messages` are those that it begins with; every other option counts from the next action.
 * Throws a `StreamError` with the code `option` where an option is wrong.
 */
export function useChat(options: UseChatOptions): UseChatReturn {
  const read = useOptions(options)
  const held = useHeld<HeldChat>((before) => {
    const { given, registry } = read()
    const next = holdChat(given, before, registry)
    next.chat.update(given)
    return next
  })
  const part = useSource(held, ({ chat }) => chat)
  const snapshot = part((all) => all)
  const messages = part((all) => all.messages)
  const status = part((all) => all.status)
  const connection = part((all) => all.connection)
  const error = part((all) => all.error)
  const busy = part((all) => all.busy)
  const queued = part((all) => all.queued)
  const actions: Pick<Chat, 'send' | 'stop' | 'resume' | 'regenerate' | 'edit' | 'set'> = {
    send: async (draft) => held.latest().chat.send(draft),
    stop: async () => held.latest().chat.stop(),
    resume: async () => held.latest().chat.resume(),
    regenerate: async (id) => held.latest().chat.regenerate(id),
    edit: async (id, draft) => held.latest().chat.edit(id, draft),
    set: (given) => held.latest().chat.set(given),
  }
  return {
    ...actions,
    get messages() {
      return messages()
    },
    get status() {
      return status()
    },
    get connection() {
      return connection()
    },
    get error() {
      return error()
    },
    get busy() {
      return busy()
    },
    get queued() {
      return queued()
    },
    get stream() {
      return held.get().chat.stream
    },
    subscribe: toStore(() => ({ ...snapshot(), ...actions, stream: held.get().chat.stream })).subscribe,
  }
}
