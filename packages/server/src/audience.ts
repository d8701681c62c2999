import type { ReadableLog } from './log'

/** Who reads a log, as far as the log concerns it. */
interface Member {
  /** There is more, or an end. */
  readonly look: () => void
}

interface Audience {
  readonly members: Set<Member>
  readonly unwatch: () => void
}

// The log is watched once for all its readers: a listener for each would weigh more than the place in a set.
const audiences = new WeakMap<ReadableLog, Audience>()

/** Has a reader told of all that happens to its log. */
export function attend(log: ReadableLog, member: Member): void {
  const members = audiences.get(log)?.members ?? gather(log)
  members.add(member)
}

export function depart(log: ReadableLog, member: Member): void {
  const audience = audiences.get(log)
  if (!audience?.members.delete(member) || audience.members.size > 0) return
  audiences.delete(log)
  audience.unwatch()
}

function gather(log: ReadableLog): Set<Member> {
  const members = new Set<Member>()
  const unwatch = log.watch(() => {
    for (const member of members) member.look()
  })
  audiences.set(log, { members, unwatch })
  return members
}
