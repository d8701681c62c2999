import { StreamError } from '@keepstream/core'
import { startDeadline } from '../deadline'
import type { End, Terminal } from '../entry'
import type { StreamLog } from '../log'
import type { Commands } from './commands'
import type { Keys } from './keys'
import { stopScript } from './scripts'
import type { Sightings } from './sightings'

export interface StoppingOptions {
  readonly commands: Commands
  readonly keys: Keys
  readonly sightings: Sightings
  /** How long it may take until the owner has ended it, or is found dead, in milliseconds. */
  readonly patience: number
  readonly now: () => number
  /** The stream where this process produces it. */
  readonly findOwned: (id: string) => StreamLog | undefined
  readonly takeOver: () => Promise<void>
}

/** How soon to look again whether it has ended, in milliseconds. */
const lookAgain = 100
/** How soon to ask again, in milliseconds: the message may have been lost, and the field too. */
const askAgain = 1000

/** Ends a stream of another process: asks its owner until it has ended it, or until its lease is over. */
export function createStopping(options: StoppingOptions) {
  const { commands, keys, sightings, now } = options

  return async (id: string, end: End, retention: number): Promise<Terminal> => {
    const until = now() + options.patience
    const message = JSON.stringify({ type: 'stop', stream: id, end })
    for (let asked = Number.NEGATIVE_INFINITY; now() < until; ) {
      const mine = options.findOwned(id)
      if (mine) return mine.seal(end, retention)
      if (now() - asked > askAgain) {
        asked = now()
        await commands.ask(stopScript, { keys: [keys.meta(id)], args: [keys.control, message, JSON.stringify(end)] })
      }
      const sight = await sightings.find(id)
      if (!sight) break
      if (sight.record.terminal) return sight.record.terminal
      if (sight.overdue) await options.takeOver()
      await new Promise<void>((resolve) => startDeadline(lookAgain, resolve))
    }
    throw new StreamError('timeout', 'The process that produces the stream did not end it in time.', {
      reason: 'unavailable',
    })
  }
}
