import { median } from '../median'
import type { Figure } from './column'
import { type ContestantName, contestantNames, own } from './contestants'
import type { Lab } from './lab'
import { measure } from './trial'

/** The exponent of growth from an answer to one of `factor` times its tokens: 1 is as much more as there is to show. */
const exponent = (short: number, long: number, factor: number) => Math.log(long / short) / Math.log(factor)

interface Growth {
  /** Tokens of the short answer and of the long one. */
  readonly sizes: readonly [number, number]
  /** Tokens a second. Absent: as fast as the socket takes them. */
  readonly pace?: number
  readonly rounds: number
  /** Milliseconds for one answer. */
  readonly limit: number
}

/** How main-thread time grows with the answer, by contestant. */
async function measureOne(
  lab: Lab,
  names: readonly ContestantName[],
  { sizes: [few, many], pace = 0, rounds, limit }: Growth,
): Promise<Map<ContestantName, Figure>> {
  const found = new Map<ContestantName, Figure>()
  const exponents = new Map<ContestantName, number[]>()
  const take = async (name: ContestantName, count: number) =>
    (await measure(lab, { name, count, pace, limit }))?.spent.thread
  for (let round = 0; round < rounds; round++) {
    const turn = async (name: ContestantName) => {
      if (found.get(name) === 'does not end' || (round > 0 && !measuredOften(name))) return
      const short = await take(name, few)
      const long = short && (await take(name, many))
      if (!short || !long) return void found.set(name, 'does not end')
      const all = [...(exponents.get(name) ?? []), exponent(short, long, many / few)]
      exponents.set(name, all)
      found.set(name, median(all))
    }
    // What takes its time leaves the machine idle: then all run beside each other.
    if (pace > 0) await Promise.all(names.map(turn))
    else for (const name of names) await turn(name)
  }
  return found
}

const measuredOften = (name: ContestantName) => name === 'bare' || own.includes(name)

/**
 * In a flood, where a page draws few frames; and at 2,000 tokens a second, where each frame draws a longer text.
 * `hopeless`: who did not come to the end of a flood of half the length.
 */
export async function measureGrowth(lab: Lab, hopeless: readonly ContestantName[]) {
  const { quick } = lab
  const sizes = quick ? ([2_500, 10_000] as const) : ([5_000, 40_000] as const)
  const names = quick ? (['bare', 'react', 'react-text'] as const) : contestantNames.filter(isHopeful)
  const steady = { sizes, pace: 2_000, rounds: quick ? 1 : 3, limit: 60_000 }
  const whole = quick ? (['bare'] as const) : (['bare', 'react'] as const)
  const text = quick ? (['react-text'] as const) : (['react-text', 'vue-text', 'svelte-text'] as const)
  return {
    flood: await measureOne(lab, names, { sizes, rounds: quick ? 1 : 3, limit: 20_000 }),
    // Apart, because whoever lays out the whole text in each frame leaves little of the machine to others.
    steady: new Map([
      ...(await measureOne(lab, whole, { ...steady, rounds: 1 })),
      ...(await measureOne(lab, text, steady)),
    ]),
  }

  function isHopeful(name: ContestantName): boolean {
    return !hopeless.includes(name)
  }
}
