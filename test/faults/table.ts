import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from './until'

/** What a test proves, and how: its title, and what returns the verdict in words. */
type Case = readonly [title: string, run: () => Promise<string>]

export interface Cases {
  /** `keepstream()` against `@keepstream/server`. */
  readonly keepstream?: Case
  /** `openaiChat()` against an endpoint that keeps nothing. */
  readonly bare?: Case
}

const document = join(import.meta.dirname, '../../docs/faults.md')
const updates = process.env.UPDATE_FAULTS === '1'

/**
 * A chapter of docs/faults.md: the faults of one test file, one row each. After the tests the chapter must say what they
 * said, and neither a socket nor a timer may be left in the process. With `UPDATE_FAULTS=1` the chapter is written instead.
 */
export function chapter(file: string, title: string): (fault: string, cases: Cases, timeout?: number) => void {
  const rows: {
    readonly fault: string
    readonly cases: Cases
    readonly verdicts: Partial<Record<keyof Cases, string>>
  }[] = []
  let before: readonly string[] = []
  beforeAll(() => {
    before = process.getActiveResourcesInfo()
  })
  afterAll(async () => {
    for (const kind of ['Timeout', 'TCPServerWrap', 'TCPSocketWrap']) {
      const count = (resources: readonly string[]) => resources.filter((resource) => resource === kind).length
      await until(
        () => count(process.getActiveResourcesInfo()),
        (left) => left <= count(before),
        8_000,
      )
    }
    // Where a test failed, or only some were asked for, there is nothing to compare.
    if (rows.some(({ cases, verdicts }) => Object.keys(cases).length !== Object.keys(verdicts).length)) return
    checkChapter(basename(file), `## ${title}\n\n${write(rows)}`)
  }, 30_000)

  return (fault, cases, timeout = 20_000) => {
    const verdicts: Partial<Record<keyof Cases, string>> = {}
    rows.push({ fault, cases, verdicts })
    describe(fault, () => {
      for (const side of ['keepstream', 'bare'] as const) {
        const [name, run] = cases[side] ?? []
        if (!name || !run) continue
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

function write(
  rows: readonly { fault: string; cases: Cases; verdicts: Partial<Record<keyof Cases, string>> }[],
): string {
  const cell = (given: Case | undefined, verdict: string | undefined) => (given ? `${given[0]} (${verdict})` : '–')
  const lines = rows.map(
    ({ fault, cases, verdicts }) =>
      `| ${fault} | ${cell(cases.keepstream, verdicts.keepstream)} | ${cell(cases.bare, verdicts.bare)} |`,
  )
  return ['| fault | Keepstream | bare OpenAI endpoint |', '|---|---|---|', ...lines, ''].join('\n')
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
