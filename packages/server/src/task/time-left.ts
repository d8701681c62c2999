/** How long the rest of some work will take, judged by how it went so far. */
export interface TimeLeft {
  /** The percentage that is reached at `time`, in milliseconds. */
  readonly add: (percent: number, time: number) => void
  /** Milliseconds from `time` on, to a tenth of a second; nothing while there is too little to judge by. */
  readonly at: (time: number) => number | undefined
}

/** Less than this tells nothing: the first per cent of most work is not like the others. In milliseconds. */
const leastTime = 1000
/** What takes longer is not an estimate but a guess: 30 days, in milliseconds. */
const longest = 30 * 24 * 3_600_000

/**
 * The rate is what was gained over what it took, both with exponential decay: what lies further back than half of the
 * time so far counts ever less. So work that becomes slower is noticed, one slow step hardly shows, and no unit of time has
 * to be chosen. While nothing moves, the time that passes counts against the rate: the estimate grows and does not freeze.
 */
export function createTimeLeft(): TimeLeft {
  let first: { readonly percent: number; readonly time: number } | undefined
  let last = { percent: 0, time: 0 }
  let gained = 0
  let taken = 0

  return {
    add(percent, time) {
      if (!first) {
        first = { percent, time }
        last = first
        return
      }
      const span = time - last.time
      if (span <= 0) {
        gained += percent - last.percent
      } else {
        const keep = Math.exp(-span / Math.max((time - first.time) / 2, leastTime))
        gained = gained * keep + (percent - last.percent)
        taken = taken * keep + span
      }
      last = { percent, time: Math.max(time, last.time) }
    },
    at(time) {
      if (!first || time - first.time < leastTime || gained <= 0) return undefined
      const left = ((100 - last.percent) * (taken + Math.max(0, time - last.time))) / gained
      return left <= longest ? Math.round(left / 100) * 100 : undefined
    },
  }
}
