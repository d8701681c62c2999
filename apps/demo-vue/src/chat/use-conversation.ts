import { useChat } from '@keepstream/vue'
import { chatOptions } from 'demo-shared/chat/chat-options'
import { createJournal } from 'demo-shared/chat/journal'
import type { Settings } from 'demo-shared/chat/settings'
import { type Ref, watch } from 'vue'
import { useSource } from '../parts/use-source'

/** The conversation of this tab, with what is noted of its answers. */
export function useConversation(settings: Readonly<Ref<Settings>>) {
  const journal = createJournal()
  const notes = useSource(journal)
  const chat = useChat(() => chatOptions(journal, settings.value))

  watch(chat.stream, (stream, _, onCleanup) => onCleanup(journal.watch(stream)), { immediate: true })
  watch(chat.messages, (messages) => journal.observe(messages), { immediate: true })

  return { chat, notes, noteStop: journal.noteStop }
}
