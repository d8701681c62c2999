// Above 150 lines: the one place where what is in memory and what is in Redis are held together, whatever fails in between.
import { StreamError } from '@keepstream/core'
import { createBlocks } from '../blocks'
import { startDeadline } from '../deadline'
import { type End, encodeEntry, type Terminal, terminalOf } from '../entry'
import { httpError } from '../exchange'
import type { Awaitable, Holder, Snapshot, StreamLog } from '../log'
import { oncePerTurn } from '../turn'
import type { Cache, Cached } from './cache'
import type { Commands, Reply } from './commands'
import { encodeEntries, fetchEntries, recoverEntries } from './entries'
import { classify } from './failure'
import type { GroupCommit } from './group-commit'
import type { Keys } from './keys'
import { createPending } from './pending'
import { fixedFields, type Taken } from './record'
import { appendScript, restoreScript, sealScript, trimScript } from './scripts'
import { createTrimPoints } from './trim-points'

/** What becomes of streams that this process produces, for whoever watches over the log. */
export type OwnedEvent =
  /** Redis had lost entries, or all of it. They were written again, after `from`. */
  | { readonly type: 'healed'; readonly stream: string; readonly from: number; readonly to: number }
  /** Another process has taken it over: this one was silent for too long. Its producer was stopped. */
  | { readonly type: 'fenced'; readonly stream: string }

export interface OwnedOptions {
  readonly taken: Omit<Taken, 'terminal' | 'stop' | 'snapshotSeq'>
  readonly commands: Commands
  readonly keys: Keys
  readonly cache: Cache
  readonly groupCommit: GroupCommit
  readonly leaseTimeout: number
  /** Above it `append` asks its writer to wait. */
  readonly maxPendingBytes: number
  /** Above it entries make room for a snapshot. */
  readonly maxStreamBytes: number
  /** How long whoever seals it waits for Redis, in milliseconds. It is sealed all the same, once Redis is there. */
  readonly sealTimeout: number
  /** Whether another process said lately that it is read there, in milliseconds. */
  readonly readWithin: number
  readonly now: () => number
  readonly emit: (event: OwnedEvent) => void
  /** Redis was found to have forgotten something: it may have forgotten more. */
  readonly onGap: () => void
  /** It is over, or another's. */
  readonly onSettled: () => void
  /** The stream as another process has it. */
  readonly findElsewhere: () => Promise<StreamLog | undefined>
}

/** A stream that this process produces, and what its log does with it. */
export interface OwnedStream {
  readonly stream: StreamLog
  readonly term: string
  readonly key: string | undefined
  /** The last entry that Redis is known to have. */
  readonly flushed: number
  readonly watched: boolean
  /** Whether its retention is over. */
  readonly expired: boolean
  /** Writes everything that is missing in Redis. */
  readonly heal: () => void
  /** Another process has taken over. */
  readonly lose: () => void
  /** Somebody asked that it end. */
  readonly end: (end: End) => void
  /** When it was last read in another process, in milliseconds before now. */
  readonly readAgo: (age: number) => void
  /** Lets go of its memory. Its readers find it again. */
  readonly drop: () => void
}

interface Sealing {
  readonly terminal: Terminal
  readonly text: string
  readonly retention: number
  readonly promise: Promise<Terminal>
  readonly resolve: (terminal: Terminal) => void
  readonly reject: (error: unknown) => void
}

/** So much is written without waiting for the interval. */
const urgentBytes = 16 * 1024

export function createOwnedStream(options: OwnedOptions): OwnedStream {
  const { taken, commands, keys, cache, groupCommit, now } = options
  const { id, epoch, term, owner, createdAt, key } = taken
  const blocks = createBlocks({ epoch, after: taken.head })
  const pending = createPending()
  const trimPoints = createTrimPoints(options.maxStreamBytes)
  const watchers = new Set<() => void>()
  const streamKeys = [keys.log(id), keys.meta(id), keys.leases, keys.live(owner), ...(key ? [keys.key(key)] : [])]
  let { earliest, snapshot } = taken
  let flushed = taken.head
  let begun = false
  let busy = false
  let suspect = false
  let holder: Holder | undefined
  let terminal: Terminal | undefined
  let sealing: Sealing | undefined
  let lost: StreamError | undefined
  let dropped = false
  let expires = Number.POSITIVE_INFINITY
  let readAt = Number.NEGATIVE_INFINITY
  let room: { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } | undefined
  const changed = oncePerTurn(() => {
    for (const watcher of watchers) watcher()
  })

  const cached: Cached = {
    get capacity() {
      return blocks.capacity
    },
    // What Redis may not have yet is nowhere else.
    dropOldest: () => blocks.droppable && !suspect && endOfOldest() <= flushed && blocks.dropOldest(),
  }
  cache.hold(cached)

  /** The last entry of the block that is to be dropped next. */
  const endOfOldest = () => blocks.read(blocks.first - 1, Number.POSITIVE_INFINITY).last

  function schedule(): void {
    if (busy || lost || (pending.length === 0 && !suspect)) return
    if (!begun || sealing || suspect || pending.bytes >= urgentBytes) groupCommit.soon(flush)
    else groupCommit.later(flush)
  }

  async function flush(): Promise<void> {
    if (busy || lost) return
    busy = true
    begun = true
    try {
      do {
        if (suspect) await restore()
        else if (pending.length > 0) await write()
      } while (!lost && (suspect || (pending.length > 0 && (sealing || pending.bytes >= urgentBytes))))
    } catch (error) {
      fail(error)
    } finally {
      busy = false
      schedule()
    }
  }

  async function write(): Promise<void> {
    const { entries, size } = pending.batch()
    const ending = sealing && entries.length === pending.length ? sealing : undefined
    const [outcome] = await commands.run(sealing ? sealScript : appendScript, {
      keys: streamKeys,
      args: [
        ...[id, epoch, term, flushed + 1, keys.channel(id), size],
        ...[ending ? JSON.stringify(ending.terminal.data) : '', ending?.retention ?? 0],
        ...entries.flatMap(({ event, data }) => [event, data]),
      ],
    })
    if (outcome === 'fenced') lose()
    else if (outcome === 'gap') suspectLoss()
    else {
      pending.remove(entries.length)
      flushed += entries.length
      makeWay()
      if (ending) conclude(ending)
      else await summarize()
    }
  }

  function suspectLoss(): void {
    suspect = true
    options.onGap()
  }

  /** Redis lacks entries, or half of the stream, or knows nothing of it. What is in memory is written again. */
  async function restore(): Promise<void> {
    const before = flushed
    const after = blocks.first - 1
    const reply: Reply = await commands.run(restoreScript, {
      keys: streamKeys,
      args: [
        ...[id, epoch, term, after, blocks.last, options.leaseTimeout, createdAt],
        ...[snapshot?.seq ?? '', snapshot?.data ?? ''],
        ...fixedFields(taken),
      ],
    })
    if (reply[0] === 'fenced') return lose()
    suspect = false
    flushed = Number(reply[1])
    earliest = Number(reply[2])
    pending.restore(recoverEntries({ read: blocks.read, last: before }, flushed), blocks.size)
    options.emit({ type: 'healed', stream: id, from: flushed, to: before })
  }

  /** Old entries make room in Redis where their state can stand for them. */
  async function summarize(): Promise<void> {
    const first = trimPoints.due(earliest, stream.size)
    const data = first === undefined ? undefined : holder?.summarize?.()
    if (first === undefined || data === undefined) return
    const summary: Snapshot = { seq: blocks.last, data }
    while (flushed < summary.seq && !lost && !suspect && pending.length > 0) await write()
    if (flushed < summary.seq) return
    const args = [epoch, term, first, summary.seq, data]
    const [outcome] = await commands.run(trimScript, { keys: [keys.log(id), keys.meta(id)], args })
    if (outcome !== 'ok') return
    snapshot = summary
    earliest = first
    trimPoints.trimmed(first)
    changed()
  }

  function conclude({ terminal: sealed, text, retention, resolve }: Sealing): void {
    cache.counted(cached, () => {
      blocks.append(text)
      blocks.compact()
    })
    terminal = sealed
    expires = now() + retention
    resolve(sealed)
    changed()
    options.onSettled()
  }

  function fail(error: unknown): void {
    if (lost) return
    if (classify(error) !== 'full' || sealing) {
      lose(error)
      return
    }
    const full = new StreamError('too-large', 'The server holds too many answers at once.', {
      reason: 'log_full',
      cause: error,
    })
    room?.reject(full)
    room = undefined
    if (holder) holder.end({ state: 'error', code: 'log_full', message: full.message })
    else lose(full)
  }

  function lose(cause?: unknown): void {
    if (lost || terminal) return
    const message = 'Another process has taken over the stream, or the log cannot be written any more.'
    lost = new StreamError('interrupted', message, { retryable: false, reason: 'fenced', cause })
    if (cause === undefined) options.emit({ type: 'fenced', stream: id })
    holder?.lose(lost)
    room?.reject(lost)
    sealing?.reject(lost)
    changed()
    options.onSettled()
  }

  function makeWay(): void {
    if (!room || pending.bytes > options.maxPendingBytes / 2) return
    room.resolve()
    room = undefined
  }

  function waitForRoom(): Promise<void> {
    room ??= withResolvers<void>()
    return room.promise
  }

  function append(text: string, entry: { event: string; data: string }): void {
    if (!cache.makeRoom(blocks.growth(text))) {
      throw new StreamError('too-large', 'The server holds too many answers at once.', { reason: 'log_full' })
    }
    cache.counted(cached, () => blocks.append(text))
    trimPoints.passed(blocks.last, stream.size)
    pending.add(entry, stream.size)
  }

  const stream: StreamLog = {
    id,
    owner,
    epoch,
    createdAt,
    get earliest() {
      return earliest
    },
    get head() {
      return blocks.last
    },
    get size() {
      return taken.size + blocks.size
    },
    get terminal() {
      return terminal
    },
    get gone() {
      return lost !== undefined || dropped
    },
    get snapshot() {
      return snapshot
    },
    get readElsewhere() {
      return now() - readAt < options.readWithin
    },
    own(given) {
      holder = given
    },
    append(entries) {
      if (lost) throw lost
      if (terminal || sealing) throw new StreamError('option', 'The stream is over: nothing can be appended.')
      for (const entry of entries) append(encodeEntry(epoch, blocks.last + 1, entry), entry)
      changed()
      schedule()
      if (pending.bytes > options.maxPendingBytes) return waitForRoom()
    },
    seal(end, retention): Awaitable<Terminal> {
      if (terminal) return terminal
      if (!lost && !sealing) begin(end, retention)
      return sealing ? inTime(sealing.promise).catch(sealedElsewhere) : sealedElsewhere(lost)

      async function sealedElsewhere(error: unknown): Promise<Terminal> {
        if (!lost) throw error
        const elsewhere = await options.findElsewhere()
        if (!elsewhere) throw error
        return elsewhere.seal(end, retention)
      }
    },
    read(after, maxBytes) {
      return after + 1 >= blocks.first ? blocks.read(after, maxBytes) : readBack(after, maxBytes)
    },
    watch(listener) {
      const watcher = () => listener() // One entry per call, so that the same listener may watch twice.
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
  }

  function inTime(promise: Promise<Terminal>): Promise<Terminal> {
    return new Promise((resolve, reject) => {
      const callOff = startDeadline(options.sealTimeout, () =>
        reject(httpError(503, 'unavailable', 'The end of the answer is not written yet. Try again shortly.', 1000)),
      )
      promise.then(resolve, reject).finally(callOff)
    })
  }

  function begin(end: End, retention: number): void {
    const sealed = terminalOf(epoch, blocks.last + 1, end)
    const entry = { event: 'end', data: JSON.stringify(sealed.data) }
    const text = encodeEntry(epoch, sealed.seq, entry)
    sealing = { terminal: sealed, text, retention, ...withResolvers<Terminal>() }
    pending.add(entry, stream.size + text.length)
    groupCommit.soon(flush)
  }

  /** Entries that memory no longer holds. */
  async function readBack(after: number, maxBytes: number) {
    const average = stream.size / Math.max(1, blocks.last)
    const fetched = await fetchEntries(commands, keys.log(id), after, maxBytes, average)
    if (fetched?.first === after + 1) return encodeEntries(epoch, fetched, maxBytes)
    // Dropped here and lost there: what memory holds is all that there is.
    earliest = Math.max(earliest, Math.min(fetched?.first ?? blocks.first, blocks.first))
    return { bytes: new Uint8Array(0), last: after }
  }

  return {
    stream,
    term,
    key,
    get flushed() {
      return flushed
    },
    get watched() {
      return watchers.size > 0
    },
    get expired() {
      return now() >= expires
    },
    heal() {
      if (lost || terminal) return
      suspect = true
      schedule()
    },
    lose,
    end(end) {
      // A claim that nobody produces yet, or that is to be a tombstone, is sealed by whoever holds it.
      holder?.end(end)
    },
    readAgo(age) {
      readAt = now() - age
    },
    drop() {
      dropped = true
      cache.release(cached)
      changed()
    },
  }
}

function withResolvers<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  promise.catch(() => undefined) // Whoever awaits it learns of the failure; nobody has to.
  return { promise, resolve, reject }
}
