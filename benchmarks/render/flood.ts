import { median } from '../median'
import type { Figure } from './column'
import { type ContestantName, own, peers } from './contestants'
import type { Lab } from './lab'
import { measure } from './trial'

/** Milliseconds for an answer that the bare page has shown within one or two tenths of a second. */
const limit = 40_000

/**
 * Main-thread time for an answer that comes as fast as the socket takes it, as a ratio to the bare page's, by contestant.
 * All take their turn in each round, so that what else the machine does falls on all; who did not end has no further turn.
 */
export async function measureFlood(lab: Lab): Promise<ReadonlyMap<ContestantName, Figure>> {
  const [rounds, roundsOfPeers] = lab.quick ? [2, 1] : [7, 2]
  const others = lab.quick ? (['by-hand', 'ai-sdk-throttled'] as const) : peers
  const found = new Map<ContestantName, number[] | 'does not end'>()
  const take = async (name: ContestantName) => (await measure(lab, { name, count: 20_000, limit }))?.spent.thread
  for (let round = 0; round < rounds; round++) {
    const bare = (await take('bare'))!
    for (const name of [...own, ...(round < roundsOfPeers ? others : [])]) {
      const before = found.get(name) ?? []
      if (before === 'does not end') continue
      const thread = await take(name)
      found.set(name, thread === undefined ? 'does not end' : [...before, thread / bare])
    }
  }
  return new Map([...found].map(([name, ratios]) => [name, typeof ratios === 'string' ? ratios : median(ratios)]))
}
