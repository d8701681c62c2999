import type { Check } from './check'
import { aroundChecks, drainChecks } from './checks/around'
import { endingChecks, stoppingChecks } from './checks/ending'
import { nodeChecks } from './checks/nodes'
import { positionChecks } from './checks/positions'
import { readingChecks } from './checks/reading'
import { socketChecks } from './checks/socket'
import { startingChecks } from './checks/starting'

/** Everything that is checked, in the order of PROTOCOL.md. */
export const checks: readonly Check[] = [
  ...readingChecks,
  ...positionChecks,
  ...endingChecks,
  ...startingChecks,
  ...stoppingChecks,
  ...aroundChecks,
  ...socketChecks,
  ...nodeChecks,
]

/** What ends the server under test. */
export const lastChecks: readonly Check[] = drainChecks
