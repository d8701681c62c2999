// The first words of the first answer: what a client costs before V8 has compiled any of it, as in a page just opened.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Benchmark } from './benchmark'
import type { ColdTime } from './cold-process'
import { median } from './median'
import { type ReaderName, readers } from './workloads/readers'

const words = 300
const rounds = 9

async function readOnce(name: ReaderName): Promise<ColdTime> {
  const child = fork(fileURLToPath(new URL('cold-process.ts', import.meta.url)), [name, String(words)])
  const ended = once(child, 'exit')
  const [time] = (await Promise.race([once(child, 'message'), ended.then(() => [])])) as [ColdTime | undefined]
  await ended
  if (!time) throw new Error(`${name} did not read ${words} words.`)
  return time
}

export async function coldBenchmark(): Promise<Benchmark> {
  const names = Object.keys(readers) as ReaderName[]
  const times: Record<string, ColdTime[]> = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) for (const name of names) times[name]!.push(await readOnce(name))
  const of = (kind: keyof ColdTime) =>
    Object.fromEntries(names.map((name) => [name, Number(median(times[name]!.map((time) => time[kind])).toFixed(2))]))
  const wall = of('wall')
  const processor = of('processor')
  const { keepstream, 'keepstream, OpenAI': overOpenai, ...others } = wall
  const floor = wall['fetch by hand']!
  return {
    name: 'cold',
    title: `The first ${words} words in a fresh process, from the first byte that can be read to the last word handed over`,
    rows: [
      {
        name: 'first-300',
        what: 'milliseconds',
        unit: 'ms',
        ratio: keepstream!,
        goal: { atMost: 2 },
        others: { 'keepstream, OpenAI': overOpenai!, ...others },
      },
      {
        name: 'first-300-processor',
        what: 'milliseconds of processor time, compiling threads included',
        unit: 'ms',
        ratio: processor.keepstream!,
        others: Object.fromEntries(Object.entries(processor).filter(([name]) => name !== 'keepstream')),
      },
      {
        name: 'first-300-ratio',
        what: 'against fetch and JSON.parse by hand (1)',
        ratio: keepstream! / floor,
        others: Object.fromEntries(
          Object.entries({ 'keepstream, OpenAI': overOpenai!, ...others }).map(([name, time]) => [
            name,
            Number((time / floor).toFixed(2)),
          ]),
        ),
      },
    ],
  }
}
