import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checks, type Group } from '../conformance/checks'
import type { ConformanceOptions } from '../conformance/options'
import type { Report } from '../conformance/report'
import { runConformance } from '../conformance/run'

/** A server to be tested, and how to end it. */
export interface ConformanceContract extends ConformanceOptions {
  /** The groups of checks that may not apply. In the others a check that does not apply fails. Default: any may. */
  readonly lacks?: readonly Group[]
  readonly close?: () => void | Promise<void>
}

/**
 * The suite as tests of vitest, one for each check. One that does not apply passes with a note of why, unless `lacks`
 * says that it has to: a server which loses a feature must not lose its tests with it.
 */
export function conformanceContract(name: string, serve: () => Promise<ConformanceContract>): void {
  describe(`${name} keeps to the protocol`, () => {
    let report: Report
    let close: ConformanceContract['close']
    let lacks: readonly Group[] | undefined
    beforeAll(async () => {
      const { close: end, lacks: missing, ...options } = await serve()
      close = end
      lacks = missing
      report = await runConformance(options)
    }, 180_000)
    afterAll(() => close?.())

    for (const { group, clauses, title } of checks) {
      test(`[${clauses.join(' ')}] ${title}`, ({ annotate }) => {
        const result = report.checks.find((check) => check.title === title)
        if (result === undefined) return void annotate('left out by `only` or `except`')
        if (result.outcome === 'not-applicable' && (lacks ?? [group]).includes(group))
          return void annotate(`not applicable: ${result.seen}`)
        if (result.outcome === 'not-applicable') {
          expect.fail(`Does not apply: ${result.seen}. Give what is missing, or name "${group}" in \`lacks\`.`)
        }
        expect(result.outcome, `Expected ${result.expected}. Saw ${result.seen}.`).toBe('pass')
      })
    }
  })
}
