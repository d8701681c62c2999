import { startDeadline } from '../deadline'
import type { CommandOptions, Commands, Reply } from './commands'
import type { Keys } from './keys'
import { readSight, type Sight } from './record'
import { lookScript } from './scripts'

export interface Wanted {
  readonly id: string
  /** The seq of the snapshot that is known already. */
  readonly snapshotSeq?: number | undefined
}

/** How streams stand in Redis. */
export interface Sightings {
  /** In one call for each 200. `read`: they are read here, which their owner may want to know. */
  readonly look: (
    wanted: readonly Wanted[],
    options: { readonly read: boolean; readonly signal?: AbortSignal },
  ) => Promise<Sight[]>
  /** Few streams, for whom somebody waits. */
  readonly inTime: (ids: readonly string[]) => Promise<Sight[]>
  /** One stream, for whom somebody waits. Where its owner may be about to write it again, that is waited for. */
  readonly find: (id: string) => Promise<Extract<Sight, { state: 'found' }> | undefined>
  /** Asks again, for as long as Redis may still be told what it has forgotten. */
  readonly settled: (ask: () => Promise<Reply>) => Promise<Reply>
}

/** A script holds up everybody else for as long as it runs. */
const mostAtOnce = 200
/** How soon to look again for what may be written again, in milliseconds. */
const lookAgain = 50

export interface SightingsOptions {
  readonly commands: Commands
  readonly keys: Keys
  readonly leaseTimeout: number
  /** How long Redis may take to be told again what it has forgotten, in milliseconds. */
  readonly grace: number
}

export function createSightings({ commands, keys, leaseTimeout, grace }: SightingsOptions): Sightings {
  const optionsOf = (wanted: readonly Wanted[], read: boolean): CommandOptions => ({
    keys: [keys.leases, keys.mark, ...wanted.map(({ id }) => keys.meta(id))],
    args: [
      ...[leaseTimeout, grace, keys.control, read ? 1 : ''],
      ...wanted.flatMap(({ id, snapshotSeq = '' }) => [id, snapshotSeq]),
    ],
  })
  const sightsOf = (wanted: readonly Wanted[], replies: Reply) =>
    wanted.map(({ id }, index) => readSight(id, replies[index] as Reply))

  async function settled(ask: () => Promise<Reply>): Promise<Reply> {
    for (;;) {
      const reply = await ask()
      if (reply[0] !== 'wait') return reply
      await new Promise<void>((resolve) => startDeadline(lookAgain, resolve))
    }
  }

  return {
    async look(wanted, { read, signal }) {
      const sights: Sight[] = []
      for (let index = 0; index < wanted.length; index += mostAtOnce) {
        const some = wanted.slice(index, index + mostAtOnce)
        sights.push(...sightsOf(some, await commands.run(lookScript, { ...optionsOf(some, read), signal })))
      }
      return sights
    },
    async inTime(ids) {
      const wanted = ids.map((id) => ({ id }))
      return sightsOf(wanted, await commands.ask(lookScript, optionsOf(wanted, false)))
    },
    async find(id) {
      const options = optionsOf([{ id }], false)
      const reply = await settled(async () => (await commands.ask(lookScript, options))[0] as Reply)
      const sight = readSight(id, reply)
      return sight.state === 'found' ? sight : undefined
    },
    settled,
  }
}
