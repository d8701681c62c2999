// A little above 150 lines: how entries are joined and how they are cut again must agree, so they stand together.
/** Neighbouring entries as they were appended, the bytes of one after those of the other. */
export interface Entries {
  readonly epoch: string
  /** The number of the first of them. */
  readonly first: number
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where each of them ends. */
  readonly ends: readonly number[]
}

/** The same entries as events, where neighbouring pieces of text are one event `<epoch>-<first>..<last>` together. */
export interface Events {
  readonly epoch: string
  /** The number of the first entry. */
  readonly first: number
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where each event begins. */
  readonly starts: number[]
  /** Which entry each event begins with, counting from 0. */
  readonly heads: number[]
  /** Where each entry ends; of a joined event, where the text of each of its entries ends. */
  readonly ends: number[]
}

/**
 * The most text in one joined event, in bytes. A client can only take whole events, so that a link which breaks again and
 * again must not have to carry a large one at once; and one head for 4 KiB costs a hundredth of them.
 */
const joinedBytes = 4096

const encoder = new TextEncoder()
const kinds = ['text', 'reasoning'].map((event) => encoder.encode(`event: ${event}\ndata: "`))
/** What closes the data of such an entry, and the entry. */
const foot = encoder.encode('"\n\n')
const quote = foot[0]!

/** Of the line with the id of an entry, or of a joined event. Counted, because to write it takes longer. */
function lengthOf(epoch: string, first: number, last?: number): number {
  const length = 'id: -\n'.length + epoch.length + digitsOf(first)
  return last === undefined ? length : length + '..'.length + digitsOf(last)
}

function digitsOf(number: number): number {
  let digits = 1
  for (let power = 10; number >= power; power *= 10) digits++
  return digits
}

/** What an entry says before its text begins, where its data is one JSON string. Any other cannot be joined. */
function kindOf(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  if (bytes[end - foot.length] !== quote) return undefined
  return kinds.find((kind) => start + kind.length <= end - foot.length && startsWith(bytes, start, kind))
}

function startsWith(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[start + index] !== wanted[index]) return false
  return true
}

/**
 * Joins the entries from the index `from` to `to`, at the level of their bytes: `"Hel"` and `"lo"` are `"Hello"`, whatever is
 * escaped in them, because no escape of JSON goes beyond its string. Takes never more bytes than before.
 */
export function join({ epoch, first, bytes, ends }: Entries, from: number, to: number): Events {
  const begin = (index: number) => (index > 0 ? ends[index - 1]! : 0)
  const target = new Uint8Array(ends[to]! - begin(from))
  const events = { starts: [] as number[], heads: [] as number[], ends: [] as number[] }
  let used = 0
  const put = (source: Uint8Array, start: number, end: number) => {
    // Pieces are short: to make a view of each takes longer than to copy it.
    for (let index = start; index < end; index++) target[used++] = source[index]!
  }

  for (let index = from, next: number; index <= to; index = next) {
    const start = begin(index)
    const body = start + lengthOf(epoch, first + index)
    const kind = kindOf(bytes, body, ends[index]!)
    const text = kind ? body + kind.length : 0
    let size = ends[index]! - foot.length - text
    events.starts.push(used)
    events.heads.push(index - from)
    for (next = index + 1; kind && next <= to; next++) {
      const at = begin(next) + lengthOf(epoch, first + next)
      size += ends[next]! - foot.length - at - kind.length
      if (size > joinedBytes || kindOf(bytes, at, ends[next]!) !== kind) break
    }
    if (!kind || next === index + 1) {
      target.set(bytes.subarray(start, ends[index]), used)
      used += ends[index]! - start
      events.ends.push(used)
      continue
    }
    used += encoder.encodeInto(`id: ${epoch}-${first + index}..${first + next - 1}\n`, target.subarray(used)).written
    put(kind, 0, kind.length)
    for (let piece = index; piece < next; piece++) {
      const at = piece === index ? text : begin(piece) + lengthOf(epoch, first + piece) + kind.length
      put(bytes, at, ends[piece]! - foot.length)
      events.ends.push(used)
    }
    put(foot, 0, foot.length)
  }
  return { epoch, first: first + from, bytes: target.slice(0, used), ...events }
}

/** Whole entries from the index `from` on: `maxBytes` at most, and one at least. A view, where `from` begins an event. */
export function cut(events: Events, from: number, maxBytes: number): { bytes: Uint8Array<ArrayBuffer>; to: number } {
  const { first, bytes, starts, heads, ends, epoch } = events
  const endOf = (event: number) => starts[event + 1] ?? bytes.length
  const lastOf = (event: number) => (heads[event + 1] ?? ends.length) - 1
  const event = eventOf(heads, from)
  const last = lastOf(event)
  const fit = (begin: number, room: number) => {
    let index = begin
    while (index < starts.length && endOf(index) - starts[begin]! <= room) index++
    return index
  }
  const whole = heads[event] === from && (last === from || endOf(event) - starts[event]! <= maxBytes)
  if (whole) {
    const after = Math.max(fit(event, maxBytes), event + 1)
    return { bytes: bytes.subarray(starts[event], endOf(after - 1)), to: lastOf(after - 1) }
  }

  const head = starts[event]! + lengthOf(epoch, first + heads[event]!, first + last)
  const kind = kinds.find((known) => startsWith(bytes, head, known))!
  const start = from === heads[event] ? head + kind.length : ends[from - 1]!
  const extra = lengthOf(epoch, first + from, first + last) + kind.length + foot.length
  let to = from
  while (to < last && ends[to + 1]! - start + extra <= maxBytes) to++
  const id = `id: ${epoch}-${first + from}${to > from ? `..${first + to}` : ''}\n`
  const size = id.length + kind.length + ends[to]! - start + foot.length
  const after = to === last ? fit(event + 1, maxBytes - size) : event + 1
  const rest = bytes.subarray(endOf(event), endOf(after - 1))
  const target = new Uint8Array(size + rest.length)
  encoder.encodeInto(id, target)
  target.set(kind, id.length)
  target.set(bytes.subarray(start, ends[to]), id.length + kind.length)
  target.set(foot, size - foot.length)
  target.set(rest, size)
  return { bytes: target, to: rest.length > 0 ? lastOf(after - 1) : to }
}

/** The event that holds the entry with this index. */
function eventOf(heads: readonly number[], index: number): number {
  let low = 0
  let high = heads.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (heads[middle]! <= index) low = middle
    else high = middle - 1
  }
  return low
}

/** One run after the other. The index of the first is taken over and grows. */
export function concatenate(before: Events, after: Events): Events {
  const bytes = new Uint8Array(before.bytes.length + after.bytes.length)
  bytes.set(before.bytes)
  bytes.set(after.bytes, before.bytes.length)
  const entries = before.ends.length
  for (const start of after.starts) before.starts.push(start + before.bytes.length)
  for (const head of after.heads) before.heads.push(head + entries)
  for (const end of after.ends) before.ends.push(end + before.bytes.length)
  return { ...before, bytes }
}
