import { StreamError } from '@keepstream/core'
import { createEpoch } from '../ids'
import type { ReadableLog, TopicAddress, Topics } from '../log'
import { type Cache, streamCost } from './cache'
import type { Commands, Reply } from './commands'
import type { Connection } from './connection'
import { classify } from './failure'
import { createFollowedStream, type FollowedStream } from './followed-stream'
import { createFollowing, type Following } from './following'
import { createTopicKeys } from './keys'
import { createPublishing, noRoom } from './publishing'
import type { Sight } from './record'
import { lookAtTopicsScript, openTopicScript } from './topic-scripts'

export interface RedisTopics extends Topics, Pick<Following, 'receive' | 'check' | 'sweep' | 'clear'> {}

export interface RedisTopicsOptions {
  readonly commands: Commands
  readonly connection: Pick<Connection, 'subscribe' | 'unsubscribe'>
  readonly cache: Cache
  readonly prefix: string
  readonly maxTailBytes: number
  readonly maxPendingBytes: number
  readonly checkInterval: number
  /** How long a reader waits for entries that are not there, in milliseconds. */
  readonly patience: number
  readonly now: () => number
  /** Resolves once the log is ready to be used. */
  readonly prepare: () => Promise<void>
  readonly onError: (error: unknown) => void
}

/** A script holds up everybody else for as long as it runs. */
const mostAtOnce = 200

/** Topics in Redis. To read one is to follow it as a stream of another process is followed; nobody owns it. */
export function createRedisTopics({
  commands,
  cache,
  now,
  checkInterval,
  prepare,
  ...options
}: RedisTopicsOptions): RedisTopics {
  const keys = createTopicKeys(options.prefix)
  const publish = createPublishing({ commands, keys, maxPendingBytes: options.maxPendingBytes })
  const opened = new Map<string, { readonly address: TopicAddress; readonly followed: FollowedStream }>()

  /** A topic that is not there is over: no process holds it to write it again. */
  function sightOf({ key, owner }: TopicAddress, [epoch, ...numbers]: Reply): Sight {
    if (epoch === undefined) return { state: 'over' }
    const [head, earliest, bytes] = numbers.map(Number) as [number, number, number]
    // What all entries so far would have had, if they were like those that are kept.
    const size = Math.round((bytes * head) / Math.max(1, head - earliest + 1))
    const known = { terminal: undefined, snapshotSeq: undefined, key: undefined }
    const record = { id: key, epoch: epoch as string, term: '1', head, earliest, size, createdAt: 0, owner, ...known }
    return { state: 'found', record, overdue: false, left: -1, snapshot: undefined }
  }

  async function lookAt(addresses: readonly TopicAddress[]): Promise<readonly Sight[]> {
    const replies = await commands.run(lookAtTopicsScript, {
      keys: addresses.flatMap(({ key }) => [keys.log(key), keys.meta(key)]),
      // Until the check after the next, and then as long as if it had been left by then.
      args: addresses.map(({ keep }) => keep.idle + 2 * checkInterval),
    })
    return addresses.map((address, index) => sightOf(address, replies[index] as Reply))
  }

  const following = createFollowing({
    connection: options.connection,
    sightings: {
      async look(wanted) {
        const sights: Sight[] = []
        const known = wanted.map(({ id }) => opened.get(id)?.address)
        for (let index = 0; index < known.length; index += mostAtOnce) {
          const some = known.slice(index, index + mostAtOnce)
          const seen = await lookAt(some.filter((address) => address !== undefined))
          // Where it was forgotten here meanwhile its readers come back.
          for (const address of some) sights.push(address ? seen[sights.length - index]! : { state: 'over' })
        }
        return sights
      },
    },
    keys,
    linger: checkInterval,
    now,
    onOverdue: () => undefined,
    onError: options.onError,
  })

  function follow(address: TopicAddress, sight: Extract<Sight, { state: 'found' }>): FollowedStream {
    const followed: FollowedStream = createFollowedStream({
      ...{ record: sight.record, commands, keys, cache, now },
      maxTailBytes: options.maxTailBytes,
      patience: options.patience,
      onWatched() {
        // It may have been left for so long that it was forgotten.
        if (!opened.has(address.key)) opened.set(address.key, { address, followed })
        following.watched(followed)
      },
      look: () => following.look(followed),
      seal: () => Promise.reject(new StreamError('option', 'A topic has no end.')),
    })
    return followed
  }

  async function open(address: TopicAddress): Promise<ReadableLog> {
    const { key, keep } = address
    await prepare()
    if (!cache.makeRoom(streamCost)) throw noRoom()
    const scripted = { keys: [keys.log(key), keys.meta(key)], args: [createEpoch(), keep.idle] }
    const reply = await commands.ask(openTopicScript, scripted).catch((error) => {
      throw classify(error) === 'full' ? noRoom(error) : error
    })
    const sight = sightOf(address, reply) as Extract<Sight, { state: 'found' }>
    const known = opened.get(key)?.followed
    const same = known && !known.stream.gone && known.stream.epoch === sight.record.epoch
    if (known && !same) known.leave()
    const followed = same ? known : follow(address, sight)
    opened.set(key, { address, followed })
    following.add(key, followed)
    followed.see(sight)
    return followed.stream
  }

  return {
    open,
    async publish(address, entries) {
      await prepare()
      return publish(address, entries)
    },
    receive: following.receive,
    check: following.check,
    sweep() {
      for (const [key, { address, followed }] of opened) {
        const idle = !followed.watched && now() - followed.unwatchedSince >= address.keep.idle
        if (idle) followed.leave()
        if (followed.stream.gone && !followed.watched) opened.delete(key)
      }
      following.sweep()
    },
    clear() {
      opened.clear()
      following.clear()
    },
  }
}
