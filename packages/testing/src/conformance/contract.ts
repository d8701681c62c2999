import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checks, lastChecks } from './checks'
import type { ConformanceOptions } from './options'
import type { Report } from './report'
import { runConformance } from './run'

/** A server to be tested, and how to end it. */
export interface ConformanceContract extends ConformanceOptions {
  /** The clauses that this server has to keep: a check of one of them that does not apply fails. Default: none. */
  readonly applies?: readonly string[]
  readonly close?: () => void | Promise<void>
}

/**
 * The suite as tests of vitest, one for each check. One that does not apply passes, with a note of why; `applies` names
 * what must, so that a server which loses a feature does not lose its tests with it.
 */
export function conformanceContract(name: string, serve: () => Promise<ConformanceContract>): void {
  describe(`${name} keeps to the protocol`, () => {
    let report: Report
    let close: ConformanceContract['close']
    let applies: readonly string[] = []
    beforeAll(async () => {
      const { close: end, applies: demanded = [], ...options } = await serve()
      close = end
      applies = demanded
      report = await runConformance(options)
    }, 60_000)
    afterAll(() => close?.())

    for (const { clauses, title } of [...checks, ...lastChecks]) {
      test(`[${clauses.join(' ')}] ${title}`, ({ annotate }) => {
        const result = report.checks.find((check) => check.title === title)
        if (result === undefined) return void annotate('left out by `only` or `except`')
        if (result.outcome === 'not-applicable' && !clauses.some((clause) => applies.includes(clause)))
          return void annotate(`not applicable: ${result.seen}`)
        expect(result).toMatchObject({ outcome: 'pass' })
      })
    }
  })
}
