// A little above 150 lines, because delivery is one concept: the rules of a reader read best beside each other.
import { format } from '@keepstream/core/sse'
import { attend, depart } from './audience'
import type { ReadableLog, Slice } from './log'
import { resetEvents } from './opening'
import type { Alarm, Wheel } from './wheel'

/** One connection that takes bytes. */
export interface Sink {
  /** Tells the sink whom to call: `resume` whenever it can take more, the first time included, `close` when the client is gone. */
  readonly open: (reader: Pick<Reader, 'resume' | 'park' | 'close' | 'stall'>) => void
  /** Takes the bytes in any case. False: no more before it calls `resume`. */
  readonly write: (bytes: Uint8Array) => boolean
  /**
   * Delivers what was written, then closes; at once where the connection takes none of it for `patience` milliseconds.
   * Default: as long as a full connection may take nothing.
   */
  readonly end: (patience?: number) => void
  /** Closes at once. */
  readonly destroy: () => void
  /** What it is, for numbers. Default `http`. */
  readonly transport?: string
}

/** Somebody who reads a stream: a number and a connection, never a queue. However slow it is, it costs no more. */
export interface Reader {
  /** The last entry that was handed to the connection. */
  readonly position: number
  /** Whether the connection is full. */
  readonly parked: boolean
  /** Whether it no longer reads. */
  readonly closed: boolean
  /** Whether it was given all that there is so far. */
  readonly idle: () => boolean
  readonly resume: () => void
  /** Writes no more before `resume`: another reader has filled the connection that they share. */
  readonly park: () => void
  /** Stops reading: the connection is gone, or shall go. */
  readonly close: () => void
  /** Sends away whoever was given bytes and took none of them for too long. */
  readonly stall: () => void
  /**
   * Sends a heartbeat where nothing was sent for `interval` milliseconds and the connection has room. Returns when to ask
   * again, in milliseconds.
   */
  readonly beat: (interval: number) => number
  /**
   * Announces a close that is no end, and closes. `after`: when to come back, in milliseconds. A full connection has it
   * behind what it holds: whoever only paused reads it, and one that is dead is not waited for.
   */
  readonly bye: (reason: string, after: number) => void
}

/** A reader as its host knows it, which has an alarm for each. */
export interface Attached<TVisit> extends Reader, Alarm {
  readonly stream: ReadableLog
  readonly sink: Sink
  /** What the host notes of it. */
  readonly visit: TVisit
  /** What it was given. */
  readonly entries: number
  readonly bytes: number
}

/** What all readers of a hub share, so that each of them notes nothing but what is its own. */
export interface Host<TVisit> {
  readonly clock: Pick<Wheel, 'time'>
  /** When one that is sent away because it stalled shall come back, in milliseconds. */
  readonly retryDelay: () => number
  /** Its alarm rings. Returns when again, in milliseconds. */
  readonly accompany: (reader: Attached<TVisit>) => number | undefined
  /** Called once, when the reader no longer reads. */
  readonly onClose: (reader: Attached<TVisit>) => void
}

export interface ReaderOptions<TVisit> {
  readonly stream: ReadableLog
  readonly sink: Sink
  /** The entry to go on after. */
  readonly position: number
  /** What to send before the first entry. */
  readonly opening: Uint8Array
  readonly host: Host<TVisit>
  readonly visit: TVisit
}

/** What a slow reader has in flight at most, in bytes; one larger entry goes alone, as the log's own bytes. */
export const sliceBytes = 64 * 1024

// How long a good-bye may wait behind a full connection that takes nothing, in milliseconds.
const farewell = 2000

const encoder = new TextEncoder()

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }
interface Methods extends Omit<Reader, 'position' | 'parked' | 'closed'>, Pick<Alarm, 'ring'> {
  /** There is more to read, or an end. */
  readonly look: () => void
}

/** What a reader knows beside what it is told. */
interface Fields<TVisit> extends Writable<Omit<Attached<TVisit>, keyof Methods>> {
  readonly __proto__: Methods
  readonly host: Host<TVisit>
  reading: boolean
  wrote: number
  /** Absent once it was sent. */
  opening: Uint8Array | undefined
}

/**
 * What a reader is. One record whose functions all readers share, through its prototype, and which is its own alarm: a
 * stream with a thousand of them touches a few lines of cache for each and not one for every closure, and one that only
 * waits weighs no more than it knows (docs/decisions/0020 and 0022).
 */
interface State<TVisit = unknown> extends Fields<TVisit>, Methods {}

const methods: Methods & ThisType<State> = {
  idle() {
    return !this.opening && this.position >= this.stream.head
  },
  resume() {
    this.parked = false
    pump(this)
  },
  park() {
    this.parked = true
  },
  close() {
    if (leave(this)) this.sink.destroy()
  },
  stall() {
    bye(this, 'slow', this.host.retryDelay())
  },
  look() {
    if (!this.parked || this.stream.gone) pump(this)
  },
  ring() {
    return this.host.accompany(this)
  },
  beat(interval) {
    return beat(this, interval)
  },
  bye(reason, after) {
    bye(this, reason, after)
  },
}

/** Pulls from the log at the pace of its connection. */
export function createReader<TVisit>(options: ReaderOptions<TVisit>): Attached<TVisit> {
  const { stream, sink, position, opening, host, visit } = options
  const fields: Fields<TVisit> = {
    __proto__: methods,
    stream,
    sink,
    host,
    visit,
    position,
    parked: true,
    reading: false,
    closed: false,
    wrote: host.clock.time,
    entries: 0,
    bytes: 0,
    opening,
    due: 0,
    slot: undefined,
  }
  const state = fields as State<TVisit>
  attend(stream, state)
  sink.open(state)
  return state
}

function pump(state: State): void {
  const { stream, opening } = state
  if (state.closed) return
  if (stream.gone) {
    finish(state)
    return
  }
  if (opening) {
    state.opening = undefined
    write(state, opening)
  }
  while (!state.parked && !state.reading && !state.closed) {
    if (state.position < stream.earliest - 1) {
      const { earliest, epoch, snapshot } = stream
      state.position = snapshot?.seq ?? earliest - 1
      write(state, encoder.encode(resetEvents(epoch, earliest - 1, 'evicted', snapshot)))
      continue
    }
    if (state.position >= stream.head) {
      if (stream.terminal) finish(state)
      return
    }
    const slice = stream.read(state.position, sliceBytes)
    if (slice instanceof Promise) void arrive(state, slice)
    else deliver(state, slice)
  }
}

function write(state: State, bytes: Uint8Array): void {
  state.wrote = state.host.clock.time
  state.bytes += bytes.length
  state.parked = !state.sink.write(bytes)
}

function deliver(state: State, { bytes, last }: Slice): void {
  const { stream } = state
  state.entries += last - state.position
  state.position = last
  write(state, bytes)
  // The end waits for no drain: the connection delivers what it was given and closes.
  if (stream.terminal && last >= stream.terminal.seq) finish(state)
}

async function arrive(state: State, slice: Promise<Slice>): Promise<void> {
  state.reading = true
  try {
    const arrived = await slice
    state.reading = false
    // Parked meanwhile, it reads them again when its turn comes: what it held until then would be a queue.
    if (!state.closed && !state.parked && arrived.last > state.position) deliver(state, arrived)
    pump(state)
  } catch {
    // The log cannot be read just now. The client comes back with its cursor.
    state.close()
  }
}

function beat(state: State, interval: number): number {
  const silence = state.host.clock.time - state.wrote
  if (silence < interval) return interval - silence
  if (!state.parked && !state.closed) write(state, encoder.encode(`:h ${state.stream.head}\n\n`))
  return interval
}

function bye(state: State, reason: string, after: number): void {
  const { closed, parked, sink, opening } = state
  if (closed) return
  if (opening) sink.write(opening)
  sink.write(encoder.encode(format({ event: 'bye', data: JSON.stringify({ reason, after: Math.round(after) }) })))
  finish(state, parked ? farewell : undefined)
}

function finish(state: State, patience?: number): void {
  if (leave(state)) state.sink.end(patience)
}

/** Whether it had not left before. */
function leave(state: State): boolean {
  if (state.closed) return false
  state.closed = true
  depart(state.stream, state)
  state.host.onClose(state)
  return true
}
