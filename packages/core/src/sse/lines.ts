const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const BYTE_ORDER_MARK = 0xfeff

/** The most that stays allocated for unfinished lines, in bytes, so that one large event does not pin its size for good. */
const KEPT_CAPACITY = 65_536

export interface LineReader {
  /** The text of all lines that `bytes` completes, every line break turned into one LF; empty when it completes none. */
  readonly push: (bytes: Uint8Array) => string
  /** Forgets the unfinished line and expects the start of a stream. */
  readonly reset: () => void
  /** Bytes of the line that has begun and not ended. */
  readonly unfinished: number
}

/**
 * Cuts bytes at their last line break and decodes everything before it in one call. A line break is ASCII and can lie
 * inside no multi-byte character, so what is decoded never begins or ends within a character, however the chunks fall.
 * Linear: a byte is looked at, copied (amortised) and decoded once.
 */
export function createLineReader(): LineReader {
  // Node decodes ASCII five to nine times as fast when it is not told to stream, and anything else at half the speed
  // (Node 20: V8's decoder against ICU's). A stream stays mostly what it was, so each run is decoded with what would
  // have been right for the run before. Browsers and workers show no difference.
  const asciiDecoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const otherDecoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let ascii = true
  let atStart = true
  let afterCarriageReturn = false
  // The unfinished line. One growing buffer, because the caller may reuse its own once push has returned.
  let buffer = new Uint8Array(256)
  let length = 0

  const hold = (bytes: Uint8Array): void => {
    const needed = length + bytes.length
    if (needed > buffer.length) {
      const larger = new Uint8Array(Math.max(needed, buffer.length * 2))
      larger.set(buffer.subarray(0, length))
      buffer = larger
    }
    buffer.set(bytes, length)
    length = needed
  }

  const decode = (bytes: Uint8Array): string => {
    let text = ascii ? asciiDecoder.decode(bytes) : otherDecoder.decode(bytes, { stream: true })
    ascii = text.length === bytes.length
    if (atStart) {
      atStart = false
      if (text.charCodeAt(0) === BYTE_ORDER_MARK) text = text.slice(1)
    }
    return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  }

  const push = (chunk: Uint8Array): string => {
    if (chunk.length === 0) return ''
    let bytes = chunk
    // A CR ended its line at once; an LF that follows in the next chunk is the other half of the same line break.
    if (afterCarriageReturn && bytes[0] === LINE_FEED) bytes = bytes.subarray(1)
    afterCarriageReturn = chunk[chunk.length - 1] === CARRIAGE_RETURN

    let cut = bytes.length
    while (cut > 0 && bytes[cut - 1] !== LINE_FEED && bytes[cut - 1] !== CARRIAGE_RETURN) cut--
    if (cut === 0) {
      if (bytes.length > 0) hold(bytes)
      return ''
    }
    let lines = cut === bytes.length ? bytes : bytes.subarray(0, cut)
    if (length > 0) {
      hold(lines)
      lines = buffer.subarray(0, length)
      length = 0
    }
    const text = decode(lines)
    if (buffer.length > KEPT_CAPACITY) buffer = new Uint8Array(256)
    if (cut < bytes.length) hold(bytes.subarray(cut))
    return text
  }

  return {
    push,
    reset: () => {
      buffer = new Uint8Array(256)
      length = 0
      atStart = true
      afterCarriageReturn = false
    },
    get unfinished() {
      return length
    },
  }
}
