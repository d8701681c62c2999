import { type ChatMessage, checkMessages, cut, messageOf } from './chat-message'
import { mintKey } from './key'
import type { Message } from './message'
import { isActive, type Snapshot } from './session/transition'

/** The messages of a conversation, and what its last one is to the stream that answers. */
export interface Transcript {
  readonly messages: readonly ChatMessage[]
  /** `live` shows what the stream says; `left` was under way when its page was left; of `over` the stream says nothing. */
  readonly last: 'live' | 'left' | 'over'
}

/** The conversation as it was stored. Throws a `StreamError` with the code `option` where those are no messages. */
export function restored(stored: readonly ChatMessage[]): Transcript {
  const messages = checkMessages(stored).map(cut)
  return { messages, last: messages.at(-1) === stored.at(-1) ? 'over' : 'left' }
}

/** The stream has begun to answer `asked`, or goes on with it, as the message `id`. */
export const begun = (asked: readonly ChatMessage[], id: string, snapshot: Snapshot<Message>): Transcript => ({
  messages: [...asked, messageOf(id, snapshot)],
  last: 'live',
})

/** The stream says something new. `nothing`: its data where nothing has arrived. */
export function synced({ messages, last }: Transcript, snapshot: Snapshot<Message>, nothing: Message): Transcript {
  const shown = messages.at(-1)
  const before = messages.slice(0, -1)
  if (last === 'live') {
    if (isOf(shown!, snapshot, nothing)) return begun(before, shown!.id, snapshot)
    // The stream goes on to something else: what it said last stays.
    return synced({ messages: [...before, cut(shown!)], last: 'over' }, snapshot, nothing)
  }
  if (!isActive(snapshot.status)) return { messages, last }
  // An answer that another page began, or this one before it was loaded again, or another owner of the stream.
  return last === 'left' ? begun(before, shown!.id, snapshot) : begun(messages, mintKey(), snapshot)
}

/**
 * The answer of the message `id` has settled as `end`, and the stream says `now`: something else, where another owner has
 * begun another answer before anybody here saw how this one ended. Absent where that is shown already.
 */
export function settled(
  { messages, last }: Transcript,
  id: string,
  end: Snapshot<Message>,
  now: Snapshot<Message>,
): Transcript | undefined {
  const shows = messages.find((message) => message.id === id)
  const live = last === 'live' && shows === messages.at(-1)
  if (live ? now.data === end.data : !shows || shows.status === end.status) return undefined
  const kept = cut(messageOf(id, end))
  return { messages: messages.map((message) => (message === shows ? kept : message)), last: live ? 'over' : last }
}

/** Whether `snapshot` is of the answer that `message` shows, and not of another one on the same stream. */
function isOf({ data, status = 'idle' }: ChatMessage, snapshot: Snapshot<Message>, nothing: Message): boolean {
  if (snapshot.status === 'idle') return false
  // One that begins has no connection yet, and nothing of the one before it. An answer that is void keeps its connection.
  const begins = snapshot.status === 'pending' && snapshot.connection.state === 'idle'
  if (isActive(status) ? !begins : begins && data === nothing) return isActive(status)
  return snapshot.data === data
}
