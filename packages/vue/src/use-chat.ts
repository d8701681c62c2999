import { type Chat, type ChatOptions, type ChatSnapshot, type HeldChat, holdChat } from '@keepstream/core/chat'
import { type ComputedRef, computed, type MaybeRefOrGetter } from 'vue'
import { useOptions } from './defaults'
import { useHeld, useSource } from './source'

/** What `createChat` takes, or a ref or getter of it. What it reads may change: that never restarts anything. */
export type UseChatOptions = MaybeRefOrGetter<ChatOptions>

/** The conversation as refs, which may be destructured, and what a person can do. */
export interface UseChatReturn extends Pick<Chat, 'send' | 'stop' | 'resume' | 'regenerate' | 'edit' | 'set'> {
  /** The answer that is under way is the last one. A message that does not change stays the same object. */
  readonly messages: ComputedRef<ChatSnapshot['messages']>
  /** Of the latest answer; `idle` before the first one and after `set`. */
  readonly status: ComputedRef<ChatSnapshot['status']>
  readonly connection: ComputedRef<ChatSnapshot['connection']>
  /** Why the latest answer is not complete. */
  readonly error: ComputedRef<ChatSnapshot['error']>
  /** Whether an answer is under way, or somebody waits for one. */
  readonly busy: ComputedRef<boolean>
  /** What waits to be sent, oldest first, with the ids that the messages will have. */
  readonly queued: ComputedRef<ChatSnapshot['queued']>
  /** What answers, for statistics and events. */
  readonly stream: ComputedRef<Chat['stream']>
}

/**
 * Shows a conversation in a component, or in any effect scope. A server render connects nothing; an unmount does not stop
 * the answer.
 *
 * Conversations with one `key` are one conversation, also after an unmount; without a key the scope has one of its own.
 * `messages` are those that it begins with; every other option counts from the next action.
 * Throws a `StreamError` with the code `option` where an option is wrong.
 */
export function useChat(options: UseChatOptions): UseChatReturn {
  const read = useOptions(options)
  const { held, latest } = useHeld<HeldChat>((before) => {
    const { given, registry } = read()
    const next = holdChat(given, before, registry)
    next.chat.update(given)
    return next
  })
  const snapshot = useSource(() => held().chat)
  return {
    messages: computed(() => snapshot.value.messages),
    status: computed(() => snapshot.value.status),
    connection: computed(() => snapshot.value.connection),
    error: computed(() => snapshot.value.error),
    busy: computed(() => snapshot.value.busy),
    queued: computed(() => snapshot.value.queued),
    stream: computed(() => held().chat.stream),
    send: async (draft) => latest().chat.send(draft),
    stop: async () => latest().chat.stop(),
    resume: async () => latest().chat.resume(),
    regenerate: async (id) => latest().chat.regenerate(id),
    edit: async (id, draft) => latest().chat.edit(id, draft),
    set: (messages) => latest().chat.set(messages),
  }
}
