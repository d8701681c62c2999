import { oncePerTurn } from '../turn'
import type { Connection } from './connection'
import type { FollowedStream } from './followed-stream'
import type { Keys } from './keys'
import { readPublished, type Sight } from './record'
import type { Sightings } from './sightings'

/**
 * The streams of other processes that are read in this one. One connection subscribes for all of them, and one call
 * checks where all of them stand: however a message is lost, the next check finds it.
 */
export interface Following {
  readonly get: (id: string) => FollowedStream | undefined
  readonly add: (id: string, followed: FollowedStream) => void
  /** Takes a message of a channel. Tells whether it was one of a stream. */
  readonly receive: (channel: string, message: string) => boolean
  /** Somebody watches it from now on, also where it was forgotten meanwhile. */
  readonly watched: (followed: FollowedStream) => void
  /** Looks at one stream. */
  readonly look: (followed: FollowedStream) => Promise<void>
  /** Looks at all that are watched. */
  readonly check: () => Promise<void>
  /** Forgets what nobody has watched for a while. */
  readonly sweep: () => void
  readonly clear: () => void
}

export interface FollowingOptions {
  readonly connection: Pick<Connection, 'subscribe' | 'unsubscribe'>
  readonly sightings: { readonly look: (...given: Parameters<Sightings['look']>) => Promise<readonly Sight[]> }
  readonly keys: Pick<Keys, 'channel'>
  /** How long a stream that nobody watches is remembered, in milliseconds: readers come back within seconds. */
  readonly linger: number
  readonly now: () => number
  /** A stream was seen whose owner has not been heard of for too long. */
  readonly onOverdue: () => void
  /** A subscription failed. It is tried again at the next check. */
  readonly onError: (error: unknown) => void
}

export function createFollowing({ connection, sightings, keys, linger, now, ...hooks }: FollowingOptions): Following {
  const streams = new Map<string, FollowedStream>()
  const channels = new Map<string, FollowedStream>()
  /** Those whose position is to be looked at, because they are watched since a moment ago. */
  const fresh = new Set<FollowedStream>()

  async function look(all: readonly FollowedStream[]): Promise<void> {
    const wanted = all.map(({ stream }) => ({ id: stream.id, snapshotSeq: stream.snapshot?.seq }))
    const sights = await sightings.look(wanted, { read: true })
    for (const [index, sight] of sights.entries()) {
      all[index]!.see(sight)
      if (sight.state === 'found' && sight.overdue) hooks.onOverdue()
    }
  }

  const lookAtFresh = oncePerTurn(() => {
    const all = [...fresh]
    fresh.clear()
    look(all).catch(hooks.onError)
  })

  function subscribe(followed: FollowedStream): void {
    const channel = keys.channel(followed.stream.id)
    channels.set(channel, followed)
    const failed = (error: unknown) => {
      if (channels.get(channel) === followed) channels.delete(channel)
      hooks.onError(error)
    }
    // What was published before the subscription stood is found by looking after it.
    const settle = () => {
      fresh.add(followed)
      lookAtFresh()
    }
    connection.subscribe(channel).then(settle, failed)
  }

  function unsubscribe(id: string): void {
    const channel = keys.channel(id)
    if (channels.delete(channel)) connection.unsubscribe(channel).catch(hooks.onError)
  }

  return {
    get: (id) => streams.get(id),
    add(id, followed) {
      streams.set(id, followed)
    },
    receive(channel, message) {
      const followed = channels.get(channel)
      const published = followed && readPublished(message)
      if (published) followed.receive(published)
      return followed !== undefined
    },
    watched(followed) {
      const { id, terminal } = followed.stream
      const known = streams.get(id)
      if (!known) streams.set(id, followed)
      // Another has its place: whoever watches this one comes back and gets that.
      else if (known !== followed) followed.leave()
      // Of one that is over no more comes.
      if (followed.stream.gone || terminal) return
      const channel = keys.channel(id)
      if (channels.has(channel)) {
        channels.set(channel, followed)
        fresh.add(followed)
        lookAtFresh()
      } else subscribe(followed)
    },
    look: (followed) => look([followed]),
    async check() {
      const live = [...streams.values()].filter(({ watched, stream }) => watched && !stream.gone)
      for (const followed of live) {
        if (!followed.stream.terminal && !channels.has(keys.channel(followed.stream.id))) subscribe(followed)
      }
      if (live.length > 0) await look(live)
    },
    sweep() {
      for (const [id, followed] of streams) {
        if (followed.stream.terminal) unsubscribe(id)
        if (followed.watched || now() - followed.unwatchedSince < linger) continue
        unsubscribe(id)
        followed.drop()
        streams.delete(id)
      }
    },
    clear() {
      for (const followed of streams.values()) followed.drop()
      streams.clear()
      channels.clear()
    },
  }
}
