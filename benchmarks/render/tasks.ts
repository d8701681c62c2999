import type { Figure } from './column'
import { type ContestantName, contestantNames, own } from './contestants'
import type { Lab } from './lab'
import { markOf } from './mark'
import type { TraceEvent } from './trace'
import { measure } from './trial'

/** How many pages run at a time. They wait for each other, which does not count. */
const together = 7

/**
 * The longest task of the main thread in a minute at 100 tokens a second, from before the answer is asked for until all of
 * it is shown, in milliseconds that the thread computed. On the clock it was the machine's: README.md says how that was seen.
 */
export async function measureTasks(lab: Lab): Promise<ReadonlyMap<ContestantName, Figure>> {
  const [seconds, names] = lab.quick ? [10, own] : [60, contestantNames]
  const pace = 100
  const take = (name: ContestantName) => measure(lab, { name, count: seconds * pace, pace, limit: 3 * seconds * 1000 })
  const groups = Math.ceil(names.length / together)
  const found = new Map<ContestantName, Figure>()
  for (let group = 0; group < groups; group++) {
    const members = names.filter((_, index) => index % groups === group)
    const { outcome, events } = await lab.chromium.trace(() => Promise.all(members.map(take)))
    for (const [index, name] of members.entries())
      found.set(name, outcome[index] ? longestOf(events, name) : 'does not end')
  }
  return found
}

function longestOf(events: readonly TraceEvent[], page: ContestantName): number {
  const markAt = (when: 'begins' | 'ends') => events.find(({ name }) => name === markOf(page, when))
  const [begins, ends] = [markAt('begins'), markAt('ends')]
  const computed = events.flatMap(({ name, pid, tid, ts, dur, tdur }) => {
    if (name !== 'RunTask' || pid !== begins?.pid || tid !== begins.tid) return []
    if (!ends || dur === undefined || tdur === undefined) return []
    // A mark lies within the task that set it.
    return ts <= ends.ts && ts + dur >= begins.ts ? [tdur / 1000] : []
  })
  if (computed.length === 0) throw new Error(`The trace has no task of ${page}.`)
  return computed.reduce((most, task) => Math.max(most, task), 0)
}
