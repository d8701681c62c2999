// Runs what is named on the command line, or all, prints the tables and writes the ratios to results.json, from which the
// README takes its figures (scripts/figures.mjs). `faults` is no benchmark of speed: it writes docs/faults-of-peers.md.
// `server` and `render` keep their own results, server.json and render.json; with --quick they take a minute and write nothing.
// `server:fan-out` measures one part of `server` (server/server.ts) and writes nothing either.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { type Benchmark, type BenchmarkRow, reachesGoal } from './benchmark'

// Loaded one by one: what one benchmark leaves in memory or in V8's caches is not measured by another that was not asked for.
const benchmarks: Record<string, () => Promise<Benchmark>> = {
  parser: async () => (await import('./parser')).parserBenchmark(),
  client: async () => (await import('./client')).clientBenchmark(),
  'partial-json': async () => (await import('./partial-json')).partialJsonBenchmark(),
  tokens: async () => (await import('./tokens')).tokensBenchmark(),
  cold: async () => (await import('./cold')).coldBenchmark(),
  replay: async () => (await import('./replay')).replayBenchmark(),
}

interface Results {
  [benchmark: string]: {
    readonly on: string
    readonly ratios: Record<string, number>
    /** What is no ratio, with its unit. */
    readonly measures: Record<string, { readonly value: number; readonly unit: string }>
    readonly goals: Record<string, { readonly goal: string; readonly reached: boolean }>
    /** The others of each row, measured in the same run. */
    readonly others: Record<string, Readonly<Record<string, number>>>
  }
}

function readResults(file: URL): Results {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {} // The first run.
  }
}

function sayGoal({ goal }: BenchmarkRow): string {
  if (goal === undefined) return ''
  return 'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`
}

const rounded = (ratio: number) => Number(ratio.toFixed(2))

function print({ title, rows }: Benchmark): void {
  console.log(`\n${title}`)
  console.table(
    Object.fromEntries(
      rows.map((row) => [
        row.what,
        {
          keepstream: rounded(row.ratio),
          goal: sayGoal(row),
          reached: reachesGoal(row) ? 'yes' : 'NO',
          ...row.others,
        },
      ]),
    ),
  )
}

const quick = process.argv.includes('--quick')
const chosen = process.argv.slice(2).filter((name) => name !== '--quick')
const known = [...Object.keys(benchmarks), 'server', 'render', 'faults']
const parts = chosen.filter((name) => name.startsWith('server:')).map((name) => name.slice('server:'.length))
const unknown = chosen.find((name) => !known.includes(name.replace(/^server:.*/, 'server')))
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}". There are: ${known.join(', ')}.`)
  process.exit(1)
}

const file = new URL('results.json', import.meta.url)
const results = readResults(file)
const on = `Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? process.arch}`

for (const [name, run] of Object.entries(benchmarks)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  console.log(`${name} …`)
  const measured = await run()
  const rows = measured.rows.map((row) => ({ ...row, ratio: rounded(row.ratio) }))
  print({ ...measured, rows })
  const goals = rows.filter(({ goal }) => goal !== undefined)
  results[name] = {
    on,
    ratios: Object.fromEntries(rows.filter(({ unit }) => !unit).map((row) => [row.name, row.ratio])),
    measures: Object.fromEntries(
      rows.flatMap(({ name: row, ratio: value, unit }) => (unit ? [[row, { value, unit }] as const] : [])),
    ),
    goals: Object.fromEntries(goals.map((row) => [row.name, { goal: sayGoal(row), reached: reachesGoal(row) }])),
    others: Object.fromEntries(rows.flatMap(({ name: row, others }) => (others ? [[row, others] as const] : []))),
  }
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
  if (!rows.every(reachesGoal)) process.exitCode = 1
}

if (chosen.length === 0 || chosen.includes('server') || parts.length > 0) {
  console.log('server …')
  const [{ serverBenchmark }, { writeReport }] = [await import('./server/server'), await import('./server/report')]
  const whole = chosen.length === 0 || chosen.includes('server')
  const measured = await serverBenchmark({ quick }, whole ? undefined : parts)
  print(measured)
  if (!quick && whole) writeReport(measured, on)
  if (!measured.rows.every(reachesGoal)) process.exitCode = 1
}

if (chosen.length === 0 || chosen.includes('render')) {
  console.log('render …')
  const { renderBenchmark } = await import('./render/render')
  const { missesOf, tableOf, writeReport } = await import('./render/report')
  const measured = await renderBenchmark({ quick })
  console.log(`\n${tableOf(measured)}`)
  if (!quick) writeReport(measured, on)
  if (missesOf(measured).length > 0) process.exitCode = 1
}

if (chosen.length === 0 || chosen.includes('faults')) {
  console.log('faults …')
  const { runFaults } = await import('./faults/faults')
  const { table, passed } = await runFaults(on)
  console.log(`\n${table}`)
  if (!passed) process.exitCode = 1
}

// The peers' servers leave timers behind.
process.exit()
