import { keepstream, type Message } from '@keepstream/core'
import type { EntryInput } from './entry'

/** What the entries of an answer reduce to, kept while it is produced: what a snapshot is made of. */
export interface Summary {
  readonly state: Message
  readonly add: (entry: EntryInput) => void
  /** Goes back to what the state was. */
  readonly restore: (state: Message) => void
}

/** Folds with the protocol that readers fold with, so that the state is theirs. */
export function createSummary(): Summary {
  const { initial, decode, reduce } = keepstream()
  let state = initial()
  return {
    get state() {
      return state
    },
    add({ event, data }) {
      const parts = decode({ event, data }, undefined)
      if (Array.isArray(parts)) for (const part of parts) state = reduce(state, part)
    },
    restore(earlier) {
      state = earlier
    },
  }
}
