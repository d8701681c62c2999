import type { Check } from './check'
import { aroundChecks, drainChecks, operationChecks } from './checks/around'
import { endingChecks, stoppingChecks } from './checks/ending'
import { lineChecks } from './checks/lines'
import { nodeChecks } from './checks/nodes'
import { originChecks } from './checks/origins'
import { positionChecks } from './checks/positions'
import { readingChecks } from './checks/reading'
import { socketChecks } from './checks/socket'
import { startingChecks } from './checks/starting'

/** Everything that is checked, in the order of PROTOCOL.md. What ends the server under test comes last. */
export const groups = {
  reading: readingChecks,
  positions: positionChecks,
  ending: endingChecks,
  starting: startingChecks,
  stopping: stoppingChecks,
  around: aroundChecks,
  socket: socketChecks,
  lines: lineChecks,
  origins: originChecks,
  nodes: nodeChecks,
  operations: operationChecks,
  drain: drainChecks,
} as const satisfies Readonly<Record<string, readonly Check[]>>

export type Group = keyof typeof groups

export const checks: readonly (Check & { readonly group: Group })[] = Object.entries(groups).flatMap(
  ([group, members]) => members.map((check) => ({ ...check, group: group as Group })),
)

/** The clauses that the suite looks at. */
export const checkedClauses: readonly string[] = [...new Set(checks.flatMap(({ clauses }) => clauses))]
