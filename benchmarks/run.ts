// Runs the benchmarks named on the command line, or all, prints their tables and writes the ratios to results.json,
// from which the README takes its figures (scripts/figures.mjs).
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { type Benchmark, reachesGoal } from './benchmark'

// Loaded one by one: what one benchmark leaves in memory or in V8's caches is not measured by another that was not asked for.
const benchmarks: Record<string, () => Promise<Benchmark>> = {
  parser: async () => (await import('./parser')).parserBenchmark(),
  client: async () => (await import('./client')).clientBenchmark(),
}

interface Results {
  [benchmark: string]: { readonly on: string; readonly ratios: Record<string, number> }
}

function readResults(file: URL): Results {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {} // The first run.
  }
}

function print({ title, rows }: Benchmark): void {
  console.log(`\n${title}`)
  console.table(
    Object.fromEntries(
      rows.map((row) => [
        row.what,
        {
          keepstream: row.ratio,
          goal: row.goal === undefined ? '' : 'atLeast' in row.goal ? `≥ ${row.goal.atLeast}` : `≤ ${row.goal.atMost}`,
          reached: reachesGoal(row) ? 'yes' : 'NO',
          ...row.others,
        },
      ]),
    ),
  )
}

const chosen = process.argv.slice(2)
const unknown = chosen.find((name) => !(name in benchmarks))
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}". There are: ${Object.keys(benchmarks).join(', ')}.`)
  process.exit(1)
}

const file = new URL('results.json', import.meta.url)
const results = readResults(file)
const on = `Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? process.arch}`
const rounded = (ratio: number) => Number(ratio.toFixed(2))

for (const [name, run] of Object.entries(benchmarks)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  console.log(`${name} …`)
  const measured = await run()
  const rows = measured.rows.map((row) => ({ ...row, ratio: rounded(row.ratio) }))
  print({ ...measured, rows })
  results[name] = { on, ratios: Object.fromEntries(rows.map((row) => [row.name, row.ratio])) }
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
  if (!rows.every(reachesGoal)) process.exitCode = 1
}
