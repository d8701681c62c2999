// The reader of growing JSON against its peers. Runs alone, too: tsx --conditions=@keepstream/source partial-json.ts
import { cpuUsage } from 'node:process'
import { pathToFileURL } from 'node:url'
import { parse as bestEffort } from 'best-effort-json-parser'
import { do_not_optimize } from 'mitata'
import { parse as partialJson } from 'partial-json'
import { parsePartial } from '../packages/core/src/partial-json'
import { type Benchmark, type BenchmarkRow, reachesGoal } from './benchmark'

type Reader = (text: string) => unknown

const keepstream: Reader = parsePartial
const others: Readonly<Record<string, Reader>> = {
  'partial-json': (text) => partialJson(text),
  'best-effort-json-parser': (text) => bestEffort(text),
}

const ROUNDS = 15
/** Nanoseconds of processor time for one turn of one reader. */
const TURN = 30e6

const city = (index: number) => ({
  id: index,
  name: `서울 ${index} "Seoul" 🗼`,
  where: { latitude: 37.5 + index / 1000, longitude: 126.9 },
  visited: index % 2 === 0,
  notes: ['맑음', 'a line\nand another', null],
})
const cities = (count: number) => JSON.stringify({ cities: Array.from({ length: count }, (_, index) => city(index)) })
const article = JSON.stringify({ title: 'A walk', body: 'The river was wide. 강이 넓었다. '.repeat(1_000) })

/** What an answer looks like at each of `count` frames while it grows. */
const growth = (text: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => text.slice(0, Math.ceil((text.length * (index + 1)) / count)))

interface Race {
  readonly name: string
  readonly what: string
  readonly texts: readonly string[]
}

const races: readonly Race[] = [
  {
    name: 'arguments',
    what: 'arguments of a tool call, 60 characters, each prefix',
    texts: growth('{"city":"서울","days":3,"units":"metric","detail":["wind"]}', 57),
  },
  { name: 'records', what: 'records, 20 kB, over 100 frames', texts: growth(cities(150), 100) },
  { name: 'article', what: 'one long string, 30 kB, over 100 frames', texts: growth(article, 100) },
  { name: 'large', what: 'records, 1.3 MB, whole', texts: [cities(10_000)] },
]

/** A fast wrong answer is none: every reader has to read the whole text, and each prefix without an error. */
function check(name: string, read: Reader, texts: readonly string[]): void {
  for (const text of texts) read(text)
  const whole = texts.at(-1)!
  if (JSON.stringify(read(whole)) !== JSON.stringify(JSON.parse(whole)))
    throw new Error(`${name} reads something else.`)
}

const processorTime = () => {
  const { user, system } = cpuUsage()
  return (user + system) * 1000
}

/** Nanoseconds of processor time for one pass over the texts. */
function time(read: Reader, texts: readonly string[]): number {
  const began = processorTime()
  let passes = 0
  let spent = 0
  do {
    for (const text of texts) do_not_optimize(read(text))
    passes++
    spent = processorTime() - began
  } while (spent < TURN)
  return spent / passes
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** In every round each has its short turn, so that drift of the machine hits all alike. */
function race({ name, what, texts }: Race): BenchmarkRow {
  const contestants = Object.entries({
    keepstream,
    ...others,
    'JSON.parse of the whole': () => JSON.parse(texts.at(-1)!),
  })
  const times: Record<string, number[]> = Object.fromEntries(contestants.map(([contestant]) => [contestant, []]))
  for (const [contestant, read] of contestants) check(contestant, read, texts)
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const [contestant, read] = contestants[(turn + round) % contestants.length]!
      times[contestant]!.push(time(read, texts))
    }
  }
  const medians = Object.fromEntries(Object.entries(times).map(([contestant, own]) => [contestant, median(own)]))
  const baseline = Math.min(...Object.keys(others).map((peer) => medians[peer]!))
  const { keepstream: ratio, ...rest } = Object.fromEntries(
    Object.entries(medians).map(([contestant, own]) => [contestant, Number((baseline / own).toFixed(2))]),
  )
  return { name, what, ratio: ratio!, others: rest, goal: { atLeast: 1 } }
}

export async function partialJsonBenchmark(): Promise<Benchmark> {
  return {
    name: 'partial-json',
    title: 'Readers of JSON that is still growing: speed against the better of the others (1; more is faster)',
    rows: races.map(race),
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { title, rows } = await partialJsonBenchmark()
  console.log(title)
  console.table(
    Object.fromEntries(
      rows.map((row) => [row.what, { keepstream: row.ratio, ...row.others, reached: reachesGoal(row) }]),
    ),
  )
}
