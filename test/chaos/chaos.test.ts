import { memoryLog } from '@keepstream/server'
import { expect, test } from 'vitest'
import { networkFaults, processFaults, readerFaults, upstreamFaults } from './faults'
import { runChaos } from './run'
import type { Store } from './server-node'

/** `pnpm chaos` sets more. One number reruns what failed: `SEED=17 pnpm chaos`. */
const runs = Number(process.env.RUNS ?? 60)
const only = process.env.SEED === undefined ? undefined : Number(process.env.SEED)
const atOnce = 8

const openStore = async (): Promise<Store> => ({ log: memoryLog(), sever: async () => {} })

/** Runs every seed from 1 on, some at a time, and collects what was broken. */
async function runAll(run: (seed: number) => Promise<void>): Promise<readonly string[]> {
  const seeds = only === undefined ? Array.from({ length: runs }, (_, index) => index + 1) : [only]
  const broken: string[] = []
  const work = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      await run(seed).catch((error: Error) => broken.push(error.message))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return broken
}

test(
  'one node: nothing is lost, repeated, reordered, silently cut or billed twice, and nobody waits for ever',
  async () => {
    const faults = [...networkFaults, ...readerFaults, ...upstreamFaults, ...processFaults]
    expect(await runAll((seed) => runChaos({ seed, nodes: 1, faults, openStore }))).toEqual([])
  },
  runs * 2_000 + 60_000,
)
