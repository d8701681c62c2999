// A little above 150 lines: all that one stream holds and tells shares the same few fields.
import { StreamError } from '@keepstream/core'
import { createBlocks } from './blocks'
import { announceTo } from './deliveries'
import { encodeEntry, type Terminal, terminalOf } from './entry'
import { createEpoch } from './ids'
import type { Claim, Holder, Snapshot, StreamLog } from './log'

/** What all streams share: the count of the memory that they hold. */
export interface Budget {
  /** Frees memory until `bytes` more fit. Tells whether they do. */
  readonly makeRoom: (bytes: number) => boolean
  readonly add: (bytes: number) => void
}

/** A stream in memory, and what the log that holds it may do with it. */
export interface MemoryStream {
  readonly stream: StreamLog
  readonly key: string | undefined
  /** The memory that its entries hold, in bytes. */
  readonly capacity: number
  /** When it is to be forgotten, once it is over. */
  readonly expires: number | undefined
  /** Drops its oldest entries, but never its tail. Tells whether there were any to drop. */
  readonly dropOldest: () => boolean
  /** Tells its readers that it is no longer held. */
  readonly remove: () => void
}

// Of the text of a snapshot, one unit of UTF-16.
const unitCost = 2
// A client takes events of 1 MiB (`maxEventSize` of the core), and a unit is up to three bytes on the wire.
const mostUnits = 340_000

export function createMemoryStream(
  claim: Claim,
  budget: Budget,
  now: () => number,
  onSeal: (memory: MemoryStream) => void,
): MemoryStream {
  const epoch = createEpoch()
  const blocks = createBlocks({ epoch })
  const watchers = new Set<() => void>()
  const createdAt = Date.now()
  let terminal: Terminal | undefined
  let holder: Holder | undefined
  let snapshot: Snapshot | undefined
  let gone = false
  let expires: number | undefined
  const changed = announceTo(watchers)

  const capacity = () => blocks.capacity + (snapshot?.data.length ?? 0) * unitCost

  /** Keeps the count of the budget true. A stream that was removed no longer counts. */
  function counted<T>(change: () => T): T {
    const before = capacity()
    const result = change()
    if (!gone) budget.add(capacity() - before)
    return result
  }

  function dropOldest(): boolean {
    if (!blocks.dropOldest()) return false
    if (snapshot && snapshot.seq < blocks.first - 1) snapshot = undefined
    return true
  }

  /**
   * What stands for entries that were dropped. Whoever produces the stream has its state anyway, so that it is written down
   * only when somebody asks, and kept for the next one only where there is room.
   */
  function snapshotNow(): Snapshot | undefined {
    if (blocks.first === 1 || snapshot) return snapshot
    const data = holder?.summarize?.()
    if (data === undefined || data.length > mostUnits) return undefined
    const summary = { seq: blocks.last, data }
    if (budget.makeRoom(data.length * unitCost)) {
      counted(() => {
        snapshot = summary
      })
    }
    return summary
  }

  const stream: StreamLog = {
    id: claim.id,
    owner: claim.owner,
    epoch,
    get earliest() {
      return blocks.first
    },
    get head() {
      return blocks.last
    },
    get size() {
      return blocks.size
    },
    get terminal() {
      return terminal
    },
    get gone() {
      return gone
    },
    createdAt,
    get snapshot() {
      return snapshotNow()
    },
    own(given) {
      holder = given
    },
    append(entries) {
      if (terminal) throw new StreamError('option', 'The stream is over: nothing can be appended.')
      for (const entry of entries) {
        const text = encodeEntry(epoch, blocks.last + 1, entry)
        if (!budget.makeRoom(blocks.growth(text))) {
          throw new StreamError('too-large', 'The server holds too many answers at once.', { reason: 'log_full' })
        }
        counted(() => blocks.append(text))
      }
      changed()
    },
    seal(end, retention) {
      if (terminal) return terminal
      // The last chance to ask for the state, and the stream outlives whoever has it.
      snapshotNow()
      holder = undefined
      const sealed = terminalOf(epoch, blocks.last + 1, end)
      const text = encodeEntry(epoch, sealed.seq, { event: 'end', data: JSON.stringify(sealed.data) })
      // Tried for, not insisted on: without its end a stream would never be over.
      budget.makeRoom(blocks.growth(text))
      counted(() => {
        blocks.append(text)
        blocks.compact()
      })
      terminal = sealed
      expires = now() + retention
      onSeal(memory)
      changed()
      return sealed
    },
    read: blocks.read,
    watch(listener) {
      // The same listener may watch twice.
      const watcher = watchers.has(listener) ? () => listener() : listener
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
  }

  const memory: MemoryStream = {
    stream,
    key: claim.key,
    get capacity() {
      return capacity()
    },
    get expires() {
      return expires
    },
    dropOldest: () => counted(dropOldest),
    remove() {
      gone = true
      changed()
    },
  }
  return memory
}
