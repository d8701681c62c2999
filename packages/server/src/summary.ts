import { keepstream, type Message } from '@keepstream/core'
import type { EntryInput } from './entry'

/** What the entries of an answer reduce to, kept while it is produced: what a snapshot is made of. */
export interface Summary {
  readonly state: Message
  readonly add: (entry: EntryInput) => void
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
      const decoded = decode({ event, data }, undefined)
      if (!decoded) return
      if (!('type' in decoded)) for (const part of decoded) state = reduce(state, part)
      else if (decoded.type === 'reset') state = decoded.data ?? initial()
    },
  }
}
