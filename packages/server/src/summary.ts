import { keepstream, type Message } from '@keepstream/core'
import type { EntryInput } from './entry'

/** The protocol that readers fold with, so that the state is theirs. */
const { initial, decode, reduce } = keepstream()

/** What the entries of an answer reduce to, before there are any: what a snapshot is made of. */
export const emptySummary = initial

/** The state after one more entry. Pure. Throws a `decode` error for an entry that no reader could take. */
export function summaryAfter(state: Message, { event, data }: EntryInput): Message {
  const decoded = decode({ event, data }, undefined)
  if (!decoded) return state
  if (!('type' in decoded)) return decoded.reduce(reduce, state)
  return decoded.type === 'reset' ? (decoded.data ?? initial()) : state
}
