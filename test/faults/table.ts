import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from './until'

/** What a test proves, and how: its title, and what returns the verdict in words. */
export type Case = readonly [title: string, run: () => Promise<string>]

/** By column: a test; or, as a sentence, why there can be none. */
export type Cases<TSide extends string> = { readonly [K in TSide]?: Case | string }

interface Row<TSide extends string> {
  readonly fault: string
  readonly cases: Cases<TSide>
  readonly verdicts: { [K in TSide]?: string }
}

/** `keepstream()` against `@keepstream/server`, and `openaiChat()` against an endpoint that keeps nothing. */
const overFetch = { keepstream: 'Keepstream', bare: 'bare OpenAI endpoint' } as const

const document = join(import.meta.dirname, '../../docs/faults.md')
const updates = process.env.UPDATE_FAULTS === '1'

/** What nobody may leave behind. */
const watched = ['Timeout', 'TCPServerWrap', 'TCPSocketWrap']

/**
 * A chapter of docs/faults.md: the faults of one test file, one row each. After the tests the chapter must say what they
 * said, and neither a socket nor a timer may be left in the process. With `UPDATE_FAULTS=1` the chapter is written instead.
 * `describe.concurrent` as the `suite`: rows that wait more than they work run side by side.
 */
export function chapter<TSide extends string = keyof typeof overFetch>(
  file: string,
  title: string,
  columns: Readonly<Record<TSide, string>> = overFetch as never,
  suite: typeof describe.concurrent = describe,
): (fault: string, cases: Cases<TSide>, timeout?: number) => void {
  const sides = Object.keys(columns) as TSide[]
  const rows: Row<TSide>[] = []
  let before: readonly string[] = []
  beforeAll(() => {
    before = process.getActiveResourcesInfo()
  })
  afterAll(async () => {
    const count = (kinds: readonly string[]) =>
      Object.fromEntries(watched.map((kind) => [kind, kinds.filter((found) => found === kind).length]))
    const least = count(before)
    const settled = (left: Record<string, number>) => watched.every((kind) => left[kind]! <= least[kind]!)
    await until(() => count(process.getActiveResourcesInfo()), settled, 20_000)
    // Where a test failed, or only some were asked for, there is nothing to compare.
    if (rows.some(({ cases, verdicts }) => sides.some((side) => Array.isArray(cases[side]) && !verdicts[side]))) return
    checkChapter(basename(file), `## ${title}\n\n${write(columns, sides, rows)}`)
  }, 30_000)

  return (fault, cases, timeout = 90_000) => {
    const verdicts: Row<TSide>['verdicts'] = {}
    rows.push({ fault, cases, verdicts })
    if (!sides.some((side) => Array.isArray(cases[side]))) return
    suite(fault, () => {
      for (const side of sides) {
        const given: Case | string | undefined = cases[side]
        if (given === undefined || typeof given === 'string') continue
        const [name, run] = given
        test.concurrent(
          `${side}: ${name}`,
          async () => {
            verdicts[side] = await run()
          },
          timeout,
        )
      }
    })
  }
}

function write<TSide extends string>(
  columns: Readonly<Record<TSide, string>>,
  sides: readonly TSide[],
  rows: readonly Row<TSide>[],
): string {
  const cell = ({ cases, verdicts }: Row<TSide>, side: TSide) => {
    const given: Case | string | undefined = cases[side]
    if (given === undefined) return '–'
    return typeof given === 'string' ? given : `${given[0]} (${verdicts[side]})`
  }
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(['fault', ...sides.map((side) => columns[side])]),
    `|${'---|'.repeat(sides.length + 1)}`,
    ...rows.map((row) => line([row.fault, ...sides.map((side) => cell(row, side))])),
    '',
  ].join('\n')
}

function checkChapter(name: string, written: string): void {
  const marks = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`] as const
  const text = readFileSync(document, 'utf8')
  const [start, end] = marks.map((mark) => text.indexOf(mark)) as [number, number]
  const before = start < 0 ? `${text}\n` : text.slice(0, start)
  const behind = start < 0 ? '\n' : text.slice(end + marks[1].length)
  if (updates) writeFileSync(document, `${before}${marks[0]}${written}${marks[1]}${behind}`)
  else
    expect(start < 0 ? '' : text.slice(start + marks[0].length, end), 'run the faults with UPDATE_FAULTS=1').toBe(
      written,
    )
}
