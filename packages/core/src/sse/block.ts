import type { Frame } from '../frame'

const LINE_FEED = 10
const SPACE = 32

/** The fields of the block under way, and what persists from block to block. */
export interface BlockReader {
  /**
   * Reads the whole lines of `text` from `start` on, each ended by one LF, and adds the events that they complete to
   * `frames`. Returns where the unfinished line begins. `ascii` says that every character of the text was one byte.
   */
  readonly read: (text: string, start: number, ascii: boolean, frames: Frame[]) => number
  /** Forgets the block under way; the last event ID and the reconnection time stay. */
  readonly reset: () => void
  /** Bytes of the block under way, from its first field line, a line break counted as one; 0 between blocks. */
  readonly size: number
  readonly lastEventId: string | undefined
  readonly retry: number | undefined
}

export function createBlockReader(): BlockReader {
  // Of the block under way.
  let event = ''
  let data: string | undefined
  let id: string | undefined
  let retry: number | undefined
  let size = 0
  // Of the stream.
  let lastEventId: string | undefined
  let reconnectionTime: number | undefined

  const reset = (): void => {
    event = ''
    data = undefined
    id = undefined
    retry = undefined
    size = 0
  }

  /** Ends the block: "Set the last event ID string [...] to the value of the last event ID buffer", data or not. */
  const dispatch = (frames: Frame[]): void => {
    if (id !== undefined) lastEventId = id
    if (data !== undefined) frames.push(createFrame(event === '' ? 'message' : event, data, lastEventId, retry))
    reset()
  }

  /** Takes one field; false for a name that the standard ignores, which includes comments (their name is empty). */
  const readField = (name: string, value: string): boolean => {
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

  /** Takes one line that is not blank; false for one that the standard ignores. */
  const readLine = (text: string, start: number, end: number): boolean => {
    // The names as they nearly always stand on the wire, most frequent first; all others take the slower way.
    if (text.startsWith('data:', start)) {
      const value = valueOf(text, start + 5, end)
      data = data === undefined ? value : `${data}\n${value}`
      return true
    }
    if (text.startsWith('event:', start)) {
      event = valueOf(text, start + 6, end)
      return true
    }
    if (text.startsWith('id:', start)) return readField('id', valueOf(text, start + 3, end))
    const colon = text.indexOf(':', start)
    if (colon === -1 || colon >= end) return readField(text.slice(start, end), '')
    return colon > start && readField(text.slice(start, colon), valueOf(text, colon + 1, end))
  }

  const read = (text: string, from: number, ascii: boolean, frames: Frame[]): number => {
    let openedAt = size > 0 ? from : -1
    let start = from
    let end = text.indexOf('\n', start)
    while (end !== -1) {
      if (end === start) {
        dispatch(frames)
        openedAt = -1
      } else if (readLine(text, start, end) && openedAt === -1) openedAt = start
      start = end + 1
      // Most lines of data are followed by the blank line, which is cheaper to see than to search.
      end = text.charCodeAt(start) === LINE_FEED ? start : text.indexOf('\n', start)
    }
    if (openedAt !== -1) size += ascii ? start - openedAt : byteLength(text, openedAt, start)
    return start
  }

  return {
    read,
    reset,
    get size() {
      return size
    },
    get lastEventId() {
      return lastEventId
    },
    get retry() {
      return reconnectionTime
    },
  }
}

/** A field's value, without the one space that may stand before it. */
function valueOf(text: string, start: number, end: number): string {
  return text.slice(text.charCodeAt(start) === SPACE ? start + 1 : start, end)
}

/** Absent fields are absent, not undefined: four shapes at most, and one or two in any real stream. */
function createFrame(event: string, data: string, id: string | undefined, retry: number | undefined): Frame {
  if (retry === undefined) return id === undefined ? { event, data } : { event, data, id }
  return id === undefined ? { event, data, retry } : { event, data, id, retry }
}

/** How many bytes a part of `text` takes in UTF-8. */
function byteLength(text: string, start: number, end: number): number {
  let bytes = 0
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index)
    // Either half of a surrogate pair stands for two of its four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3
  }
  return bytes
}
