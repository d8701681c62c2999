import type { ChatMessage } from '@keepstream/core/chat'
import { type Inspected, watchEvents } from '@keepstream/core/statistics'
import { isRunning } from '../shell/wire'
import { readCalls } from './faults'
import { type Conversation, findConversation, keepConversation, type Note } from './keep'
import { requestOf, type Settings } from './settings'

/** What the page knows of its answers beside what they say, kept over reloads together with what they say. */
export interface Journal {
  /** The conversation as this tab left it. */
  readonly messages: readonly ChatMessage[]
  /** The notes by the ids of answers; the same object until something changes. */
  readonly get: () => Conversation['notes']
  readonly subscribe: (listener: () => void) => () => void
  /** What a model is sent, of which it takes note: for the option of the conversation. */
  readonly request: (messages: readonly ChatMessage[], settings: Settings) => unknown
  /** To be told whenever the conversation has changed. */
  readonly observe: (messages: readonly ChatMessage[]) => void
  readonly noteStop: (id: string, stop: Note['stop']) => void
  /** Counts how often `stream` is lost; returns how to leave. */
  readonly watch: (stream: Inspected) => () => void
}

export function createJournal(): Journal {
  const found = findConversation()
  const listeners = new Set<() => void>()
  let { messages, notes } = found
  let asked: string | undefined
  let seen = ''

  function write(next: Conversation['notes']): void {
    notes = next
    keepConversation({ messages, notes })
    for (const listener of listeners) listener()
  }

  /** Changes what is noted of an answer, unless that is gone from the conversation. */
  function note(id: string, change: Partial<Note>): void {
    if (notes[id]) write({ ...notes, [id]: { ...notes[id], ...change } })
  }

  /** Asks once how often the model was asked; by what name is not needed any more. */
  async function prove(id: string, asked: string): Promise<void> {
    const calls = await readCalls(asked)
    note(id, { calls: calls?.length, asked: undefined })
  }

  return {
    messages: found.messages,
    get: () => notes,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    request(messages, settings) {
      // Two tabs may ask the same in the same moment: what they say does not tell them apart.
      asked = mintName()
      return { ...requestOf(messages, settings), user: asked }
    },
    observe(next) {
      messages = next
      const last = next.at(-1)
      const state = `${next.length} ${last?.id} ${last?.status}`
      // With each of its words there is nothing new to note.
      if (state === seen) return
      seen = state
      const ids = new Set(next.map(({ id }) => id))
      const left = Object.fromEntries(Object.entries(notes).filter(([id]) => ids.has(id)))
      if (last?.role === 'assistant' && !left[last.id]) {
        left[last.id] = { drops: 0, asked }
        asked = undefined
      }
      write(left)
      const name = last && left[last.id]?.asked
      if (last?.status === 'done' && name !== undefined) void prove(last.id, name)
    },
    noteStop: (id, stop) => note(id, { stop }),
    watch(stream) {
      let open = false
      // Whoever leaves the page lets go of the connection: that is no loss of it, also where the page is shown again.
      const leaving = () => {
        open = false
      }
      addEventListener('pagehide', leaving)
      const unwatch = watchEvents(stream, ({ type }) => {
        if (type === 'open' || type === 'resumed') open = true
        if (type !== 'retry-scheduled' || !open) return
        open = false
        const last = messages.at(-1)
        if (last && isRunning({ status: last.status ?? 'idle' }))
          note(last.id, { drops: (notes[last.id]?.drops ?? 0) + 1 })
      })
      return () => {
        removeEventListener('pagehide', leaving)
        unwatch()
      }
    },
  }
}

const mintName = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')
