import { setTimeout as pause } from 'node:timers/promises'

/** One use of what is under test, from its beginning to its end. Returns what nobody may hold on to after it. */
export type Cycle = (number: number) => Promise<readonly object[]>

export interface Plan {
  /** How many cycles there are between two looks at the heap. */
  readonly cycles: number
  /** How many of them are under way at the same time. */
  readonly atOnce: number
  /** The growth that is nothing, in bytes a cycle. */
  readonly bound: number
  /** What is done before each look, such as to let time go by for whatever keeps something for a while. */
  readonly rest?: () => Promise<void>
}

/** What is left of a great many cycles. */
export interface Remains {
  /** How many cycles there were. */
  readonly cycles: number
  /** By how much each of the latest cycles has made the heap larger, in bytes. */
  readonly growth: number
  /** Objects of the cycles that the garbage collector could not take. */
  readonly survivors: number
  /** What keeps the process alive now and did not before: timers, sockets, requests, by kind. */
  readonly resources: Readonly<Record<string, number>>
}

const collect = (globalThis as { gc?: () => void }).gc

/** Lets everything that has a turn of the event loop coming have it, and then collects the garbage. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    await pause(2)
    if (!collect) throw new Error('There is no `gc` here. Run Node with --expose-gc.')
    collect()
  }
}

/** What keeps the process alive, by kind. */
function census(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** What there is more of than there was. Waits for a while, since sockets take their time to close. */
async function surplus(before: ReadonlyMap<string, number>): Promise<Record<string, number>> {
  for (let tries = 0; ; tries++) {
    const more = [...census()].map(([kind, count]) => [kind, count - (before.get(kind) ?? 0)] as const)
    const left = more.filter(([, count]) => count > 0)
    if (left.length === 0 || tries === 200) return Object.fromEntries(left)
    await pause(10)
  }
}

/**
 * The slope of a line through `heights`, one a round: the median of the slopes between all pairs, which a round that was
 * disturbed does not move (H. Theil, "A rank-invariant method of linear and polynomial regression analysis", 1950).
 */
export function slope(heights: readonly number[]): number {
  const slopes = heights.flatMap((low, from) =>
    heights.slice(from + 1).map((high, distance) => (high - low) / (distance + 1)),
  )
  slopes.sort((a, b) => a - b)
  return slopes[slopes.length >> 1] ?? 0
}

const mostWitnesses = 500

// In how many rounds the heap has to stand still; and after how many it is a leak if it never did. Caches that fill up and
// code that is compiled make it grow too, for as long as they do; a leak grows for ever.
const still = 6
const most = 30

/** Goes through a great many cycles, until the heap stands still or never will, and looks at what is left of them. */
export async function survey(cycle: Cycle, { cycles, atOnce, bound, rest }: Plan): Promise<Remains> {
  const before = census()
  const witnesses: WeakRef<object>[] = []
  const heights: number[] = []
  let number = 0

  async function worker(until: number): Promise<void> {
    while (number < until) {
      const objects = await cycle(number++)
      // Witnesses have a weight of their own, so that there are none any more when the heap is looked at.
      if (witnesses.length < mostWitnesses) witnesses.push(...objects.map((object) => new WeakRef(object)))
    }
  }

  let growth = Number.POSITIVE_INFINITY
  while (heights.length < still || (growth > bound && heights.length < most)) {
    const until = number + cycles
    await Promise.all(Array.from({ length: atOnce }, () => worker(until)))
    await rest?.()
    await settle()
    heights.push(process.memoryUsage().heapUsed)
    growth = slope(heights.slice(-still)) / cycles
  }
  const resources = await surplus(before)
  const alive = () => witnesses.filter((witness) => witness.deref() !== undefined).length
  // A witness that was asked holds its object until the end of the turn.
  for (let tries = 0; alive() > 0 && tries < 10; tries++) await settle()
  return { cycles: number, growth, survivors: alive(), resources }
}
