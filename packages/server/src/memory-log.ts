import type { Claim, Claimed, Log, Owner } from './log'
import { createMemoryStream, type MemoryStream } from './memory-stream'
import { createMemoryTopics } from './memory-topics'
import { checkCount, checkFunction, checkNames } from './option'

export interface MemoryLogOptions {
  /**
   * What all streams and topics together may hold, in bytes. Default 256 MiB, at least 256 KiB. Finished streams go first,
   * the oldest before the younger, then topics that nobody reads and old entries of the others, then the oldest entries of
   * running streams; late readers are told so. The tail of a running stream never goes: where nothing else is left, new
   * streams are refused (503) and a stream that grows ends with `log_full`.
   */
  readonly maxLogBytes?: number
  /**
   * How many idempotency keys outlive their streams where these had to make room before their retention was over, so that
   * a late repetition is told so and no answer is billed twice. Default 100,000; the oldest go first.
   */
  readonly maxKeys?: number
  /** How many topics there may be, where each user or client has one. Default 10,000. Beyond it the one idle longest goes. */
  readonly maxTopics?: number
  /** Milliseconds. Default `performance.now`: a jump of the wall clock expires nothing. */
  readonly now?: () => number
}

/** What a stream costs beside its entries, so that a flood of empty streams is bounded too. An estimate, in bytes. */
const streamCost = 1024

interface KeyRecord {
  readonly id: string
  fingerprint: string | undefined
}

/** A log in this process: nothing to install, and gone with the process. Bounded by construction. */
export function memoryLog(options: MemoryLogOptions = {}): Log {
  checkNames('memoryLog', options, ['maxLogBytes', 'maxKeys', 'maxTopics', 'now'])
  const { maxLogBytes = 256 * 1024 * 1024, maxKeys = 100_000, maxTopics = 10_000 } = options
  const { now = () => performance.now() } = options
  checkCount('memoryLog.maxLogBytes', maxLogBytes, 256 * 1024)
  checkCount('memoryLog.maxKeys', maxKeys, 1)
  checkCount('memoryLog.maxTopics', maxTopics, 1)
  checkFunction('memoryLog.now', now)

  /** In the order of their creation. */
  const held = new Map<string, MemoryStream>()
  /** In the order in which they ended. */
  const finished = new Map<string, MemoryStream>()
  const keys = new Map<string, KeyRecord>()
  /** Keys whose stream had to make room, and when they expire, in the order in which that happened. */
  const orphans = new Map<string, number>()
  let total = 0
  const budget = {
    makeRoom,
    add(bytes: number) {
      total += bytes
    },
  }
  const topics = createMemoryTopics({ most: maxTopics, budget, now })

  function makeRoom(bytes: number): boolean {
    while (total + bytes > maxLogBytes) {
      const [oldest] = finished.values()
      if (oldest) evict(oldest)
      else if (!topics.shrink() && !dropOldest()) return false
    }
    return true
  }

  function dropOldest(): boolean {
    for (const memory of held.values()) if (memory.dropOldest()) return true
    return false
  }

  function remove(memory: MemoryStream): void {
    held.delete(memory.stream.id)
    finished.delete(memory.stream.id)
    total -= streamCost + memory.capacity
    memory.remove()
  }

  function evict(memory: MemoryStream): void {
    remove(memory)
    if (memory.key === undefined) return
    orphans.set(memory.key, memory.expires!)
    if (orphans.size > maxKeys) forget(orphans.keys().next().value!)
  }

  function forget(key: string): void {
    orphans.delete(key)
    keys.delete(key)
  }

  /** What a key that was used before stands for. */
  function recall(record: KeyRecord, fingerprint: string | undefined): Claimed {
    // A stop that came before its start had no fingerprint: the start that comes first gives it.
    record.fingerprint ??= fingerprint
    if (fingerprint !== undefined && fingerprint !== record.fingerprint) return { outcome: 'mismatch' }
    const memory = held.get(record.id)
    return memory ? { outcome: 'existing', stream: memory.stream } : { outcome: 'gone' }
  }

  function claim(request: Claim): Claimed {
    const { id, key, fingerprint, existing } = request
    const record = key === undefined ? undefined : keys.get(key)
    if (record) return recall(record, fingerprint)
    if (existing) return { outcome: 'absent' }
    if (!makeRoom(streamCost)) return { outcome: 'full' }
    const memory = createMemoryStream(request, budget, now, () => finished.set(id, memory))
    held.set(id, memory)
    total += streamCost
    if (key !== undefined) keys.set(key, { id, fingerprint })
    return { outcome: 'created', stream: memory.stream }
  }

  function sweep(): void {
    const time = now()
    for (const memory of finished.values()) {
      if (memory.expires! > time) continue
      remove(memory)
      if (memory.key !== undefined) keys.delete(memory.key)
    }
    for (const [key, expires] of orphans) if (expires <= time) forget(key)
    topics.sweep()
  }

  const list = ({ tenant, user }: Pick<Owner, 'tenant' | 'user'>) =>
    [...held.values()]
      .map(({ stream }) => stream)
      .filter(({ owner, terminal }) => !terminal && owner.tenant === tenant && owner.user === user)
      .reverse()

  return { shared: false, claim, find: (id) => held.get(id)?.stream, list, topics, sweep }
}
