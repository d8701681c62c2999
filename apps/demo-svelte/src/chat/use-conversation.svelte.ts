import { useChat } from '@keepstream/svelte'
import { chatOptions } from 'demo-shared/chat/chat-options'
import { createJournal } from 'demo-shared/chat/journal'
import type { Settings } from 'demo-shared/chat/settings'
import { untrack } from 'svelte'
import { useSource } from '../parts/use-source'

/** The conversation of this tab, with what is noted of its answers. */
export function useConversation(settings: () => Settings) {
  const journal = createJournal()
  const notes = useSource(journal)
  const chat = useChat(() => chatOptions(journal, settings()))

  $effect(() => journal.watch(chat.stream))
  $effect(() => {
    const { messages } = chat
    untrack(() => journal.observe(messages))
  })

  return {
    chat,
    get notes() {
      return notes()
    },
    noteStop: journal.noteStop,
  }
}
