import type { EntryInput } from '../entry'

/** An entry that Redis may not have yet. */
interface Waiting extends EntryInput {
  /** The bytes of the stream up to and with it. */
  readonly size: number
}

export interface Batch {
  readonly entries: readonly EntryInput[]
  readonly size: number
}

/**
 * One flush takes so much at most: longer scripts hold up everybody else's, larger messages fill the buffers of
 * subscribers.
 */
const batchBytes = 64 * 1024
const batchEntries = 1000

/** What was appended and not yet written, in order. */
export interface Pending {
  readonly length: number
  /** The bytes of their values. */
  readonly bytes: number
  readonly add: (entry: EntryInput, size: number) => void
  /** The first of them, about one flush. They stay until `remove`. */
  readonly batch: () => Batch
  readonly remove: (count: number) => void
  /** Puts back what has to be written again. */
  readonly restore: (entries: readonly EntryInput[], size: number) => void
}

export function createPending(): Pending {
  let waiting: Waiting[] = []
  let bytes = 0
  const costOf = ({ event, data }: EntryInput) => event.length + data.length

  return {
    get length() {
      return waiting.length
    },
    get bytes() {
      return bytes
    },
    add({ event, data }, size) {
      waiting.push({ event, data, size })
      bytes += event.length + data.length
    },
    batch() {
      let count = 0
      for (let taken = 0; count < waiting.length && count < batchEntries && taken < batchBytes; count++) {
        taken += costOf(waiting[count]!)
      }
      const entries = waiting.slice(0, count)
      return { entries, size: entries.at(-1)?.size ?? 0 }
    },
    remove(count) {
      for (const entry of waiting.splice(0, count)) bytes -= costOf(entry)
    },
    restore(entries, size) {
      // What they add to the size is only known for all of them together, and right again with the next entry.
      waiting = [...entries.map((entry) => ({ ...entry, size })), ...waiting]
      for (const entry of entries) bytes += costOf(entry)
    },
  }
}
