import { median } from '../median'
import type { Figure } from './column'
import { type ContestantName, own, peers } from './contestants'
import type { Lab } from './lab'
import { measure, type Outcome } from './trial'

export interface Paced {
  /** Main-thread time as a ratio to that of the bare page beside it. */
  readonly ratio: Figure
  /** Milliseconds from the server's write of a token until it is in the page, which 95 of 100 keep. */
  readonly lag: Figure
}

/** How many pages run at a time beside the bare one. More of them than the machine can draw would all drop frames. */
const together = 3

export const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1]!

/** 100 tokens a second. The bare page runs beside each group of contestants, at the same time. */
export async function measurePaced(lab: Lab): Promise<ReadonlyMap<ContestantName, Paced>> {
  const count = lab.quick ? 1000 : 2000
  const pace = 100
  const rounds = lab.quick ? 1 : 3
  const found = new Map<ContestantName, Paced[]>()
  const limit = 3 * ((count / pace) * 1000)
  const take = (name: ContestantName) => measure(lab, { name, count, pace, watch: ['commits'], limit })
  for (let round = 0; round < rounds; round++) {
    for (const group of groupsOf([...own, ...(lab.quick || round > 0 ? [] : peers)], round)) {
      const [bare, ...outcomes] = await Promise.all([take('bare'), ...group.map(take)])
      for (const [index, name] of group.entries())
        found.set(name, [...(found.get(name) ?? []), pacedOf(outcomes[index], bare!)])
    }
  }
  return new Map([...found].map(([name, all]) => [name, middle(all)]))
}

/** In every round each has other neighbours. */
function groupsOf(names: readonly ContestantName[], round: number): ContestantName[][] {
  const count = Math.ceil(names.length / together)
  const groups = Array.from({ length: count }, (): ContestantName[] => [])
  for (const [index, name] of names.entries()) groups[(index + Math.floor(index / count) * round) % count]!.push(name)
  return groups
}

const unfinished: Paced = { ratio: 'does not end', lag: 'does not end' }

function pacedOf(outcome: Outcome | undefined, bare: Outcome): Paced {
  if (!outcome) return unfinished
  return {
    ratio: outcome.spent.thread / bare.spent.thread,
    lag: percentile(outcome.lags, 0.95),
  }
}

function middle(all: readonly Paced[]): Paced {
  const of = (name: keyof Paced): Figure => {
    const values = all.map((paced) => paced[name])
    return values.every((value) => typeof value === 'number') ? median(values) : 'does not end'
  }
  return { ratio: of('ratio'), lag: of('lag') }
}
