// Above 150 lines: what another process produces, as far as it is known here, and every way in which that lags behind.
import { StreamError } from '@keepstream/core'
import { type Blocks, createBlocks } from '../blocks'
import { startDeadline } from '../deadline'
import { announceTo } from '../deliveries'
import { type End, type EntryInput, encodeEntry, type Terminal, terminalOf } from '../entry'
import type { Slice, Snapshot, StreamLog } from '../log'
import { oncePerTurn } from '../turn'
import type { Cache, Cached } from './cache'
import type { Commands } from './commands'
import { encodeEntries, type Fetched, fetchEntries } from './entries'
import type { Keys } from './keys'
import type { Published, Sight, StreamRecord } from './record'

export interface FollowedOptions {
  readonly record: StreamRecord
  readonly commands: Pick<Commands, 'request'>
  readonly keys: Pick<Keys, 'log'>
  readonly cache: Cache
  /** How much of its newest entries is kept here, in bytes. */
  readonly maxTailBytes: number
  /** How long a reader waits for entries that Redis has lost and its owner writes again, in milliseconds. */
  readonly patience: number
  readonly now: () => number
  /** It is watched from now on. */
  readonly onWatched: () => void
  /** Looks at how it stands, at once. */
  readonly look: () => Promise<void>
  readonly seal: StreamLog['seal']
}

/** A stream that another process produces or has produced, and how this one follows it. */
export interface FollowedStream {
  readonly stream: StreamLog
  readonly watched: boolean
  /** Since when nobody watches it. */
  readonly unwatchedSince: number
  readonly receive: (published: Published) => void
  readonly see: (sight: Sight) => void
  /** Sends away whoever watches it: they come back. */
  readonly leave: () => void
  /** Lets go of its memory. */
  readonly drop: () => void
}

/** How soon to look again for entries that are not there yet, in milliseconds. */
const lookAgain = 100

const nothing = new Uint8Array(0)

export function createFollowedStream(options: FollowedOptions): FollowedStream {
  const { commands, keys, cache, now, record } = options
  const { id, epoch, owner, createdAt } = record
  const watchers = new Set<() => void>()
  const fetching = new Map<number, Promise<Slice>>()
  let { head, earliest, size, terminal } = record
  let tail: Blocks = createBlocks({ epoch, after: head })
  let snapshot: Snapshot | undefined
  let gone = false
  let unwatchedSince = now()
  let missingSince: number | undefined
  const changed = announceTo(watchers)
  // What fails is looked at again with the next round.
  const lookSoon = oncePerTurn(() => void options.look().catch(() => undefined))
  const cached: Cached = {
    get capacity() {
      return tail.capacity
    },
    dropOldest: () => tail.dropOldest(),
  }
  cache.hold(cached)

  /** Keeps the newest entries, which every reader wants about now. */
  function keep(first: number, entries: readonly EntryInput[]): void {
    cache.counted(cached, () => {
      if (first !== tail.last + 1) tail = createBlocks({ epoch, after: first - 1 })
      for (const entry of entries) tail.append(encodeEntry(epoch, tail.last + 1, entry))
      while (tail.capacity > options.maxTailBytes && tail.dropOldest());
    })
    cache.makeRoom(0)
  }

  function receive({ epoch: life, first, entries, earliest: kept = 0 }: Published): void {
    if (life !== epoch) {
      // Late, or of the next life: Redis knows.
      if (!gone) lookSoon()
      return
    }
    const fresh = entries.slice(Math.max(0, head + 1 - first))
    if (fresh.length === 0) return
    const before = tail.size
    const from = first + entries.length - fresh.length
    keep(from, fresh)
    // After a message that was missed the tail begins anew: whoever is behind it reads the rest from Redis.
    size += from === head + 1 ? tail.size - before : 0
    head = tail.last
    earliest = Math.max(earliest, kept)
    const last = fresh.at(-1)!
    if (last.event === 'end') terminal = terminalOf(epoch, head, JSON.parse(last.data) as End)
    missingSince = undefined
    changed()
  }

  function see(sight: Sight): void {
    // Whoever has looked may be about to watch it.
    unwatchedSince = now()
    if (sight.state === 'absent') missing()
    if (sight.state === 'over') leave()
    if (sight.state !== 'found') return
    missingSince = undefined
    const { record: seen } = sight
    // Taken over by another process, or ended before entries that were seen here: its readers come back and are told.
    if (seen.epoch !== epoch || (seen.terminal && seen.head < head)) {
      leave()
      return
    }
    const moved = seen.head > head || seen.earliest !== earliest || (seen.terminal && !terminal)
    // A head that went back is one that its owner is about to write again.
    head = Math.max(head, seen.head)
    size = Math.max(size, seen.size)
    earliest = seen.earliest
    terminal ??= seen.terminal
    snapshot = sight.snapshot ?? snapshot
    if (moved) changed()
  }

  /** Twice in a row, and so long apart that an owner would have written it again. */
  function missing(): void {
    missingSince ??= now()
    if (now() - missingSince >= options.patience / 2 || terminal) leave()
  }

  function leave(): void {
    gone = true
    changed()
  }

  function read(after: number, maxBytes: number): Slice | Promise<Slice> {
    if (after >= head) return { bytes: nothing, last: after }
    if (after + 1 >= tail.first && after < tail.last) return tail.read(after, maxBytes)
    const known = fetching.get(after)
    if (known) return known
    const arriving = fetch(after, maxBytes).finally(() => fetching.delete(after))
    fetching.set(after, arriving)
    return arriving
  }

  async function fetch(after: number, maxBytes: number): Promise<Slice> {
    const until = now() + options.patience
    while (now() < until) {
      const fetched = await fetchEntries(commands, keys.log(id), after, maxBytes, size / Math.max(1, head))
      if (fetched?.first === after + 1) return arrived(fetched, maxBytes)
      await options.look()
      if (gone || after + 1 < earliest) return { bytes: nothing, last: after }
      await new Promise<void>((resolve) => startDeadline(lookAgain, resolve))
    }
    throw new StreamError('timeout', 'The entries of the stream did not come back in time.', { reason: 'unavailable' })
  }

  function arrived(fetched: Fetched, maxBytes: number): Slice {
    const { first, entries } = fetched
    const last = first + entries.length - 1
    if (first === tail.last + 1 && !terminal) keep(first, entries)
    head = Math.max(head, last)
    return encodeEntries(epoch, fetched, maxBytes)
  }

  async function seal(end: End, retention: number): Promise<Terminal> {
    const sealed = await options.seal(end, retention)
    // Whoever has it open without watching it learns of its end here.
    await options.look()
    return sealed
  }

  const notHere = () =>
    new StreamError('option', 'Another process produces the stream: only that one can append to it.')

  const stream: StreamLog = {
    id,
    owner,
    epoch,
    createdAt,
    get earliest() {
      return earliest
    },
    get head() {
      return head
    },
    get size() {
      return size
    },
    get terminal() {
      return terminal
    },
    get gone() {
      return gone
    },
    get snapshot() {
      return snapshot
    },
    own() {
      throw notHere()
    },
    append() {
      throw notHere()
    },
    seal: (end, retention) => terminal ?? seal(end, retention),
    read,
    watch(listener) {
      const watcher = () => listener() // One entry per call, so that the same listener may watch twice.
      watchers.add(watcher)
      if (watchers.size === 1) {
        cache.hold(cached)
        options.onWatched()
      }
      return () => {
        if (watchers.delete(watcher)) unwatchedSince = now()
      }
    },
  }

  return {
    stream,
    get watched() {
      return watchers.size > 0
    },
    get unwatchedSince() {
      return unwatchedSince
    },
    receive,
    see,
    leave,
    drop() {
      cache.release(cached)
    },
  }
}
