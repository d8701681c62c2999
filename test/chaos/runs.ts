/** How many runs there are: `pnpm chaos` sets more with RUNS. */
export const howMany = (usually: number) => Number(process.env.RUNS ?? usually)

// One number reruns what failed: `SEED=17 pnpm chaos`.
const only = process.env.SEED === undefined ? undefined : Number(process.env.SEED)

/** Runs every seed from 1 on, as many at a time as there are lanes, and collects what was broken. */
export async function runAll<Lane>(
  runs: number,
  lanes: readonly Lane[],
  run: (seed: number, lane: Lane) => Promise<void>,
): Promise<readonly string[]> {
  const seeds = only === undefined ? Array.from({ length: runs }, (_, index) => index + 1) : [only]
  const broken: string[] = []
  const work = async (lane: Lane) => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      await run(seed, lane).catch((error: Error) => broken.push(error.message))
    }
  }
  await Promise.all(lanes.map(work))
  return broken
}
