import { readFileSync, writeFileSync } from 'node:fs'
import { type Benchmark, type BenchmarkRow, reachesGoal } from '../benchmark'

const results = new URL('../server.json', import.meta.url)
const readme = new URL('../README.md', import.meta.url)

/** Keeps what was measured: the figures in server.json, and a table of them in README.md. */
export function writeReport({ rows }: Benchmark, on: string): void {
  const measured = rows.map((row) => ({ ...row, ratio: round(row.ratio), reached: reachesGoal(row) }))
  writeFileSync(results, `${JSON.stringify({ on, rows: measured }, null, 2)}\n`)
  const text = readFileSync(readme, 'utf8')
  const table = /(<!-- server:start -->\n)[\s\S]*(<!-- server:end -->)/
  writeFileSync(
    readme,
    text.replace(table, (_, start, end) => `${start}\n${tableOf(rows)}\n${on}.\n\n${end}`),
  )
}

const round = (figure: number) => Number(figure.toFixed(2))

export function tableOf(rows: readonly BenchmarkRow[]): string {
  const lines = rows.map((row) => {
    const { what, ratio, goal, unit, others = {} } = row
    const show = (figure: number) => (unit === 'bytes' ? `${(figure / 1024).toFixed(1)} KiB` : `${figure.toFixed(2)} ×`)
    const aim = goal && ('atMost' in goal ? `≤ ${show(goal.atMost)}` : `≥ ${show(goal.atLeast)}`)
    const peers = Object.entries(others).map(([name, figure]) => `${name} ${show(figure)}`)
    return `| ${what} | ${show(ratio)} | ${aim ?? ''} | ${reachesGoal(row) ? 'yes' : '**no**'} | ${peers.join(', ')} |`
  })
  return `${['| | keepstream | goal | reached | others |', '|---|---|---|---|---|', ...lines].join('\n')}\n`
}
