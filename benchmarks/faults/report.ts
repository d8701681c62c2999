import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Cell, patience } from './cell'
import type { Contestant } from './contestants'
import { longPhrase, shortPhrase } from './phrase'
import type { Fault } from './rows'

export interface Column {
  readonly contestant: Contestant
  readonly version: string
  /** One for each fault, in their order. */
  readonly cells: readonly Cell[]
}

/** The version that is installed here; not every package lets its package.json be imported. */
export function versionOf(name: string): string {
  const file = createRequire(import.meta.url)
    .resolve.paths(name)!
    .map((folder) => join(folder, name, 'package.json'))
    .find((path) => readable(path))
  return JSON.parse(readFileSync(file!, 'utf8')).version
}

function readable(path: string): boolean {
  try {
    return readFileSync(path).length > 0
  } catch {
    return false
  }
}

const title = ({ contestant, version }: Column) =>
  version === '0.0.0' ? contestant.title : `${contestant.title} ${version}`

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

/** The table of the page, as Markdown. */
export function writeTable(faults: readonly Fault[], columns: readonly Column[]): string {
  return [
    row(['fault', ...columns.map(title)]),
    row(['---', ...columns.map(() => '---')]),
    ...faults.map(({ name }, index) => row([name, ...columns.map(({ cells }) => shortPhrase(cells[index]!))])),
  ].join('\n')
}

function writeDetails(faults: readonly Fault[], columns: readonly Column[]): string {
  const detail = (column: Column) =>
    [
      `### ${title(column)}`,
      `\`${column.contestant.package}\`. ${column.contestant.setup}`,
      faults
        .map(({ name }, index) => {
          const cell = column.cells[index]!
          return cell.verdict === 'absent'
            ? `- ${name}: does not arise. ${cell.connections === 0 ? 'Its protocol has no heartbeats' : longPhrase(cell, patience)}`
            : `- ${name}: ${cell.verdict}. ${longPhrase(cell, patience)}`
        })
        .join('\n'),
    ].join('\n\n')
  return columns.map(detail).join('\n\n')
}

const document = new URL('../../docs/faults-of-peers.md', import.meta.url)
const marks = ['<!-- faults -->\n', '\n<!-- end of faults -->'] as const

/** Writes benchmarks/faults.json, and the part of docs/faults-of-peers.md between its marks. */
export function writeReport(on: string, faults: readonly Fault[], columns: readonly Column[]): void {
  const table = Object.fromEntries(
    columns.map(({ contestant, version, cells }) => [
      contestant.title,
      {
        package: contestant.package,
        version,
        cells: Object.fromEntries(faults.map(({ name }, index) => [name, cells[index]])),
      },
    ]),
  )
  writeFileSync(new URL('../faults.json', import.meta.url), `${JSON.stringify({ on, patience, table }, null, 2)}\n`)
  const text = readFileSync(document, 'utf8')
  const [start, end] = marks.map((mark) => text.indexOf(mark)) as [number, number]
  if (start < 0 || end < 0)
    throw new Error(`${dirname(document.pathname)}/faults-of-peers.md has lost its marks ${marks.join(' and ')}.`)
  const generated = `Measured on ${on}.\n\n${writeTable(faults, columns)}\n\n## What each one did\n\n${writeDetails(faults, columns)}`
  writeFileSync(document, `${text.slice(0, start + marks[0].length)}${generated}${text.slice(end)}`)
}
