// What a token costs in a page's own code, where each comes in a read of its own, and how that grows with the answer.
import { cpuUsage } from 'node:process'
import type { Benchmark, BenchmarkRow } from './benchmark'
import { median } from './median'
import { oneEventARead } from './workloads/event-streams'
import { memoryFetch } from './workloads/memory-fetch'
import { type Read, type ReaderName, readers } from './workloads/readers'
import { lengthOf, wires } from './workloads/wires'

const peers = ['AI SDK', 'TanStack AI'] as const satisfies readonly ReaderName[]
const contestants = ['fetch by hand', 'keepstream', ...peers] as const satisfies readonly ReaderName[]
type Name = (typeof contestants)[number]

/** Words of the answers; the growth is that from the first to the last. */
const sizes = [5_000, 40_000] as const
const rounds = 7
/** Peers take up to a minute for 40,000 words, most of it in timers: so often do they read each size. */
const roundsOfPeers = [3, 1] as const

const isPeer = (name: Name): boolean => (peers as readonly string[]).includes(name)

/** Processor time of one answer, in microseconds. */
async function time(name: Name, read: Read, chunks: readonly Uint8Array[], whole: number): Promise<number> {
  let length = 0
  const before = cpuUsage()
  await read(memoryFetch(chunks), (now) => {
    length = now
  })
  const { user, system } = cpuUsage(before)
  if (length !== whole) throw new Error(`${name} read ${length} characters, not ${whole}.`)
  return user + system
}

export async function tokensBenchmark(): Promise<Benchmark> {
  const reads = Object.fromEntries(
    await Promise.all(contestants.map(async (name) => [name, await readers[name].load()] as const)),
  ) as Record<Name, Read>
  const times = Object.fromEntries(contestants.map((name) => [name, sizes.map((): number[] => [])])) as Record<
    Name,
    number[][]
  >
  for (let round = -1; round < rounds; round++) {
    for (const [index, size] of sizes.entries()) {
      for (const name of contestants) {
        // The round before warms up, with the shortest answer alone.
        if (round < 0 ? index > 0 : isPeer(name) && round >= roundsOfPeers[index]!) continue
        const chunks = oneEventARead(wires[readers[name].dialect](size))
        const took = await time(name, reads[name], chunks, lengthOf(size))
        if (round >= 0) times[name][index]!.push(took)
      }
    }
  }
  const medians = Object.fromEntries(contestants.map((name) => [name, times[name].map(median)])) as Record<
    Name,
    number[]
  >
  const rounded = (value: number) => Number(value.toFixed(2))
  const against = (index: number): BenchmarkRow => {
    const own = medians.keepstream[index]!
    return {
      name: `token-${sizes[index]! / 1000}k`,
      what: `one of ${sizes[index]!.toLocaleString('en')} tokens, against the cheaper of AI SDK and TanStack AI`,
      ratio: own / Math.min(...peers.map((peer) => medians[peer][index]!)),
      goal: { atMost: 0.5 },
      others: Object.fromEntries(
        contestants.map((name) => [`${name}, µs`, rounded(medians[name][index]! / sizes[index]!)]),
      ),
    }
  }
  const exponent = (name: Name) =>
    Math.log(medians[name].at(-1)! / medians[name][0]!) / Math.log(sizes.at(-1)! / sizes[0])
  return {
    name: 'tokens',
    title: 'Processor time for each token, read one by one from memory with a subscriber (less is better)',
    rows: [
      against(0),
      against(sizes.length - 1),
      {
        name: 'growth',
        what: 'exponent of the growth from 5,000 to 40,000 tokens: 1 is linear, 2 quadratic',
        unit: 'times',
        ratio: exponent('keepstream'),
        goal: { atMost: 1.1 },
        others: Object.fromEntries(
          contestants.filter((name) => name !== 'keepstream').map((name) => [name, rounded(exponent(name))]),
        ),
      },
    ],
  }
}
