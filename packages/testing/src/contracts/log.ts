import { describe } from 'vitest'
import { claimCases } from './log-claims'
import { entryCases } from './log-entries'
import type { LogHarness } from './log-harness'
import { placeCases } from './log-places'
import { timeCases } from './log-time'

/**
 * What every log of `@keepstream/server` does, in one process and, where it is shared, over every process that shares it.
 * Nothing is timed: what another process has to learn is waited for, as long as the harness has patience.
 */
export function logContract(name: string, harness: LogHarness): void {
  describe(`the log ${name}`, () => {
    claimCases(harness)
    entryCases(harness)
    placeCases(harness)
    timeCases(harness)
  })
}
