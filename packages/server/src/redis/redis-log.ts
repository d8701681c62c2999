// Above 150 lines: the one place where the parts of the log meet, as the hub sees them.
import { startDeadline } from '../deadline'
import type { End } from '../entry'
import type { Claim, Claimed, Log, Owner, StreamLog } from '../log'
import { createCache, streamCost } from './cache'
import { createClaims } from './claims'
import { createCommands } from './commands'
import { connect } from './connect'
import { createFollowedStream, type FollowedStream } from './followed-stream'
import { createFollowing } from './following'
import { createGroupCommit } from './group-commit'
import { createKeys } from './keys'
import { createLeases } from './leases'
import { createLiveList, type Found } from './live-list'
import { type RedisLogEvent, type RedisLogOptions, resolveRedisLogOptions } from './options'
import { createOwnedStream, type OwnedOptions, type OwnedStream } from './owned-stream'
import type { StreamRecord, Taken } from './record'
import { createRounds } from './rounds'
import { markScript } from './scripts'
import { createSightings } from './sightings'
import { createStopping } from './stopping'
import { createRedisTopics } from './topics'
import { checkVersion } from './version'

/** How many streams that are over are written again at a time: each has up to 64 KiB on its way. */
const mostRemembered = 20
/** What readers are told of an answer whose process died. */
const ownerLost: End = {
  state: 'lost',
  code: 'owner_lost',
  message: 'The server that wrote the answer is gone, and the answer is cut short.',
}

/**
 * A log that several processes share through one Redis, 7.0 or newer. Any of them reads and stops what another
 * produces, and takes over from one that died. What Redis forgets is written again from the memory of whoever
 * produces it.
 */
export function redisLog(options: RedisLogOptions): Log {
  const settings = resolveRedisLogOptions(options)
  const { leaseTimeout, renewInterval, checkInterval, commandTimeout, now } = settings
  const keys = createKeys(settings.prefix)
  const owned = new Map<string, OwnedStream>()
  const byKey = new Map<string, OwnedStream>()
  const grace = renewInterval
  let adopter: Parameters<NonNullable<Log['adopt']>>[0] | undefined
  let closed = false
  let prepared = false
  let listening = false
  /** By which Redis tells that it has forgotten everything. */
  let mark: string | undefined

  const observers: ((event: RedisLogEvent) => void)[] = settings.onEvent ? [settings.onEvent] : []

  function emit(event: RedisLogEvent): void {
    for (const observer of observers) {
      try {
        observer(event)
      } catch {
        // What is told of events has no say in what becomes of streams.
      }
    }
  }
  /** For what is tried again anyway. */
  const onError = (error: unknown) => {
    if (!closed) emit({ type: 'failed', error })
  }

  const connection = connect(settings.client, settings.subscriber, {
    onMessage,
    onReady,
    onError: (error) => closed || commands.broken(error),
  })
  const commands = createCommands({
    connection,
    timeout: commandTimeout,
    now,
    random: settings.random,
    onUnreachable: (error) => emit({ type: 'unreachable', error }),
    onReachable: () => emit({ type: 'reachable' }),
    onSilent: () => connection.reconnect?.(),
  })
  const cache = createCache(settings.maxLogBytes)
  const groupCommit = createGroupCommit(settings.flushInterval)
  const sightings = createSightings({ commands, keys, leaseTimeout, grace })
  const leases = createLeases({
    commands,
    keys,
    leaseTimeout,
    renewInterval,
    owned: () => [...owned.values()].filter(({ stream }) => !stream.terminal && !stream.gone),
    now,
    onTaken,
  })
  const claimAnywhere = createClaims({
    ...{ commands, keys, sightings, leaseTimeout, grace, find, claimedHere, onError },
    patience: commandTimeout,
    own: (taken) => own(taken).stream,
  })
  const sealElsewhere = createStopping({
    ...{ commands, keys, sightings, now, findOwned },
    patience: leaseTimeout + 2 * renewInterval + commandTimeout,
    takeOver: () => leases.takeOver(),
  })
  const listLive = createLiveList({ commands, keys, sightings, onError })
  const takeOver = () => void leases.takeOver().catch(onError)
  const renew = () => void leases.renew().catch(onError)
  const following = createFollowing({
    connection,
    sightings,
    keys,
    linger: checkInterval,
    now,
    onOverdue: takeOver,
    onError,
  })
  const topics = createRedisTopics({
    ...{ commands, connection, cache, checkInterval, now, prepare, onError },
    prefix: settings.prefix,
    maxTailBytes: settings.maxTailBytes,
    maxPendingBytes: settings.maxPendingBytes,
    patience: commandTimeout,
  })
  const renewals = createRounds(renewInterval, () =>
    prepare()
      .then(recollect)
      .then(leases.renew)
      .then(() => leases.takeOver())
      .catch(onError),
  )
  const lookAtAll = () => Promise.all([following.check(), topics.check()])
  const checks = createRounds(checkInterval, async () => void (await lookAtAll().catch(onError)))

  /** With the first use, or the first round: whoever has made the client may still want to open it. */
  async function prepare(): Promise<void> {
    if (prepared || closed) return
    prepared = true
    const failed = (error: unknown) => {
      prepared = false
      throw error
    }
    // Before it listens itself: by who listens already Redis knows whether it is new, or has forgotten.
    await checkVersion(commands).then(recollect).catch(failed)
    listening = true
    connection.subscribe(keys.control).catch(failed).catch(onError)
  }

  /** Finds out whether Redis has forgotten something, also where the message that says so was missed. */
  async function recollect(): Promise<void> {
    const before = mark
    const [now] = await commands.ask(markScript, {
      keys: [keys.mark, keys.server],
      args: [keys.control, before ?? ''],
    })
    mark = now as string
    if (before !== undefined && before !== mark) void remember().catch(onError)
  }

  /** What happened meanwhile is not known: whoever waits tries at once, and everything is looked at. */
  function onReady(): void {
    // Before all others: where Redis is another one now, whoever looks for what it lacks is to wait.
    if (!closed && listening) void recollect().catch(onError)
    commands.wake()
    if (closed || !listening) return
    renew()
    // Where the subscriptions had to be made again, they stand when this one is answered: what was missed is found
    // after it.
    connection.subscribe(keys.control).then(lookAtAll).catch(onError)
  }

  function onMessage(channel: string, message: string): void {
    if (following.receive(channel, message) || topics.receive(channel, message) || channel !== keys.control) return
    const { type, stream, end } = parse(message)
    if (type === 'forgotten') {
      renew()
      void recollect().catch(onError)
    } else if (type === 'stop' && stream && end) owned.get(stream)?.end(end)
  }

  function own(taken: OwnedOptions['taken']): OwnedStream {
    const mine = createOwnedStream({
      taken,
      commands,
      keys,
      cache,
      groupCommit,
      leaseTimeout,
      maxPendingBytes: settings.maxPendingBytes,
      maxStreamBytes: settings.maxStreamBytes,
      readWithin: checkInterval * 2 + renewInterval,
      sealTimeout: leaseTimeout,
      now,
      emit,
      onGap: renew,
      onLost: () => forget(mine),
      findElsewhere: async () => find(taken.id),
    })
    owned.set(taken.id, mine)
    if (taken.key !== undefined) byKey.set(taken.key, mine)
    return mine
  }

  function forget(mine: OwnedStream): true {
    if (owned.get(mine.stream.id) === mine) owned.delete(mine.stream.id)
    if (mine.key !== undefined && byKey.get(mine.key) === mine) byKey.delete(mine.key)
    mine.drop()
    return true
  }

  /** Redis has forgotten something, or everything. Of what is over it is told again too, as long as it is held here. */
  async function remember(): Promise<void> {
    const over = [...owned.values()].filter(({ stream, expired }) => stream.terminal && !expired)
    for (let index = 0; index < over.length && !closed; index += mostRemembered) {
      await Promise.all(over.slice(index, index + mostRemembered).map((mine) => mine.remember()))
    }
  }

  function onTaken(taken: Taken): void {
    if (closed) return
    const { stream } = own(taken)
    // Whoever reads it here as its last owner had it comes back, and is told that this is another life of it.
    following.get(taken.id)?.leave()
    const adopted = !taken.stop && taken.input !== undefined && adopter?.(stream, JSON.parse(taken.input)) === true
    emit({ type: 'taken-over', stream: taken.id, adopted })
    if (adopted) return
    Promise.resolve(stream.seal(taken.stop ?? ownerLost, settings.retention)).catch(onError)
  }

  function createFollowed(record: StreamRecord): FollowedStream {
    const followed: FollowedStream = createFollowedStream({
      ...{ record, commands, keys, cache, now },
      maxTailBytes: settings.maxTailBytes,
      patience: leaseTimeout + commandTimeout,
      onWatched: () => following.watched(followed),
      look: () => following.look(followed),
      seal: (end, retention) => sealElsewhere(record.id, end, retention),
    })
    return followed
  }

  function follow({ record, ...sight }: Found): StreamLog {
    const { id } = record
    const known = following.get(id)
    const same = known && !known.stream.gone && known.stream.epoch === record.epoch
    if (known && !same) known.leave()
    const followed = same ? known : createFollowed(record)
    following.add(id, followed)
    followed.see({ record, ...sight })
    return followed.stream
  }

  function findOwned(id: string): StreamLog | undefined {
    const mine = owned.get(id)
    if (!mine || mine.stream.gone || mine.expired) return undefined
    mine.touch()
    return mine.stream
  }

  function find(id: string): StreamLog | undefined | Promise<StreamLog | undefined> {
    return findOwned(id) ?? findElsewhere(id)
  }

  async function findElsewhere(id: string): Promise<StreamLog | undefined> {
    await prepare()
    const sight = await sightings.find(id)
    // It may have been taken over here meanwhile.
    return findOwned(id) ?? (sight && follow(sight))
  }

  /** What is produced here needs no Redis to be found by its key, and is found where Redis has forgotten that. */
  function claimedHere({ key, fingerprint }: Claim): Claimed | undefined {
    const mine = key === undefined ? undefined : byKey.get(key)
    const stream = mine && findOwned(mine.stream.id)
    if (!stream || fingerprint === undefined || mine.fingerprint === undefined) return undefined
    return fingerprint === mine.fingerprint ? { outcome: 'existing', stream } : { outcome: 'mismatch' }
  }

  async function claim(request: Claim): Promise<Claimed> {
    const claimed = claimedHere(request)
    if (claimed) return claimed
    await prepare()
    return cache.makeRoom(streamCost) ? claimAnywhere(request) : { outcome: 'full' }
  }

  async function list(owner: Pick<Owner, 'tenant' | 'user'>): Promise<readonly StreamLog[]> {
    await prepare()
    const found = await listLive(owner)
    return found.map((sight) => findOwned(sight.record.id) ?? follow(sight)).filter(({ terminal }) => !terminal)
  }

  /** Whether it is over and nobody uses it here. Redis has it too, as long as Redis forgets nothing. */
  const isIdle = ({ stream, watched, usedAt }: OwnedStream) =>
    stream.terminal !== undefined && !watched && now() - usedAt >= checkInterval

  function sweep(): void {
    for (const mine of owned.values()) {
      if (mine.expired) forget(mine)
      else if (isIdle(mine)) mine.spare(() => isIdle(mine) && forget(mine))
    }
    following.sweep()
    topics.sweep()
    takeOver()
  }

  async function close(): Promise<void> {
    if (closed) return
    renewals.stop()
    checks.stop()
    const controller = new AbortController()
    const callOff = startDeadline(commandTimeout, () => controller.abort())
    await leases.release(controller.signal).catch(() => undefined)
    callOff()
    closed = true
    groupCommit.stop()
    if (listening && settings.subscriber) await connection.unsubscribe(keys.control).catch(() => undefined)
    commands.close()
    connection.close()
    for (const mine of owned.values()) mine.drop()
    owned.clear()
    byKey.clear()
    following.clear()
    topics.clear()
  }

  renewals.start()
  checks.start()
  return {
    shared: true,
    claim,
    find,
    list,
    topics: { publish: topics.publish, open: topics.open },
    sweep,
    adopt(given) {
      adopter = given
    },
    observe: (listener) => void observers.push(listener),
    async check() {
      await prepare()
      await commands.request(['PING'])
    },
    close,
  }
}

/** Whatever else comes over the channel is no message. */
function parse(message: string): { type?: string; stream?: string; end?: End } {
  try {
    return Object(JSON.parse(message))
  } catch {
    return {}
  }
}
