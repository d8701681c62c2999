import { memoryLog } from '@keepstream/server'
import { expect, test } from 'vitest'
import { networkFaults, processFaults, readerFaults, upstreamFaults } from './faults'
import { runChaos } from './run'
import { howMany, runAll } from './runs'
import type { Store } from './server-node'

const lanes = Array.from({ length: 8 })
const runs = howMany(60)

const openStore = async (): Promise<Store> => ({ log: memoryLog(), sever: async () => {}, close: async () => {} })

test(
  'one node: nothing is lost, repeated, reordered, silently cut or billed twice, and nobody waits for ever',
  async () => {
    const faults = [...networkFaults, ...readerFaults, ...upstreamFaults, ...processFaults]
    expect(await runAll(runs, lanes, (seed) => runChaos({ seed, nodes: 1, faults, openStore }))).toEqual([])
  },
  runs * 4_000 + 120_000,
)
