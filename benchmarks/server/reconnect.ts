import { median } from '../median'
import type { Audience } from './audience'
import type { ContestantName } from './contestants'
import { type Served, startServer } from './served'

export interface Reconnect {
  readonly readers: number
  /** How many were there before: all of them, or some, where they come back to another server, which has just started. */
  readonly before: number
  readonly rounds: number
  /** Events that each of them missed. */
  readonly missed: number
}

/**
 * All readers come back at once, each to its place, and catch up: the processor time of the server until the last one has
 * everything, and the time by the clock, as ratios to the first. Fails where an event is lost or comes twice.
 */
export async function measureReconnect(
  names: readonly [ContestantName, ...ContestantName[]],
  audience: Audience,
  { readers, before: known, rounds, missed }: Reconnect,
): Promise<Record<string, { readonly processor: number; readonly clock: number }>> {
  const found = names.map((): { processor: number; clock: number }[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [index, name] of names.entries()) {
      await using server = await startServer(name, audience)
      await server.join(known)
      await server.publish({ count: 20, bytes: 40, every: 2 })
      await server.leave()
      await atRest(server)
      const place = server.published
      await server.publish({ count: missed, bytes: 40, every: 0 })
      const [before, began] = [await server.processorTime(), performance.now()]
      await server.join(readers, place)
      await server.caughtUp()
      found[index]!.push({ clock: performance.now() - began, processor: (await server.processorTime()) - before })
      await server.checkNothingWrong()
    }
  const [baseline] = found
  const ratio = (index: number, what: 'processor' | 'clock') =>
    median(found[index]!.map((each, round) => each[what] / baseline![round]![what]))
  return Object.fromEntries(
    names.map((name, index) => [name, { processor: ratio(index, 'processor'), clock: ratio(index, 'clock') }]),
  )
}

/** Resolves once whoever left is gone for the server as well. No garbage is collected for it: V8 throws away code as well then. */
async function atRest({ processorTime }: Served): Promise<void> {
  for (let before = Number.NEGATIVE_INFINITY, now = await processorTime(); now - before > restless; ) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    before = now
    now = await processorTime()
  }
}

/** What a process at rest takes in a tenth of a second, in microseconds. */
const restless = 5000
