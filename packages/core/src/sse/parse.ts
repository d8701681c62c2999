import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { createBlockReader } from './block'
import { createDecoder } from './decode'

const DEFAULT_MAX_EVENT_SIZE = 1_048_576

export interface ParserOptions {
  /**
   * The largest event, in bytes. Default 1 MiB; at least 1.
   *
   * Counted are the UTF-8 bytes from the event's first field line up to and with the blank line that ends it: names,
   * values and everything in between, a line break as one byte. A single line counts while it is unfinished, even one
   * that will turn out to be a comment; comments and unknown fields before an event do not count once they ended.
   */
  readonly maxEventSize?: number
}

export interface Parser {
  /**
   * The events that `chunk` completes. Keeps no reference to `chunk`. Strings and bytes may be mixed: a string stands
   * for its UTF-8 bytes, with U+FFFD for a surrogate that stays alone.
   *
   * @throws StreamError `too-large` for an event above `maxEventSize`: at once, or, when the same chunk completed events
   * before it, in the next call, so that those are not lost. Nothing can be read after it.
   */
  readonly feed: (chunk: Uint8Array | string) => readonly Frame[]
  /**
   * Ends the stream: an unfinished event is dropped, as the standard demands, so there are never frames.
   * Afterwards the parser can read another stream, whose events go on from the same `lastEventId`.
   *
   * @throws StreamError `too-large` that `feed` still owes.
   */
  readonly end: () => readonly Frame[]
  /** The standard's *last event ID*, as of the last block that ended; empty until one had an `id`. */
  readonly lastEventId: string
  /** The latest valid reconnection time of the stream, in milliseconds. */
  readonly retry: number | undefined
}

/** Reads an event stream by the WHATWG standard, whatever the chunking. */
export function createParser({ maxEventSize = DEFAULT_MAX_EVENT_SIZE }: ParserOptions = {}): Parser {
  if (!Number.isSafeInteger(maxEventSize) || maxEventSize < 1) {
    throw new StreamError(
      'option',
      `maxEventSize must be a whole number of bytes, at least 1, and not ${maxEventSize}.`,
    )
  }
  const encoder = new TextEncoder()
  const block = createBlockReader()
  let decoder = createDecoder()
  let line = ''
  let lineSize = 0
  let highSurrogate = ''
  let failure: StreamError | undefined

  const reset = (): void => {
    block.reset()
    decoder = createDecoder()
    line = ''
    lineSize = 0
    highSurrogate = ''
  }

  const encode = (chunk: string): Uint8Array => {
    const text = highSurrogate + chunk
    const last = text.charCodeAt(text.length - 1)
    highSurrogate = last >= 0xd800 && last < 0xdc00 ? text.slice(-1) : ''
    return encoder.encode(highSurrogate === '' ? text : text.slice(0, -1))
  }

  const readPiece = (bytes: Uint8Array, frames: Frame[]): void => {
    const text = decoder.decode(bytes)
    let start = 0
    if (line !== '') {
      start = text.indexOf('\n') + 1
      if (start === 0) {
        line += text
        lineSize += bytes.length
        return
      }
      block.read(line + text.slice(0, start), 0, decoder.ascii && lineSize === line.length, frames)
    }
    start = block.read(text, start, decoder.ascii, frames)
    if (start === text.length) {
      line = ''
      lineSize = 0
      return
    }
    line = text.slice(start)
    lineSize = decoder.ascii ? line.length : unfinishedBytes(bytes)
  }

  const readBytes = (bytes: Uint8Array): readonly Frame[] => {
    const frames: Frame[] = []
    let offset = 0
    while (offset < bytes.length) {
      // No more than fits into the event under way: whatever ends within such a piece is below the bound.
      const room = maxEventSize - block.size - lineSize
      if (room <= 0) {
        failure = new StreamError(
          'too-large',
          `An event is larger than maxEventSize (${maxEventSize} bytes). Send smaller events or raise maxEventSize.`,
        )
        reset()
        if (frames.length === 0) throw failure
        return frames
      }
      const piece = bytes.length - offset <= room && offset === 0 ? bytes : bytes.subarray(offset, offset + room)
      offset += piece.length
      readPiece(piece, frames)
    }
    return frames
  }

  return {
    feed: (chunk) => {
      if (failure !== undefined) throw failure
      if (typeof chunk === 'string') return readBytes(encode(chunk))
      if (highSurrogate !== '' && chunk.length > 0) {
        readBytes(encoder.encode(highSurrogate)) // Its other half cannot come any more. It ends no line, so no event.
        highSurrogate = ''
      }
      return readBytes(chunk)
    },
    end: () => {
      if (failure !== undefined) throw failure
      reset()
      return []
    },
    get lastEventId() {
      return block.lastEventId ?? ''
    },
    get retry() {
      return block.retry
    },
  }
}

/** The bytes after the last line break of `bytes`, which has one. */
function unfinishedBytes(bytes: Uint8Array): number {
  let start = bytes.length
  while (start > 0 && bytes[start - 1] !== 10 && bytes[start - 1] !== 13) start--
  return bytes.length - start
}
