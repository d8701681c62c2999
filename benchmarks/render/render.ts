// What an answer costs the main thread of a page in Chromium, over a real socket, built for production: Keepstream in its
// frameworks, its peers, and a bare page that writes the whole text to the DOM once a frame.
import { startChromium } from './chromium'
import { type Column, type Figure, rounded } from './column'
import { measureCommits, measureReplay } from './commits'
import type { ContestantName } from './contestants'
import { measureEight } from './eight'
import { measureFlood } from './flood'
import { measureGrowth } from './growth'
import type { Lab } from './lab'
import { measurePaced } from './paced'
import { startSite } from './site'
import { measureTasks } from './tasks'

/** What is measured, of a lab in which the columns before it were found. */
type Measure = (lab: Lab, before: readonly Column[]) => Promise<readonly Column[]>

const both = (most: number) => ({ useStream: most, StreamText: most })

/** One figure of what was found out of each. */
function part<T>(found: ReadonlyMap<ContestantName, T>, take: (of: T) => Figure) {
  return new Map([...found].map(([name, of]) => [name, take(of)]))
}

const unfinished = (figures: Column['figures']) =>
  [...figures].flatMap(([name, figure]) => (figure === 'does not end' ? [name] : []))

const flood: Measure = async (lab) => {
  const figures = await measureFlood(lab)
  return [{ name: 'flood', what: 'a flood of 20,000 tokens, ×', goal: both(1), figures }]
}

const paced: Measure = async (lab) => {
  const found = await measurePaced(lab)
  const what = '100 tokens a second'
  return [
    {
      name: 'paced',
      what: `${what}, ×`,
      goal: { useStream: 1.1, StreamText: 0.6 },
      figures: part(found, ({ ratio }) => ratio),
    },
    { name: 'lag', what: `${what}: lag at p95, ms`, goal: both(60), figures: part(found, ({ lag }) => lag) },
  ]
}

const tasks: Measure = async (lab) => [
  {
    name: 'longest-task',
    what: 'a minute at 100 tokens a second: longest task, ms',
    goal: both(50),
    figures: await measureTasks(lab),
  },
]

const growth: Measure = async (lab, before) => {
  const hopeless = before.flatMap(({ name, figures }) => (name === 'flood' ? unfinished(figures) : []))
  const { flood, steady } = await measureGrowth(lab, hopeless)
  for (const name of hopeless) flood.set(name, 'does not end')
  return [
    { name: 'growth', what: 'growth in a flood, exponent', goal: both(1.1), figures: flood },
    {
      name: 'steady-growth',
      what: 'growth at 2,000 tokens a second, exponent',
      goal: { StreamText: 1.1 },
      figures: steady,
    },
  ]
}

const commits: Measure = async (lab) => [
  {
    name: 'commits',
    what: '3,000 tokens in a second: commits',
    goal: both(65),
    figures: await measureCommits(lab),
  },
  {
    name: 'replay',
    what: 'a replay of 50,000 tokens: commits',
    goal: both(1),
    figures: await measureReplay(lab),
  },
]

const eight: Measure = async (lab) => {
  const found = await measureEight(lab)
  const what = 'eight answers at a time'
  return [
    { name: 'eight', what: `${what}: frames at p95, ms`, goal: both(25), figures: part(found, ({ frame }) => frame) },
    { name: 'eight-missed', what: `${what}: frames missed, %`, figures: part(found, ({ missed }) => 100 * missed) },
  ]
}

/** Everything in about ten minutes; or quick, in one. */
export async function renderBenchmark({ quick }: { readonly quick: boolean }): Promise<readonly Column[]> {
  await using site = await startSite()
  await using chromium = await startChromium()
  const columns: Column[] = []
  for (const measure of [flood, paced, tasks, growth, commits, eight]) {
    for (const column of await measure({ site, chromium, quick }, columns)) {
      const figures = [...column.figures].map(
        ([name, figure]) => `${name} ${typeof figure === 'number' ? rounded(figure) : figure}`,
      )
      console.log(`${column.name}: ${figures.join(', ')}`)
      columns.push(column)
    }
  }
  return columns
}
