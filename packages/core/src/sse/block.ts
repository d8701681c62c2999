import type { Frame } from '../frame'

const COLON = 58
const SPACE = 32

/** The fields of the block under way, and what persists from block to block. */
export interface BlockReader {
  /** Reads whole lines, each ended by one LF, and adds the events that they complete to `frames`. */
  readonly read: (text: string, frames: Frame[]) => void
  /** Forgets the block under way; the last event ID and the reconnection time stay. */
  readonly reset: () => void
  /** UTF-8 bytes of the block under way, from its first field line, a line break counted as one; 0 between blocks. */
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

  const clear = (): void => {
    event = ''
    data = undefined
    id = undefined
    retry = undefined
  }

  const dispatch = (frames: Frame[]): void => {
    // "Set the last event ID string of the event source to the value of the last event ID buffer", data or not.
    if (id !== undefined) lastEventId = id
    if (data !== undefined) frames.push(createFrame(event === '' ? 'message' : event, data, lastEventId, retry))
    clear()
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

  const readLine = (text: string, start: number, end: number): boolean => {
    let colon = start
    while (colon < end && text.charCodeAt(colon) !== COLON) colon++
    const value = colon === end ? '' : text.slice(text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end)
    return readField(text.slice(start, colon), value)
  }

  const read = (text: string, frames: Frame[]): void => {
    let open = size > 0
    let openedAt = 0
    let start = 0
    while (start < text.length) {
      const end = text.indexOf('\n', start)
      if (end === start) {
        dispatch(frames)
        open = false
        size = 0
      } else if (readLine(text, start, end) && !open) {
        open = true
        openedAt = start
      }
      start = end + 1
    }
    if (open) size += byteLength(text, openedAt)
  }

  return {
    read,
    reset: () => {
      clear()
      size = 0
    },
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

/** Absent fields are absent, not undefined: four shapes at most, and one or two in any real stream. */
function createFrame(event: string, data: string, id: string | undefined, retry: number | undefined): Frame {
  if (retry === undefined) return id === undefined ? { event, data } : { event, data, id }
  return id === undefined ? { event, data, retry } : { event, data, id, retry }
}

/** How many bytes `text` takes in UTF-8 from `start` on. */
function byteLength(text: string, start: number): number {
  let bytes = 0
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index)
    // Either half of a surrogate pair stands for two of its four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3
  }
  return bytes
}
