import { withDefaults } from '@keepstream/core'
import { type Chat, type ChatOptions, type ChatSnapshot, type HeldChat, holdChat } from '@keepstream/core/chat'
import { useMemo } from 'react'
import { useDefaults } from './defaults'
import { shown, useHeld, useSource, useUpdate } from './source'

/** What `createChat` takes. The object may be made anew for each render: that never restarts anything. */
export type UseChatOptions = ChatOptions

/** The conversation and what a person can do. The same object until something changes; the functions stay the same. */
export interface UseChatReturn
  extends ChatSnapshot,
    Pick<Chat, 'send' | 'stop' | 'resume' | 'regenerate' | 'edit' | 'set' | 'stream'> {}

/**
 * Shows a conversation in a component. A server render connects nothing; an unmount does not stop the answer.
 *
 * Conversations with one `key` are one conversation, also after an unmount; without a key the component has one of its own.
 * `messages` are those that it begins with; every other option counts from the next action.
 * With `select`, the component is rendered only when what that returns is no longer equal to what it returned before.
 * Throws a `StreamError` with the code `option` where an option is wrong.
 */
export function useChat(options: UseChatOptions): UseChatReturn
export function useChat<TSelected>(
  options: UseChatOptions,
  select: (chat: UseChatReturn) => TSelected,
  isEqual?: (before: TSelected, after: TSelected) => boolean,
): TSelected
export function useChat(
  options: UseChatOptions,
  select?: (chat: UseChatReturn) => unknown,
  isEqual?: (before: unknown, after: unknown) => boolean,
): unknown {
  const defaults = useDefaults()
  const given = withDefaults(options, defaults)
  const { chat } = useHeld<HeldChat>((before) => holdChat(given, before, defaults.registry))
  const update = useUpdate(chat.update, given)
  const source = useMemo(() => {
    const own = () => {
      update()
      return chat
    }
    const { set, stream } = chat
    const actions: Pick<Chat, 'send' | 'stop' | 'resume' | 'regenerate' | 'edit'> = {
      send: async (draft) => own().send(draft),
      stop: async () => own().stop(),
      resume: async () => own().resume(),
      regenerate: async (id) => own().regenerate(id),
      edit: async (id, draft) => own().edit(id, draft),
    }
    return shown(chat, (snapshot) => ({ ...snapshot, ...actions, set, stream }))
  }, [chat, update])
  return useSource(source, select, isEqual)
}
