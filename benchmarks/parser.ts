// The event-stream parser against its peers. Runs alone, too: tsx --conditions=@keepstream/source parser.ts
import { cpuUsage } from 'node:process'
import { pathToFileURL } from 'node:url'
import { do_not_optimize, measure } from 'mitata'
import { type Benchmark, type BenchmarkRow, reachesGoal } from './benchmark'
import { median } from './median'
import {
  dataOnly,
  jsonWords,
  koreanOpenaiChunks,
  koreanSentences,
  oneEventARead,
  openaiChunks,
  randomReads,
  readsOf,
  type Workload,
  withIds,
  workload,
} from './workloads/event-streams'
import { baselines, type Contestant, contestants } from './workloads/parsers'

const KIBIBYTE = 1024
const MEBIBYTE = 1_048_576

const ROUNDS = 25
/** Nanoseconds of processor time for one turn of one contestant. */
const TURN = 20e6
/** Rounds for those that are there for comparison only: some of them need seconds for one pass. */
const ROUNDS_OF_OTHERS = 3

interface Race {
  readonly name: string
  readonly what: string
  readonly workload: () => Workload
  readonly atLeast?: number
}

const singleEvent = (size: number) => workload(['x'.repeat(size)], dataOnly, readsOf(64 * KIBIBYTE))

const races: readonly Race[] = [
  {
    name: 'openai-16k',
    what: 'OpenAI chunks in 16 KiB reads',
    atLeast: 1.4,
    workload: () => workload(openaiChunks(2000), dataOnly, readsOf(16 * KIBIBYTE)),
  },
  {
    name: 'openai-one-event',
    what: 'OpenAI chunks, one a read',
    atLeast: 1.4,
    workload: () => workload(openaiChunks(2000), dataOnly, oneEventARead),
  },
  {
    name: 'ids-16k',
    what: 'small events with ids in 16 KiB reads',
    atLeast: 1.1,
    workload: () => workload(jsonWords(5000), withIds, readsOf(16 * KIBIBYTE)),
  },
  {
    name: 'ids-one-event',
    what: 'small events with ids, one a read',
    workload: () => workload(jsonWords(2000), withIds, oneEventARead),
  },
  {
    name: 'fragments',
    what: 'OpenAI chunks in reads of 1 to 512 bytes',
    atLeast: 1.05,
    workload: () => workload(openaiChunks(1000), dataOnly, randomReads(512)),
  },
  {
    name: 'korean-16k',
    what: 'Korean sentences in 16 KiB reads',
    atLeast: 1,
    workload: () => workload(koreanSentences(2000), dataOnly, readsOf(16 * KIBIBYTE)),
  },
  {
    name: 'korean-one-event',
    what: 'Korean sentences, one a read',
    workload: () => workload(koreanSentences(2000), dataOnly, oneEventARead),
  },
  {
    name: 'korean-openai-16k',
    what: 'OpenAI chunks with Korean words in 16 KiB reads',
    workload: () => workload(koreanOpenaiChunks(2000), dataOnly, readsOf(16 * KIBIBYTE)),
  },
  {
    name: 'single-8m',
    what: 'one event of 8 MiB in 64 KiB reads',
    atLeast: 1.3,
    workload: () => singleEvent(8 * MEBIBYTE),
  },
  {
    name: 'bytes',
    what: 'OpenAI chunks byte by byte',
    atLeast: 2,
    workload: () => workload(openaiChunks(100), dataOnly, readsOf(1)),
  },
]

/** Every parser has to find every event before it is timed: a fast wrong answer is none. */
function check(name: string, contestant: Contestant, { chunks, events, characters }: Workload): void {
  let foundEvents = 0
  let foundCharacters = 0
  contestant(chunks, ({ data }) => {
    foundEvents++
    foundCharacters += data.length
  })
  if (foundEvents === events && foundCharacters === characters) return
  throw new Error(
    `${name} found ${foundEvents} events with ${foundCharacters} characters, not ${events} with ${characters}.`,
  )
}

/** Nanoseconds of processor time that this process used, collection of garbage included. Neighbours do not count. */
const processorTime = () => {
  const { user, system } = cpuUsage()
  return (user + system) * 1000
}

/** Nanoseconds for one pass over the workload. A pass takes milliseconds, so the clock's microsecond is fine enough. */
async function time(contestant: Contestant, { chunks }: Workload): Promise<number> {
  const pass = () => contestant(chunks, do_not_optimize)
  const options = { now: processorTime, min_cpu_time: TURN, min_samples: 3, batch_threshold: 0, gc: () => {} }
  return (await measure(pass, options)).avg
}

/** Median times of all contestants. In every round each has its short turn, so that drift of the machine hits all alike. */
async function compete(load: Workload): Promise<Record<string, number>> {
  const entries = Object.entries(contestants)
  for (const [name, contestant] of entries) check(name, contestant, load)
  const times: Record<string, number[]> = Object.fromEntries(entries.map(([name]) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const [name, contestant] = entries[(turn + round) % entries.length]!
      if (round >= ROUNDS_OF_OTHERS && name !== 'keepstream' && !(name in baselines)) continue
      times[name]!.push(await time(contestant, load))
    }
  }
  return Object.fromEntries(entries.map(([name]) => [name, median(times[name]!)]))
}

async function race({ name, what, atLeast, workload }: Race): Promise<BenchmarkRow> {
  const times = await compete(workload())
  const baseline = Math.min(...Object.keys(baselines).map((peer) => times[peer]!))
  const ratios = Object.entries(times).map(([contestant, own]) => [contestant, Number((baseline / own).toFixed(2))])
  const { keepstream, ...others } = Object.fromEntries(ratios) as Record<string, number>
  return { name, what, ratio: keepstream!, others, ...(atLeast !== undefined && { goal: { atLeast } }) }
}

/**
 * How many times as long twice the event takes: 2 when linear, 4 when every read copies the rest. The mean over three
 * doublings, because V8 makes one of them a step: at its default of 16 MiB for young objects, an event of 8 MiB is never
 * moved, and one of 16 MiB is. The steps stand beside it.
 */
async function doubling(): Promise<BenchmarkRow> {
  const sizes = [4, 8, 16, 32]
  const events = sizes.map((size) => singleEvent(size * MEBIBYTE))
  const times: number[][] = sizes.map(() => [])
  for (let round = 0; round < 9; round++) {
    for (const [index, event] of events.entries()) times[index]!.push(await time(contestants.keepstream!, event))
  }
  const medians = times.map(median)
  const steps = sizes.slice(1).map((size, index) => {
    const step = medians[index + 1]! / medians[index]!
    return [`${size / 2} to ${size} MiB`, Number(step.toFixed(2))] as const
  })
  const ratio = (medians.at(-1)! / medians[0]!) ** (1 / steps.length)
  return {
    name: 'doubling',
    what: 'time for twice the event, mean from 4 to 32 MiB',
    ratio,
    goal: { atMost: 2.8 },
    others: Object.fromEntries(steps),
  }
}

export async function parserBenchmark(): Promise<Benchmark> {
  const rows: BenchmarkRow[] = []
  for (const entry of races) rows.push(await race(entry))
  rows.push(await doubling())
  return {
    name: 'parser',
    title:
      'Event-stream parsers, from bytes to events: speed against the better eventsource-parser (1; more is faster)',
    rows,
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { title, rows } = await parserBenchmark()
  console.log(title)
  console.table(
    Object.fromEntries(
      rows.map(({ what, ratio, others, ...row }) => [
        what,
        { keepstream: Number(ratio.toFixed(2)), ...others, reached: reachesGoal({ what, ratio, ...row }) },
      ]),
    ),
  )
}
