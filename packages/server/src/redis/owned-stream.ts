// Above 150 lines: a stream as its producer and its readers see it, and each way in which this process can lose it.
import { StreamError } from '@keepstream/core'
import { createBlocks } from '../blocks'
import { startDeadline } from '../deadline'
import { announceTo } from '../deliveries'
import { type End, type EntryInput, encodeEntry, type Terminal, terminalOf } from '../entry'
import { httpError } from '../exchange'
import type { Holder, Slice, StreamLog } from '../log'
import type { Cache, Cached } from './cache'
import type { Commands } from './commands'
import { encodeEntries, fetchEntries } from './entries'
import { classify } from './failure'
import { createPending } from './pending'
import { createRoom, type Promised, promised } from './room'
import { createTrimPoints } from './trim-points'
import { createWriter, type Ending, type WriterOptions } from './writer'

/** What becomes of streams that this process produces, for whoever watches over the log. */
export type OwnedEvent =
  /** Redis had lost entries, or all of it. They were written again, after `from`. */
  | { readonly type: 'healed'; readonly stream: string; readonly from: number; readonly to: number }
  /** Another process has taken it over: this one was silent for too long. Its producer was stopped. */
  | { readonly type: 'fenced'; readonly stream: string }

export interface OwnedOptions extends Pick<WriterOptions, 'taken' | 'keys' | 'groupCommit' | 'leaseTimeout' | 'onGap'> {
  readonly commands: Commands
  readonly cache: Cache
  /** Above it `append` asks its writer to wait. */
  readonly maxPendingBytes: number
  /** Above it entries make room for a snapshot. */
  readonly maxStreamBytes: number
  /** How long whoever seals it waits for Redis, in milliseconds. It is sealed all the same, once Redis is there. */
  readonly sealTimeout: number
  /** How long it counts as read in another process after that one said so, in milliseconds. */
  readonly readWithin: number
  readonly now: () => number
  readonly emit: (event: OwnedEvent) => void
  /** Another process has it. */
  readonly onLost: () => void
  /** The stream as another process has it. */
  readonly findElsewhere: () => Promise<StreamLog | undefined>
}

/** A stream that this process produces, and what its log does with it. */
export interface OwnedStream {
  readonly stream: StreamLog
  readonly term: string
  readonly key: string | undefined
  /** What the request said that claimed it. */
  readonly fingerprint: string | undefined
  /** The last entry that Redis is known to have. */
  readonly flushed: number
  readonly watched: boolean
  /** When it was last found, or left by who watched it. */
  readonly usedAt: number
  /** Whether its retention is over. */
  readonly expired: boolean
  /** Writes everything again that Redis may lack. */
  readonly heal: () => void
  /** As `heal`, where the stream is over. Resolves when Redis has it again, or it was in vain. */
  readonly remember: () => Promise<void>
  /** Nobody uses it just now: it may go where room is needed. `drop` tells whether that still holds, and lets go of it. */
  readonly spare: (drop: () => boolean) => void
  /** Another process has taken over. */
  readonly lose: () => void
  /** Somebody asked that it end. */
  readonly end: (end: End) => void
  /** It was read in another process, so many milliseconds ago. */
  readonly readAgo: (age: number) => void
  /** Somebody has found it, and may be about to watch it. */
  readonly touch: () => void
  /** Lets go of its memory. Its readers find it again. */
  readonly drop: () => void
}

interface Sealing extends Ending, Promised<Terminal> {
  readonly text: string
}

const noRoom = 'The server holds too many answers at once.'

export function createOwnedStream(options: OwnedOptions): OwnedStream {
  const { taken, commands, keys, cache, groupCommit, leaseTimeout, onGap, now } = options
  const { id, epoch, term, owner, createdAt, key } = taken
  const blocks = createBlocks({ epoch, after: taken.head })
  const pending = createPending()
  const room = createRoom(options.maxPendingBytes)
  const trimPoints = createTrimPoints(options.maxStreamBytes)
  const watchers = new Set<() => void>()
  let holder: Holder | undefined
  let terminal: Terminal | undefined
  let sealing: Sealing | undefined
  let lost: StreamError | undefined
  let dropped = false
  let usedAt = now()
  let expires = Number.POSITIVE_INFINITY
  let readAt = Number.NEGATIVE_INFINITY
  const size = () => taken.size + blocks.size
  const left = () => Math.max(1, expires - now())
  const changed = announceTo(watchers)

  const writer = createWriter({
    ...{ taken, commands, keys, groupCommit, leaseTimeout, blocks, pending, trimPoints, size, onGap },
    ending: () => sealing && { ...sealing, retention: terminal ? Math.ceil(left()) : sealing.retention },
    summarize: () => holder?.summarize?.(),
    onHealed: (from, to) => options.emit({ type: 'healed', stream: id, from, to }),
    onWritten: () => room.left(pending.bytes),
    onTrimmed: changed,
    onEnded: conclude,
    onFenced: lose,
    onFailed: fail,
  })

  const cached: Cached = {
    get capacity() {
      return blocks.capacity
    },
    // What Redis may not have yet is nowhere else.
    dropOldest: () => blocks.droppable && !writer.suspect && endOfOldest() <= writer.flushed && blocks.dropOldest(),
  }
  cache.hold(cached)

  /** The last entry of the block that is to be dropped next. */
  const endOfOldest = () => blocks.read(blocks.first - 1, Number.POSITIVE_INFINITY).last

  function conclude(): void {
    // Written again after Redis had forgotten it.
    if (terminal) return
    const { terminal: sealed, text, retention, resolve } = sealing!
    cache.counted(cached, () => {
      blocks.append(text)
      blocks.compact()
    })
    terminal = sealed
    expires = now() + retention
    resolve(sealed)
    changed()
  }

  /** A Redis that is full takes the end still, and what was accepted before it; any other refusal is final. */
  function fail(error: unknown, sealed: boolean): void {
    const isFull = classify(error) === 'full'
    // It was to end already when an entry before its end was refused: both are written now.
    if (isFull && sealing && !sealed) return
    if (!isFull || sealing || !holder) {
      lose(error)
      return
    }
    const full = new StreamError('too-large', noRoom, { reason: 'log_full', cause: error })
    room.refuse(full)
    holder.end({ state: 'error', code: 'log_full', message: full.message })
  }

  function lose(cause?: unknown): void {
    if (lost || terminal) return
    const message = 'Another process has taken over the stream, or the log cannot be written any more.'
    lost = new StreamError('interrupted', message, { retryable: false, reason: 'fenced', cause })
    writer.stop()
    if (cause === undefined) options.emit({ type: 'fenced', stream: id })
    holder?.lose(lost)
    room.refuse(lost)
    sealing?.reject(lost)
    changed()
    options.onLost()
  }

  function append(text: string, entry: EntryInput): void {
    if (!cache.makeRoom(blocks.growth(text))) throw new StreamError('too-large', noRoom, { reason: 'log_full' })
    cache.counted(cached, () => blocks.append(text))
    trimPoints.passed(blocks.last, size())
    pending.add(entry, size())
  }

  function begin(end: End, retention: number): void {
    const sealed = terminalOf(epoch, blocks.last + 1, end)
    const entry = { event: 'end', data: JSON.stringify(sealed.data) }
    const text = encodeEntry(epoch, sealed.seq, entry)
    sealing = { terminal: sealed, text, retention, ...promised<Terminal>() }
    pending.add(entry, size() + text.length)
    writer.schedule()
  }

  function inTime(promise: Promise<Terminal>): Promise<Terminal> {
    return new Promise((resolve, reject) => {
      const callOff = startDeadline(options.sealTimeout, () =>
        reject(httpError(503, 'unavailable', 'The end of the answer is not written yet. Try again shortly.', 1000)),
      )
      promise.then(resolve, reject).finally(callOff)
    })
  }

  /** Entries that memory no longer holds. */
  async function readBack(after: number, maxBytes: number): Promise<Slice> {
    const fetched = await fetchEntries(commands, keys.log(id), after, maxBytes, size() / Math.max(1, blocks.last))
    if (fetched?.first === after + 1) return encodeEntries(epoch, fetched, maxBytes)
    // Dropped here and lost there: what memory holds is all that there is.
    writer.forgo(Math.min(fetched?.first ?? blocks.first, blocks.first))
    return { bytes: new Uint8Array(0), last: after }
  }

  const stream: StreamLog = {
    id,
    owner,
    epoch,
    createdAt,
    get earliest() {
      return writer.earliest
    },
    get head() {
      return blocks.last
    },
    get size() {
      return size()
    },
    get terminal() {
      return terminal
    },
    get gone() {
      return lost !== undefined || dropped
    },
    get snapshot() {
      return writer.snapshot
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
      writer.schedule()
      return room.after(pending.bytes)
    },
    seal(end, retention) {
      if (terminal) return terminal
      if (!lost && !sealing) begin(end, retention)
      return inTime(sealing?.promise ?? Promise.reject(lost)).catch(async (error) => {
        const elsewhere = lost && (await options.findElsewhere())
        if (!elsewhere) throw error
        return elsewhere.seal(end, retention)
      })
    },
    read(after, maxBytes) {
      return after + 1 >= blocks.first ? blocks.read(after, maxBytes) : readBack(after, maxBytes)
    },
    watch(listener) {
      const watcher = () => listener() // One entry per call, so that the same listener may watch twice.
      watchers.add(watcher)
      return () => {
        if (watchers.delete(watcher)) usedAt = now()
      }
    },
  }

  return {
    stream,
    term,
    key,
    fingerprint: taken.fingerprint,
    get flushed() {
      return writer.flushed
    },
    get watched() {
      return watchers.size > 0
    },
    get usedAt() {
      return usedAt
    },
    touch() {
      usedAt = now()
    },
    get expired() {
      return now() >= expires
    },
    heal() {
      if (!lost && !terminal) writer.heal()
    },
    async remember() {
      if (terminal && !dropped) await writer.remember()
    },
    spare: (drop) => cache.spare(cached, drop),
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
      writer.stop()
      cache.release(cached)
      changed()
    },
  }
}
