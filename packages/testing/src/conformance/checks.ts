import type { Check } from './check'
import { aroundChecks, drainChecks } from './checks/around'
import { endingChecks, stoppingChecks } from './checks/ending'
import { nodeChecks } from './checks/nodes'
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
  nodes: nodeChecks,
  drain: drainChecks,
} as const satisfies Readonly<Record<string, readonly Check[]>>

export type Group = keyof typeof groups

export const checks: readonly (Check & { readonly group: Group })[] = Object.entries(groups).flatMap(
  ([group, members]) => members.map((check) => ({ ...check, group: group as Group })),
)
