import { median } from '../median'
import type { Audience } from './audience'
import type { ContestantName } from './contestants'
import { type Served, startServer } from './served'

export interface FanOut {
  readonly readers: number
  readonly rounds: number
  /** Events of each round. */
  readonly events: number
  /** Milliseconds between them, or as soon after as the server is free again. */
  readonly every: number
}

/**
 * The processor time of each server for an event that one reader gets, as a ratio to that of the first. All are open at
 * the same time and publish in turns, so that whatever else the machine does falls on all of them.
 */
export async function measureFanOut(
  names: readonly [ContestantName, ...ContestantName[]],
  audience: Audience,
  { readers, rounds, events, every }: FanOut,
): Promise<Record<string, number>> {
  const servers: Served[] = []
  try {
    for (const name of names) {
      const server = await startServer(name, audience)
      servers.push(server)
      await server.join(readers)
      await server.publish({ count: 20, bytes: 40, every: 5 })
    }
    return await measureRounds(servers, { readers, rounds, events, every })
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]()
  }
}

async function measureRounds(servers: readonly Served[], { readers, rounds, events, every }: FanOut) {
  const times = servers.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, server] of servers.entries()) {
      const before = await server.processorTime()
      await server.publish({ count: events, bytes: 40, every })
      times[index]!.push(((await server.processorTime()) - before) / (events * readers))
    }
  }
  for (const server of servers) await server.checkNothingWrong()
  const [baseline] = times
  return Object.fromEntries(
    servers.map(({ name }, index) => [name, median(times[index]!.map((time, round) => time / baseline![round]!))]),
  )
}
