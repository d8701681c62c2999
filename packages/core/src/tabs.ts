import type { Memory } from './address'
import { check, settings } from './option'
import { shareAddress } from './tabs-address'
import type { OpenChannel, TabChannel, TabLocks } from './tabs-channel'
import { shareConnection } from './tabs-connection'
import type { Wrapper } from './transports/transport'

export type { OpenChannel, TabChannel, TabLocks } from './tabs-channel'

export interface TabsOptions {
  /**
   * How much of an answer each tab keeps for tabs that come later, in characters, where an event weighs 64 and its data.
   * Default 1,048,576, some 15,000 tokens. A tab that lacks more than that reads the answer over a connection of its own.
   */
  readonly window?: number
  /** How long, about, a tab that reads for the others may be silent before another one takes over, in milliseconds. Default 3,000. */
  readonly patience?: number
  /** Where the address of a running answer is looked for when no tab answers, such as `persistent(name)`. Default: nowhere. */
  readonly memory?: Memory
  /** Default `navigator.locks`. Insecure contexts have none: then each tab connects by itself. */
  readonly locks?: TabLocks
  /** Opens the channel between the tabs. Default: a `BroadcastChannel`. */
  readonly channel?: OpenChannel
  /** Draws the jitter. Default `Math.random`. */
  readonly random?: () => number
}

/** Two options of a stream: spread them into the others. */
export interface Tabs {
  readonly via: readonly Wrapper[]
  readonly persist: Memory
}

const broadcast: OpenChannel = (name) => new BroadcastChannel(name) as TabChannel

/**
 * Lets all tabs that show the stream `name` share one connection, and shows in each what was started in any.
 * `name`: the same in all tabs, and another for each conversation; where people can change accounts, with the account in it.
 * A tab that closes, crashes or freezes while it reads for the others costs no event. Without Web Locks or channels each
 * tab connects by itself. Throws a `StreamError` with the code `option`.
 */
export function tabs(name: string, options: TabsOptions = {}): Tabs {
  check(typeof name === 'string' && name !== '', 'name', name, 'a name that is the same in all tabs')
  const defaults = {
    window: 1_048_576,
    patience: 3_000,
    memory: undefined as Memory | undefined,
    locks: globalThis.navigator?.locks as TabLocks | undefined,
    channel: globalThis.BroadcastChannel && broadcast,
    random: Math.random,
  }
  const { memory, locks, channel, ...more } = settings('tabs.', defaults, options, 1)
  const remembers = typeof memory?.load === 'function' && typeof memory.save === 'function'
  check(!memory || remembers, 'tabs.memory', memory, 'persistent(key), or an object with `load` and `save`')
  if (!channel) return { via: [], persist: memory ?? nowhere }
  const via: Wrapper[] = locks ? [(transport) => shareConnection(transport, name, { ...more, locks, channel })] : []
  return { via, persist: shareAddress(name, channel, memory) }
}

const nowhere: Memory = { load: () => undefined, save() {} }
