import type { Figure } from './column'
import { type ContestantName, contestantNames, own } from './contestants'
import type { Lab } from './lab'
import { markOf } from './mark'
import type { TraceEvent } from './trace'
import { measure } from './trial'

/** Of all tasks of the main thread, in milliseconds. */
export interface LongestTask {
  /** The most that one of them computed. */
  readonly computed: Figure
  /** The most that one of them lasted, whatever it waited for. */
  readonly lasted: Figure
}

/** How many pages run at a time. They wait for each other, which is why what counts is what they compute. */
const together = 7

/** A minute at 100 tokens a second, traced: from before the answer is asked for until all of it is shown. */
export async function measureTasks(lab: Lab): Promise<ReadonlyMap<ContestantName, LongestTask>> {
  const [seconds, names] = lab.quick ? [10, own] : [60, contestantNames]
  const pace = 100
  const take = (name: ContestantName) => measure(lab, { name, count: seconds * pace, pace, limit: 3 * seconds * 1000 })
  const groups = Math.ceil(names.length / together)
  const found = new Map<ContestantName, LongestTask>()
  for (let group = 0; group < groups; group++) {
    const members = names.filter((_, index) => index % groups === group)
    const { outcome, events } = await lab.chromium.trace(() => Promise.all(members.map(take)))
    for (const [index, name] of members.entries())
      found.set(name, outcome[index] ? longestOf(events, name) : { computed: 'does not end', lasted: 'does not end' })
  }
  return found
}

function longestOf(events: readonly TraceEvent[], page: ContestantName): LongestTask {
  const markAt = (when: 'begins' | 'ends') => events.find(({ name }) => name === markOf(page, when))
  const [begins, ends] = [markAt('begins'), markAt('ends')]
  const tasks = events.flatMap(({ name, pid, tid, ts, dur, tdur }) => {
    if (name !== 'RunTask' || pid !== begins?.pid || tid !== begins.tid) return []
    // A mark lies within the task that set it.
    if (!ends || dur === undefined || tdur === undefined || ts > ends.ts || ts + dur < begins.ts) return []
    return [{ computed: tdur / 1000, lasted: dur / 1000 }]
  })
  if (tasks.length === 0) throw new Error(`The trace has no task of ${page}.`)
  const most = (of: 'computed' | 'lasted') => tasks.reduce((sofar, task) => Math.max(sofar, task[of]), 0)
  return { computed: most('computed'), lasted: most('lasted') }
}
