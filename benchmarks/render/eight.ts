import { type ContestantName, own } from './contestants'
import type { Lab } from './lab'
import { percentile } from './paced'
import { measure } from './trial'

export interface Smoothness {
  /** Milliseconds between two frames, which 95 of 100 keep; 16.7 is as often as the browser draws. */
  readonly frame: number
  /** The share of frames that came later than one and a half of these. */
  readonly missed: number
}

const frameTime = 1000 / 60

/** Eight answers in one page, 50 tokens a second each. One page at a time: what is measured is on the clock. */
export async function measureEight(lab: Lab): Promise<ReadonlyMap<ContestantName, Smoothness>> {
  const names = lab.quick ? (['bare', 'react-text'] as const) : (['bare', ...own, 'ai-sdk-throttled'] as const)
  const found = new Map<ContestantName, Smoothness>()
  for (const name of names) {
    const count = lab.quick ? 100 : 300
    const outcome = await measure(lab, { name, count, pace: 50, answers: 8, watch: ['frames'] })
    const { frames } = outcome!
    const intervals = frames.slice(1).map((at, index) => at - frames[index]!)
    const missed = intervals.filter((interval) => interval > 1.5 * frameTime).length
    found.set(name, { frame: percentile(intervals, 0.95), missed: missed / intervals.length })
  }
  return found
}
