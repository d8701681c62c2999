import { readFileSync, writeFileSync } from 'node:fs'
import { type Column, type Figure, reachesGoal, rounded } from './column'
import { type ContestantName, contestantNames, contestantOf } from './contestants'

const results = new URL('../render.json', import.meta.url)
const readme = new URL('../README.md', import.meta.url)

/** Keeps what was measured: the figures in render.json, and a table of them in README.md. */
export function writeReport(columns: readonly Column[], on: string): void {
  const measured = columns.map(({ name, what, goal, figures }) => ({
    name,
    what,
    goal,
    figures: Object.fromEntries([...figures].map(([who, figure]) => [who, plain(figure)])),
    misses: missesOf(columns, name),
  }))
  writeFileSync(results, `${JSON.stringify({ on, measured }, null, 2)}\n`)
  const text = readFileSync(readme, 'utf8')
  const table = /(<!-- render:start -->\n)[\s\S]*(<!-- render:end -->)/
  writeFileSync(
    readme,
    text.replace(table, (_, start, end) => `${start}\n${tableOf(columns)}\n${on}.\n\n${end}`),
  )
}

const plain = (figure: Figure) => (typeof figure === 'number' ? rounded(figure) : figure)

/** Who misses the goal of a column, or of any. */
export const missesOf = (columns: readonly Column[], of?: string): readonly ContestantName[] =>
  contestantNames.filter((name) =>
    columns.some((column) => (of === undefined || column.name === of) && !reachesGoal(column, name)),
  )

/** A row for each contestant, what misses its goal in bold, and the goals below. */
export function tableOf(columns: readonly Column[]): string {
  const show = (figure: Figure | undefined) => (typeof figure === 'number' ? String(rounded(figure)) : (figure ?? ''))
  const cell = (column: Column, name: ContestantName) => {
    const shown = show(column.figures.get(name))
    return reachesGoal(column, name) ? shown : `**${shown}**`
  }
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const goals = (['useStream', 'StreamText'] as const).map((own) => {
    const most = columns.map(({ goal }) => goal?.[own])
    return row([`goal of \`${own}\``, ...most.map((goal) => (goal === undefined ? '' : `≤ ${goal}`))])
  })
  return `${[
    row(['', ...columns.map(({ what }) => what)]),
    row(['---', ...columns.map(() => '---:')]),
    ...contestantNames.map((name) => row([contestantOf(name).title, ...columns.map((column) => cell(column, name))])),
    ...goals,
  ].join('\n')}\n`
}
