import { format } from '@keepstream/core/sse'
import type { ReadableLog, Slice } from './log'
import { resetEvents } from './opening'
import type { Wheel } from './wheel'

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

/** What a reader was given. */
export interface Delivered {
  readonly entries: number
  readonly bytes: number
}

/** Somebody who reads a stream: a number and a connection, never a queue. However slow it is, it costs no more. */
export interface Reader {
  /** The last entry that was handed to the connection. */
  readonly position: number
  /** Whether the connection is full. */
  readonly parked: boolean
  /** Whether it was given all that there is so far. */
  readonly idle: boolean
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

export interface ReaderOptions {
  readonly stream: ReadableLog
  readonly sink: Sink
  /** The entry to go on after. */
  readonly position: number
  /** What to send before the first entry. */
  readonly opening: Uint8Array
  readonly clock: Pick<Wheel, 'time'>
  /** When one that is sent away because it stalled shall come back, in milliseconds. */
  readonly retryDelay: () => number
  /** Called once, when the reader no longer reads. */
  readonly onClose: (delivered: Delivered) => void
}

/** What a slow reader has in flight at most, in bytes; one larger entry goes alone, as the log's own bytes. */
export const sliceBytes = 64 * 1024

// How long a good-bye may wait behind a full connection that takes nothing, in milliseconds.
const farewell = 2000

const encoder = new TextEncoder()

/** Pulls from the log at the pace of its connection. */
export function createReader(options: ReaderOptions): Reader {
  const { stream, sink, opening, clock, retryDelay, onClose } = options
  let { position } = options
  let parked = true
  let opened = false
  let reading = false
  let closed = false
  let wrote = clock.time
  let entries = 0
  let written = 0

  function write(bytes: Uint8Array): void {
    wrote = clock.time
    written += bytes.length
    parked = !sink.write(bytes)
  }

  function pump(): void {
    if (closed) return
    if (stream.gone) {
      finish(sink.end)
      return
    }
    if (!opened) {
      opened = true
      write(opening)
    }
    while (!parked && !reading && !closed) {
      if (position < stream.earliest - 1) {
        const { earliest, epoch, snapshot } = stream
        position = snapshot?.seq ?? earliest - 1
        write(encoder.encode(resetEvents(epoch, earliest - 1, 'evicted', snapshot)))
        continue
      }
      if (position >= stream.head) {
        if (stream.terminal) finish(sink.end)
        return
      }
      const slice = stream.read(position, sliceBytes)
      if (slice instanceof Promise) void arrive(slice)
      else deliver(slice)
    }
  }

  function deliver(slice: Slice): void {
    entries += slice.last - position
    position = slice.last
    write(slice.bytes)
    // The end waits for no drain: the connection delivers what it was given and closes.
    if (stream.terminal && position >= stream.terminal.seq) finish(sink.end)
  }

  async function arrive(slice: Promise<Slice>): Promise<void> {
    reading = true
    try {
      const arrived = await slice
      reading = false
      // Parked meanwhile, it reads them again when its turn comes: what it held until then would be a queue.
      if (!closed && !parked && arrived.last > position) deliver(arrived)
      pump()
    } catch {
      // The log cannot be read just now. The client comes back with its cursor.
      finish(sink.destroy)
    }
  }

  function bye(reason: string, after: number): void {
    if (closed) return
    if (!opened) sink.write(opening)
    sink.write(encoder.encode(format({ event: 'bye', data: JSON.stringify({ reason, after: Math.round(after) }) })))
    finish(parked ? () => sink.end(farewell) : sink.end)
  }

  function finish(leave: () => void): void {
    if (closed) return
    closed = true
    unwatch()
    onClose({ entries, bytes: written })
    leave()
  }

  const unwatch = stream.watch(() => {
    if (!parked || stream.gone) pump()
  })
  const reader: Reader = {
    get position() {
      return position
    },
    get parked() {
      return parked
    },
    get idle() {
      return opened && position >= stream.head
    },
    resume() {
      parked = false
      pump()
    },
    park() {
      parked = true
    },
    close: () => finish(sink.destroy),
    stall: () => bye('slow', retryDelay()),
    beat(interval) {
      const silence = clock.time - wrote
      if (silence < interval) return interval - silence
      if (!parked && !closed) write(encoder.encode(`:h ${stream.head}\n\n`))
      return interval
    },
    bye,
  }
  sink.open(reader)
  return reader
}
