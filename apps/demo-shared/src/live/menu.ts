import type { Copy } from '../copy/copy'
import type { Recipient } from './send'
import { isClient, type Tab } from './tab'

/** What is chosen in the menu of recipients: everybody, an id that is typed in, or a tab of this browser by its id. */
export type Choice = 'everyone' | 'other' | (string & {})

/** One line of that menu. */
export interface MenuItem {
  readonly choice: Choice
  readonly label: string
}

/** Who can be sent to. A tab that was chosen stays, for it may come back: a word for one must never go to all instead. */
export function readMenu(neighbours: readonly Tab[], chosen: Tab | undefined, { live }: Copy): readonly MenuItem[] {
  const gone = chosen !== undefined && !neighbours.some(({ client }) => client === chosen.client)
  const tabs = gone ? [...neighbours, chosen] : neighbours
  return [
    { choice: 'everyone', label: live.form.everyone },
    ...tabs.map(({ client, name }) => ({ choice: client, label: live.form.neighbour(name) })),
    { choice: 'other', label: live.form.other },
  ]
}

/** Whom a message goes to; absent where the id that was typed in is none. */
export function recipientOf(choice: Choice, typed: string): Recipient | undefined {
  if (choice === 'everyone') return { type: 'everyone' }
  const client = choice === 'other' ? typed.trim() : choice
  return isClient(client) ? { type: 'client', client } : undefined
}
