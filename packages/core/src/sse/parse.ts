// Longer than a file should be: the state lies in one closure, because split into a decoder, a block reader and a bound the
// same steps took 1.1 to 1.3 times as long (docs/decisions/0007-own-event-stream-parser.md).
import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { byteLength, bytesAfterLastLine } from './size'

const DEFAULT_MAX_EVENT_SIZE = 1_048_576
const BYTE_ORDER_MARK = 0xfeff
const LINE_FEED = 10
const SPACE = 32
const COLON = 58
const LETTER_D = 100
const LETTER_E = 101
const LETTER_I = 105

const streaming = { stream: true }
const noFrames: Frame[] = []

export interface ParserOptions {
  /**
   * The largest event, in bytes. Default 1 MiB; at least 1.
   *
   * Counted are the UTF-8 bytes from the event's first field line up to and with the blank line that ends it: names,
   * values and everything in between, a line break as one byte. A single line counts while it is unfinished, even one
   * that will turn out to be a comment; comments and unknown fields before an event do not count once they ended.
   * Of bytes that are not UTF-8, one may count as the three of the U+FFFD that stands for it.
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

/**
 * Reads an event stream by the WHATWG standard, whatever the chunking. Linear in the bytes.
 *
 * Each chunk becomes text in one native call, and lines are found by `indexOf`. What is taken out of a chunk are slices,
 * which engines keep as views of its text: who keeps one frame for long keeps the text of the read that it came with.
 */
export function createParser({ maxEventSize = DEFAULT_MAX_EVENT_SIZE }: ParserOptions = {}): Parser {
  if (!Number.isSafeInteger(maxEventSize) || maxEventSize < 1) {
    throw new StreamError(
      'option',
      `maxEventSize must be a whole number of bytes, at least 1, and not ${maxEventSize}.`,
    )
  }

  // From chunks to text. Node 20 decodes ASCII nine times as fast when not told to stream (V8's decoder), and Korean at
  // half the speed (against ICU's). A stream mostly goes on as it was: a chunk gets what suited the one before it.
  const encoder = new TextEncoder()
  const asciiDecoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const streamingDecoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let ascii = true
  let betweenCharacters = true
  let highSurrogate = ''
  let atStart = true
  let afterCarriageReturn = false

  // The line that has begun and not ended, and its bytes on the wire.
  let line = ''
  let lineSize = 0

  // The block under way. Its bytes count from its first field line on.
  let event = ''
  let data: string | undefined
  let id: string | undefined
  let retry: number | undefined
  let blockSize = 0

  // The stream.
  let lastEventId: string | undefined
  let reconnectionTime: number | undefined
  let frames = noFrames
  let failure: StreamError | undefined
  // No more bytes are read at once than this, what the event under way may still grow: whatever ends in them is in bounds.
  let room = maxEventSize

  /** Reads one line of any form; false for one that the standard ignores, which includes comments (no name). */
  const readField = (text: string, start: number, end: number): boolean => {
    const colon = text.indexOf(':', start)
    const name = text.slice(start, colon === -1 || colon > end ? end : colon)
    const value = fieldValue(text, start + name.length + 1, end)
    if (name === 'data') data = data === undefined ? value : `${data}\n${value}`
    else if (name === 'event') event = value
    else if (name === 'id') {
      if (!value.includes('\0')) id = value
    } else if (name === 'retry') {
      // "If the field value consists of only ASCII digits". Ignored too: what no number holds exactly, such as 400 digits.
      const time = /^\d+$/.test(value) ? Number(value) : Number.NaN
      if (Number.isSafeInteger(time)) reconnectionTime = retry = time
    } else return false
    return true
  }

  /** Reads the whole lines of `text`, each ended by one LF, and returns where the unfinished one begins. */
  const readLines = (text: string, from: number, oneByteEach: boolean): number => {
    // What nearly every line touches lies in locals here: a closure's variables cost a load and a store each time.
    let eventNow = event
    let dataNow = data
    let idNow = id
    let lastId = lastEventId
    let taken = frames
    let fieldsFrom = blockSize > 0 ? from : -1
    let nextNull = -1 // Looked up once a text and not once an id.
    let start = from
    for (let end = text.indexOf('\n', start); end !== -1; end = text.indexOf('\n', start)) {
      // The names that stand on nearly every line are seen by their first letter; to slice and compare them costs more
      // than all the rest. An event of one data line is dispatched together with it.
      const first = text.charCodeAt(start)
      let ends = end === start
      let next = end + 1
      if (first === LETTER_D && isData(text, start)) {
        const value = fieldValue(text, start + 5, end)
        dataNow = dataNow === undefined ? value : `${dataNow}\n${value}`
        if (text.charCodeAt(next) === LINE_FEED) {
          ends = true
          next++
        } else if (fieldsFrom === -1) fieldsFrom = start
      } else if (ends) {
        // Nothing on this line.
      } else if (first === LETTER_I && isId(text, start)) {
        if (nextNull < start) nextNull = indexOfNull(text, start)
        if (nextNull > end) idNow = fieldValue(text, start + 3, end)
        if (fieldsFrom === -1) fieldsFrom = start
      } else if (first === LETTER_E && isEvent(text, start)) {
        eventNow = fieldValue(text, start + 6, end)
        if (fieldsFrom === -1) fieldsFrom = start
      } else {
        event = eventNow
        data = dataNow
        id = idNow
        if (readField(text, start, end) && fieldsFrom === -1) fieldsFrom = start
        eventNow = event
        dataNow = data
        idNow = id
      }
      if (ends) {
        // "Set the last event ID string [...] to the value of the last event ID buffer", data or not.
        if (idNow !== undefined) lastId = idNow
        if (dataNow !== undefined) {
          const frame = createFrame(eventNow === '' ? 'message' : eventNow, dataNow, lastId, retry)
          // Most reads bring one event. An array that begins with it is small; a first `push` makes room for seventeen.
          if (taken === noFrames) taken = [frame]
          else taken.push(frame)
        }
        eventNow = ''
        dataNow = idNow = retry = undefined
        blockSize = 0
        fieldsFrom = -1
      }
      start = next
    }
    event = eventNow
    data = dataNow
    id = idNow
    lastEventId = lastId
    frames = taken
    if (fieldsFrom !== -1) blockSize += oneByteEach ? start - fieldsFrom : byteLength(text, fieldsFrom, start)
    return start
  }

  /** Text without the stream's byte-order mark and with every line break as one LF. */
  const normalise = (text: string): string => {
    if (text === '') return text
    const first = text.charCodeAt(0)
    // A CR ended its line at once; an LF that comes with the next chunk is the other half of the same line break.
    const rest =
      (atStart && first === BYTE_ORDER_MARK) || (afterCarriageReturn && first === LINE_FEED) ? text.slice(1) : text
    atStart = false
    afterCarriageReturn = rest.endsWith('\r')
    // Nearly every stream begins without one, and to look for the pattern takes longer, above all the first time.
    return rest.indexOf('\r') === -1 ? rest : rest.replace(/\r\n?/g, '\n')
  }

  const decode = (bytes: Uint8Array): string => {
    const last = bytes[bytes.length - 1]!
    // After an ASCII byte no character is unfinished: only between two of them may a chunk be decoded by itself.
    const alone = betweenCharacters && last < 0x80
    betweenCharacters = last < 0x80
    let text: string
    if (alone && bytes.length === 1) text = String.fromCharCode(last)
    else if (alone && ascii) text = asciiDecoder.decode(bytes)
    else text = streamingDecoder.decode(bytes, streaming)
    ascii = alone && text.length === bytes.length
    // `indexOf`, because V8 has a fast path for it and none for `includes`.
    return atStart || afterCarriageReturn || text.indexOf('\r') !== -1 ? normalise(text) : text
  }

  /** Reads bytes that are no more than `room`. */
  const read = (bytes: Uint8Array): void => {
    const text = decode(bytes)
    let start = 0
    // By its bytes, because a line of which only a part of a character is here has no text yet.
    if (lineSize > 0) {
      start = text.indexOf('\n') + 1
      if (start === 0) {
        line += text // A rope: it is joined once, when the line ends.
        lineSize += bytes.length
        room -= bytes.length
        return
      }
      // Only the first line is joined with what came before, so that the rest of the text stays flat and fast to index.
      readLines(line + text.slice(0, start), 0, ascii && lineSize === line.length)
    }
    start = readLines(text, start, ascii)
    line = start === text.length ? '' : text.slice(start)
    lineSize = ascii ? line.length : bytesAfterLastLine(bytes)
    room = maxEventSize - blockSize - lineSize
  }

  const take = (): readonly Frame[] => {
    const taken = frames
    frames = noFrames
    return taken
  }

  const reset = (): void => {
    streamingDecoder.decode() // Drops the character that it may be in.
    ascii = betweenCharacters = atStart = true
    afterCarriageReturn = false
    highSurrogate = line = event = ''
    data = id = retry = undefined
    lineSize = blockSize = 0
    room = maxEventSize
  }

  const readPieces = (bytes: Uint8Array): readonly Frame[] => {
    let rest = bytes
    while (rest.length > room) {
      if (room <= 0) {
        reset()
        failure = new StreamError(
          'too-large',
          `An event is larger than maxEventSize (${maxEventSize} bytes). Send smaller events or raise maxEventSize.`,
        )
        if (frames === noFrames) throw failure
        return take()
      }
      const piece = rest.subarray(0, room)
      rest = rest.subarray(room)
      read(piece)
    }
    if (rest.length > 0) read(rest)
    return take()
  }

  const encode = (chunk: string): Uint8Array => {
    const text = highSurrogate + chunk
    const last = text.charCodeAt(text.length - 1)
    highSurrogate = last >= 0xd800 && last < 0xdc00 ? text.slice(-1) : ''
    return encoder.encode(highSurrogate === '' ? text : text.slice(0, -1))
  }

  return {
    feed: (chunk) => {
      if (failure !== undefined) throw failure
      if (typeof chunk === 'string') return readPieces(encode(chunk))
      if (chunk.length === 0) return noFrames
      if (highSurrogate !== '') {
        readPieces(encoder.encode(highSurrogate)) // It stayed alone: U+FFFD. It ends no line, so there is no event.
        highSurrogate = ''
      }
      if (chunk.length > room) return readPieces(chunk)
      read(chunk)
      return take()
    },
    end: () => {
      if (failure !== undefined) throw failure
      reset()
      return noFrames
    },
    get lastEventId() {
      return lastEventId ?? ''
    },
    get retry() {
      return reconnectionTime
    },
  }
}

/** A field's value, without the one space that may stand before it; empty where `start` is beyond the line. */
function fieldValue(text: string, start: number, end: number): string {
  return text.slice(text.charCodeAt(start) === SPACE ? start + 1 : start, end)
}

// As `startsWith` once the first letter is seen; to call that costs a tenth of all the parsing.
const isData = (text: string, start: number): boolean =>
  text.charCodeAt(start + 1) === 97 &&
  text.charCodeAt(start + 2) === 116 &&
  text.charCodeAt(start + 3) === 97 &&
  text.charCodeAt(start + 4) === COLON
const isId = (text: string, start: number): boolean =>
  text.charCodeAt(start + 1) === LETTER_D && text.charCodeAt(start + 2) === COLON
const isEvent = (text: string, start: number): boolean =>
  text.charCodeAt(start + 1) === 118 &&
  text.charCodeAt(start + 2) === LETTER_E &&
  text.charCodeAt(start + 3) === 110 &&
  text.charCodeAt(start + 4) === 116 &&
  text.charCodeAt(start + 5) === COLON

function indexOfNull(text: string, start: number): number {
  const index = text.indexOf('\0', start)
  return index === -1 ? text.length : index
}

/** Absent fields are absent, not undefined: four shapes at most, and one or two in any real stream. */
function createFrame(event: string, data: string, id: string | undefined, retry: number | undefined): Frame {
  if (retry === undefined) return id === undefined ? { event, data } : { event, data, id }
  return id === undefined ? { event, data, retry } : { event, data, id, retry }
}
