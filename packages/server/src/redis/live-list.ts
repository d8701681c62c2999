import type { Owner } from '../log'
import type { Commands } from './commands'
import type { Keys } from './keys'
import type { Sight } from './record'
import type { Sightings } from './sightings'

export type Found = Extract<Sight, { state: 'found' }>

/** How many of a user's running streams are listed at most, the newest first. */
const mostListed = 100

export interface LiveListOptions {
  readonly commands: Commands
  readonly keys: Keys
  readonly sightings: Sightings
  readonly onError: (error: unknown) => void
}

/** Finds the running streams of one user, and strikes off those that are over. */
export function createLiveList({ commands, keys, sightings, onError }: LiveListOptions) {
  return async (owner: Pick<Owner, 'tenant' | 'user'>): Promise<readonly Found[]> => {
    const live = keys.live(owner)
    const ids = (await commands.request(['ZREVRANGE', live, '0', String(mostListed - 1)])) as string[]
    const sights = await sightings.inTime(ids)
    const over = ids.filter((_, index) => {
      const sight = sights[index]!
      return sight.state === 'absent' || (sight.state === 'found' && sight.record.terminal !== undefined)
    })
    if (over.length > 0) commands.send(['ZREM', live, ...over]).catch(onError)
    return sights.filter((sight) => sight.state === 'found' && sight.record.terminal === undefined) as Found[]
  }
}
