import { announceTo } from './deliveries'
import { type EntryInput, encodeEntry } from './entry'
import { createEpoch } from './ids'
import type { ReadableLog, Slice, TopicAddress } from './log'
import type { Budget } from './memory-stream'

/** A topic in memory: the newest entries, each encoded once. */
export interface MemoryTopic {
  readonly log: ReadableLog
  /** How long it is kept unused, in milliseconds. */
  readonly idle: number
  readonly watched: boolean
  /** How many entries it holds. */
  readonly length: number
  usedAt: number
  readonly append: (entries: readonly EntryInput[]) => void
  /** Drops the oldest entry. */
  readonly drop: () => void
  /** Tells whoever has it open that it is no longer held. */
  readonly remove: () => void
}

/** What an entry costs beside its bytes: the objects that hold them, its id and the frame around it. An estimate, in bytes. */
export const entryCost = 256

const nothing = new Uint8Array(0)
const encoder = new TextEncoder()

/** `onLeft`: somebody who watched it no longer does. */
export function createMemoryTopic({ key, owner, keep }: TopicAddress, budget: Budget, onLeft: () => void): MemoryTopic {
  const epoch = createEpoch()
  const entries = new Map<number, Uint8Array>()
  const watchers = new Set<() => void>()
  let head = 0
  let bytes = 0
  let gone = false
  // A thousand readers at the tail ask for the same entries, one after the other.
  let latest: (Slice & { readonly after: number; readonly maxBytes: number }) | undefined
  const changed = announceTo(watchers)
  const earliest = () => head - entries.size + 1

  function drop(): void {
    const oldest = earliest()
    const { length } = entries.get(oldest)!
    entries.delete(oldest)
    bytes -= length
    budget.add(-length - entryCost)
    latest = undefined
  }

  function read(after: number, maxBytes: number): Slice {
    if (after >= head) return { bytes: nothing, last: after }
    if (latest?.after === after && latest.maxBytes === maxBytes) return latest
    const run = [entries.get(after + 1)!]
    let size = run[0]!.length
    for (let seq = after + 2; seq <= head; seq++) {
      const next = entries.get(seq)!
      size += next.length
      if (size > maxBytes) break
      run.push(next)
    }
    latest = { bytes: joined(run), last: after + run.length, after, maxBytes }
    return latest
  }

  const log: ReadableLog = {
    id: key,
    owner,
    epoch,
    get earliest() {
      return earliest()
    },
    get head() {
      return head
    },
    terminal: undefined,
    get gone() {
      return gone
    },
    snapshot: undefined,
    read,
    watch(listener) {
      const watcher = () => listener() // One entry per call, so that the same listener may watch twice.
      watchers.add(watcher)
      return () => {
        watchers.delete(watcher)
        onLeft()
      }
    },
  }

  return {
    log,
    idle: keep.idle,
    usedAt: 0,
    get watched() {
      return watchers.size > 0
    },
    get length() {
      return entries.size
    },
    append(added) {
      for (const entry of added) {
        const encoded = encoder.encode(encodeEntry(epoch, ++head, entry))
        entries.set(head, encoded)
        bytes += encoded.length
        budget.add(encoded.length + entryCost)
      }
      while (entries.size > keep.entries || (bytes > keep.bytes && entries.size > 1)) drop()
      latest = undefined
      if (added.length > 0) changed()
    },
    drop,
    remove() {
      while (entries.size > 0) drop()
      gone = true
      changed()
    },
  }
}

function joined(run: readonly Uint8Array[]): Uint8Array {
  if (run.length === 1) return run[0]!
  const bytes = new Uint8Array(run.reduce((size, { length }) => size + length, 0))
  let offset = 0
  for (const entry of run) {
    bytes.set(entry, offset)
    offset += entry.length
  }
  return bytes
}
