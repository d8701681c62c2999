import type { End } from '../entry'
import { createEpoch } from '../ids'
import type { Commands, Reply } from './commands'
import type { Keys } from './keys'
import type { OwnedStream } from './owned-stream'
import { readTaken, type Taken } from './record'
import { overdueScript, releaseScript, renewScript, takeScript } from './scripts'

/** Who produces what: this process says that it lives, and takes over from those that do not. */
export interface Leases {
  /** Renews the leases of all streams that are produced here, and learns what became of them. */
  readonly renew: () => Promise<void>
  /** Takes over streams whose owner is dead. */
  readonly takeOver: () => Promise<void>
  /** Ends all leases of this process, so that others take over at once. */
  readonly release: (signal: AbortSignal) => Promise<void>
}

export interface LeasesOptions {
  readonly commands: Commands
  readonly keys: Keys
  readonly leaseTimeout: number
  readonly renewInterval: number
  /** The streams that are produced here and not over. */
  readonly owned: () => readonly OwnedStream[]
  readonly now: () => number
  readonly onTaken: (taken: Taken) => void
}

/** A script holds up everybody else for as long as it runs. */
const mostAtOnce = 200
/** How many streams one process takes over at a time: it leaves the others some. */
const mostTaken = 20
/** A take-over is void where Redis has stood still for so long since it was looked at, in milliseconds. */
const patience = 2000

export function createLeases(options: LeasesOptions): Leases {
  const { commands, keys, leaseTimeout, renewInterval, now } = options
  let renewing: Promise<void> | undefined
  let taking: Promise<void> | undefined

  async function renewSome(streams: readonly OwnedStream[]): Promise<void> {
    const replies = await commands.run(renewScript, {
      keys: [
        ...[keys.leases, keys.mark],
        ...streams.flatMap(({ stream: { id }, key }) => [
          keys.meta(id),
          keys.log(id),
          key === undefined ? keys.meta(id) : keys.key(key),
        ]),
      ],
      args: [
        ...[leaseTimeout, 0, keys.control],
        ...streams.flatMap(({ stream: { id, epoch }, term, flushed }) => [id, epoch, term, flushed]),
      ],
    })
    for (const [index, reply] of replies.entries()) judge(streams[index]!, reply as Reply)
  }

  function judge(owned: OwnedStream, [state, stop, age]: Reply): void {
    // It may have ended while Redis answered.
    if (owned.stream.terminal) return
    if (state === 'fenced') owned.lose()
    if (state === 'gap') owned.heal()
    if (age !== '') owned.readAgo(Number(age))
    if (stop !== '') owned.end(JSON.parse(stop as string) as End)
  }

  async function renew(): Promise<void> {
    const owned = options.owned()
    for (let index = 0; index < owned.length; index += mostAtOnce) {
      await renewSome(owned.slice(index, index + mostAtOnce))
    }
  }

  /** Takes some. Tells whether there may be more. */
  async function takeSome(): Promise<boolean> {
    const reply = await commands.run(overdueScript, { keys: [keys.leases], args: [mostTaken] })
    const [seenAt, ...found] = reply as readonly string[]
    if (now() - commands.steadySince() < 2 * renewInterval) return false
    const mine = new Set(options.owned().map(({ stream }) => stream.id))
    let took = false
    const take = async (id: string, deadline: string) => {
      const args = [id, deadline, seenAt!, patience, leaseTimeout, createEpoch()]
      const taken = readTaken(id, await commands.run(takeScript, { keys: [keys.leases, keys.meta(id)], args }))
      took ||= taken !== undefined
      if (taken) options.onTaken(taken)
    }
    const takes: Promise<void>[] = []
    for (let index = 0; index < found.length; index += 2) {
      if (!mine.has(found[index]!)) takes.push(take(found[index]!, found[index + 1]!))
    }
    await Promise.all(takes)
    return took && found.length === 2 * mostTaken
  }

  async function takeOver(): Promise<void> {
    while (await takeSome());
  }

  return {
    renew() {
      renewing ??= renew().finally(() => {
        renewing = undefined
      })
      return renewing
    },
    takeOver() {
      taking ??= takeOver().finally(() => {
        taking = undefined
      })
      return taking
    },
    async release(signal) {
      const owned = options.owned()
      if (owned.length === 0) return
      await commands.run(releaseScript, {
        keys: [keys.leases, ...owned.map(({ stream }) => keys.meta(stream.id))],
        args: owned.flatMap(({ stream: { id }, term }) => [id, term]),
        signal,
      })
    },
  }
}
