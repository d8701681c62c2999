const smallest = 1024
const largest = 64 * 1024
/** What the index of one entry costs beside its bytes. */
const indexCost = 8

/** Neighbouring entries: a view that must not be written to. */
export interface Run {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly last: number
}

interface Block {
  readonly first: number
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where each entry ends. */
  readonly ends: number[]
  used: number
}

/**
 * Entries as bytes, packed into blocks that double from 1 KiB to 64 KiB. An entry never straddles two blocks, so that
 * a run of entries is a view into one block: readers share it, and nothing is joined or copied for them.
 */
export interface Blocks {
  /** The first entry that is held, counting from 1. */
  readonly first: number
  readonly last: number
  /** The bytes of all entries ever appended. */
  readonly size: number
  /** The memory that is held, in bytes. */
  readonly capacity: number
  /** The most that `append(text)` could add to `capacity`. */
  readonly growth: (text: string) => number
  readonly append: (text: string) => void
  /** Whole entries after `after` from one block: at most `maxBytes`, and at least one entry where there is one. */
  readonly read: (after: number, maxBytes: number) => Run
  /** Whether there is a block that can be dropped. */
  readonly droppable: boolean
  /** Drops the oldest block, but never the one that is written to. Tells whether there was one. */
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

export function createBlocks(): Blocks {
  const blocks: Block[] = []
  let last = 0
  let size = 0
  let capacity = 0
  // A thousand readers at the tail ask for the same run, one after the other.
  let latest = none

  /** What is left of the newest block; less than nothing where there is none. */
  const room = () => (blocks.length > 0 ? blocks.at(-1)!.bytes.length - blocks.at(-1)!.used : -1)
  const nextLength = (needed: number) =>
    Math.max(needed, Math.min(largest, (blocks.at(-1)?.bytes.length ?? smallest / 2) * 2))

  function open(needed: number): Block {
    const block: Block = { first: last + 1, bytes: new Uint8Array(nextLength(needed)), ends: [], used: 0 }
    blocks.push(block)
    capacity += block.bytes.length
    return block
  }

  /** Encodes in place where the text fits whatever its characters are (3 bytes a unit at most), else measures it first. */
  function place(text: string): Block {
    if (room() >= text.length * 3) {
      const current = blocks.at(-1)!
      current.used += encoder.encodeInto(text, current.bytes.subarray(current.used)).written
      return current
    }
    const encoded = encoder.encode(text)
    const block = room() >= encoded.length ? blocks.at(-1)! : open(encoded.length)
    block.bytes.set(encoded, block.used)
    block.used += encoded.length
    return block
  }

  /** The block that holds `seq`, which is held. Readers are mostly at the tail. */
  function blockOf(seq: number): Block {
    let high = blocks.length - 1
    if (seq >= blocks[high]!.first) return blocks[high]!
    let low = 0
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (blocks[middle]!.first <= seq) low = middle
      else high = middle - 1
    }
    return blocks[low]!
  }

  return {
    get first() {
      return blocks[0]?.first ?? last + 1
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
    growth: (text) => (room() >= text.length * 3 ? indexCost : nextLength(text.length * 3) + indexCost),
    append(text) {
      const block = place(text)
      const start = block.ends.at(-1) ?? 0
      block.ends.push(block.used)
      capacity += indexCost
      size += block.used - start
      last++
      latest = none
    },
    read(after, maxBytes) {
      if (after >= last) return { bytes: nothing, last: after }
      if (latest.after === after && latest.maxBytes === maxBytes) return latest
      const { first, bytes, ends, used } = blockOf(after + 1)
      const start = after + 1 === first ? 0 : ends[after - first]!
      let index = ends.length - 1
      if (used - start > maxBytes) {
        index = after + 1 - first
        while (index + 1 < ends.length && ends[index + 1]! - start <= maxBytes) index++
      }
      latest = { bytes: bytes.subarray(start, ends[index]), last: first + index, after, maxBytes }
      return latest
    },
    get droppable() {
      return blocks.length > 1
    },
    dropOldest() {
      const oldest = blocks.length > 1 && blocks.shift()
      if (!oldest) return false
      latest = none
      capacity -= oldest.bytes.length + oldest.ends.length * indexCost
      return true
    },
  }
}
