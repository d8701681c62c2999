import { useChat } from '@keepstream/react'
import { chatOptions } from 'demo-shared/chat/chat-options'
import { createJournal } from 'demo-shared/chat/journal'
import type { Settings } from 'demo-shared/chat/settings'
import { useEffect, useState } from 'react'
import { useSource } from '../parts/use-source'

/** The conversation of this tab, with what is noted of its answers. */
export function useConversation(settings: Settings) {
  const [journal] = useState(createJournal)
  const notes = useSource(journal)
  const chat = useChat(chatOptions(journal, settings))
  const { stream, messages } = chat

  useEffect(() => journal.watch(stream), [journal, stream])
  useEffect(() => journal.observe(messages), [journal, messages])

  return { chat, notes, noteStop: journal.noteStop }
}
