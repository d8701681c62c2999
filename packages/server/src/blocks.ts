// Above 150 lines: a third is what the interface promises; the rest shares one tail and one count of memory.
import { concatenate, cut, type Entries, type Events, join } from './join'

const smallest = 1024
/** Of what is joined on demand, and for each reader anew that returns to another place in it. */
const largest = 16 * 1024
/** Of what is joined: what one read takes. */
const largestJoined = 64 * 1024
/** What the index of one entry costs beside its bytes, and that of one event. */
const entryCost = 8
const eventCost = 16

/** Neighbouring entries: bytes that must not be written to. */
export interface Run {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly last: number
}

/** The newest entries, as they were appended. */
interface Tail extends Entries {
  readonly ends: number[]
  used: number
}

export interface BlocksOptions {
  /** What the ids of the entries begin with. */
  readonly epoch: string
  /** The entry before the first one that is appended. Default 0. */
  readonly after?: number
}

/**
 * Entries as bytes, packed into blocks. The newest block takes them as they come, up to 16 KiB, so that readers at the tail get
 * views of it and nothing is made for them. When it is full, its pieces of text are joined (R4) and it becomes a part of a
 * block of up to 64 KiB, of which readers that come later get views again, and which holds a fifth of the bytes.
 */
export interface Blocks {
  /** The first entry that is held; `last + 1` while there is none. */
  readonly first: number
  readonly last: number
  /** The bytes of all entries that were appended. */
  readonly size: number
  /** The memory that is held, in bytes. */
  readonly capacity: number
  /** The most that `append(text)` could add to `capacity`. */
  readonly growth: (text: string) => number
  /** Takes the entry `last + 1`, as `encodeEntry` writes it. */
  readonly append: (text: string) => void
  /** Joins what is not joined yet. For a stream that is over: it takes less memory then. */
  readonly compact: () => void
  /** Whole entries after `after`, neighbouring pieces of text as one event: at most `maxBytes`, and at least one entry where there is one. */
  readonly read: (after: number, maxBytes: number) => Run
  /** Whether there is a block that can be dropped. */
  readonly droppable: boolean
  /** Drops the oldest block, but never the newest entries. Tells whether there was one. */
  readonly dropOldest: () => boolean
}

const nothing = new Uint8Array(0)
const none: Run & { readonly after: number; readonly maxBytes: number } = {
  bytes: nothing,
  last: 0,
  after: -1,
  maxBytes: 0,
}
const encoder = new TextEncoder()

export function createBlocks({ epoch, after: before = 0 }: BlocksOptions): Blocks {
  const joined: Events[] = []
  let tail: Tail | undefined
  let tailLength = smallest / 2
  let last = before
  let size = 0
  let capacity = 0
  // A thousand readers at the tail ask for the same run, one after the other.
  let latest = none
  let previous = none

  /** What is left of the tail; less than nothing where there is none. */
  const room = () => (tail ? tail.bytes.length - tail.used : -1)
  const nextLength = (needed: number) => Math.max(needed, Math.min(largest, tailLength * 2))

  function open(needed: number): Tail {
    compact()
    tailLength = nextLength(needed)
    tail = { epoch, first: last + 1, bytes: new Uint8Array(tailLength), ends: [], used: 0 }
    capacity += tailLength
    return tail
  }

  /** Encodes in place where the text fits whatever its characters are (3 bytes a unit at most), else measures it first. */
  function place(text: string): Tail {
    if (tail && room() >= text.length * 3) {
      tail.used += encoder.encodeInto(text, tail.bytes.subarray(tail.used)).written
      return tail
    }
    const encoded = encoder.encode(text)
    const block = tail && room() >= encoded.length ? tail : open(encoded.length)
    block.bytes.set(encoded, block.used)
    block.used += encoded.length
    return block
  }

  function compact(): void {
    if (!tail) return
    capacity -= tail.bytes.length + tail.ends.length * entryCost
    const events = join(tail, 0, tail.ends.length - 1)
    tail = undefined
    latest = previous = none
    const newest = joined.at(-1)
    const fits = newest && newest.bytes.length + events.bytes.length <= largestJoined
    capacity += costOf(events)
    if (fits) joined[joined.length - 1] = concatenate(newest, events)
    else joined.push(events)
  }

  /** The block that holds `seq`, which is held, and is joined. */
  function blockOf(seq: number): Events {
    let low = 0
    let high = joined.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (joined[middle]!.first <= seq) low = middle
      else high = middle - 1
    }
    return joined[low]!
  }

  function readTail({ first, bytes, ends, used }: Tail, from: number, maxBytes: number): Run {
    const start = from > 0 ? ends[from - 1]! : 0
    let to = ends.length - 1
    if (used - start > maxBytes) {
      to = from
      while (to + 1 < ends.length && ends[to + 1]! - start <= maxBytes) to++
    }
    const run = to > from ? join({ epoch, first, bytes, ends }, from, to).bytes : bytes.subarray(start, ends[to])
    return { bytes: run, last: first + to }
  }

  function readJoined(block: Events, seq: number, maxBytes: number): Run {
    const { bytes, to } = cut(block, seq - block.first, maxBytes)
    return { bytes, last: block.first + to }
  }

  // What is left while a full tail is joined and a new one begins is half a tail at least.
  const droppable = () =>
    joined.length > 1 || (joined.length === 1 && tail !== undefined && tail.used * 2 >= tail.bytes.length)

  return {
    get first() {
      return joined[0]?.first ?? tail?.first ?? last + 1
    },
    get last() {
      return last
    },
    get size() {
      return size
    },
    get capacity() {
      return capacity
    },
    growth: (text) =>
      room() >= text.length * 3
        ? entryCost
        : nextLength(text.length * 3) + entryCost + (tail?.ends.length ?? 0) * eventCost,
    append(text) {
      const block = place(text)
      const start = block.ends.at(-1) ?? 0
      block.ends.push(block.used)
      capacity += entryCost
      size += block.used - start
      last++
      latest = previous = none
    },
    compact,
    read(after, maxBytes) {
      if (after >= last) return { bytes: nothing, last: after }
      if (latest.after === after && latest.maxBytes === maxBytes) return latest
      // Readers that come back together read the end of what is joined and then the tail, each in turn.
      const repeated = previous.after === after && previous.maxBytes === maxBytes
      ;[previous, latest] = [latest, previous]
      if (repeated) return latest
      const seq = after + 1
      const run =
        tail && seq >= tail.first ? readTail(tail, seq - tail.first, maxBytes) : readJoined(blockOf(seq), seq, maxBytes)
      latest = { ...run, after, maxBytes }
      return latest
    },
    get droppable() {
      return droppable()
    },
    dropOldest() {
      const oldest = droppable() && joined.shift()
      if (!oldest) return false
      latest = previous = none
      capacity -= costOf(oldest)
      return true
    },
  }
}

const costOf = ({ bytes, ends, starts }: Events) => bytes.length + ends.length * entryCost + starts.length * eventCost
