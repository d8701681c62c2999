import { StreamError } from './errors'
import type { Frame } from './frame'
import { check } from './option'
import type { FrameParser } from './protocols/protocol'

const LINE_FEED = 10

export interface LineParserOptions {
  /** The largest line in bytes, without its line feed. Default 1 MiB; at least 1. */
  readonly maxLineSize?: number
}

/**
 * Reads JSON lines (NDJSON), whatever the chunking: one frame `message` for each line that is not blank, without the white
 * space around it; the last line needs no line feed. Linear in the bytes. What a line means is for the protocol.
 *
 * A line above `maxLineSize` is a `too-large` error: at once or, where the same chunk completed lines before it, in the next
 * call, so that those are not lost. Nothing can be read after it.
 */
export function createLineParser({ maxLineSize = 1_048_576 }: LineParserOptions = {}): FrameParser {
  const whole = Number.isSafeInteger(maxLineSize) && maxLineSize > 0
  check(whole, 'maxLineSize', maxLineSize, 'a whole number of bytes, at least 1')
  const decoder = new TextDecoder()
  let line = ''
  let lineSize = 0
  let failure: StreamError | undefined

  /** Where the line has content, its frame. White space around JSON says nothing; nor does a byte-order mark. */
  const take = (): readonly Frame[] => {
    const data = line.trim()
    line = ''
    lineSize = 0
    return data ? [{ event: 'message', data }] : []
  }

  return {
    feed(chunk) {
      if (failure) throw failure
      const frames: Frame[] = []
      for (let start = 0; start < chunk.length; ) {
        const end = chunk.indexOf(LINE_FEED, start)
        const next = end < 0 ? chunk.length : end + 1
        lineSize += (end < 0 ? next : end) - start
        if (lineSize > maxLineSize) {
          const sentence = `A line is larger than ${maxLineSize} bytes. Send smaller lines or raise maxEventSize.`
          failure = new StreamError('too-large', sentence)
          line = ''
          if (frames[0]) break
          throw failure
        }
        // With its line feed, so that half a character before it does not wait for the next line. A rope: `trim` joins it once.
        line += decoder.decode(chunk.subarray(start, next), { stream: true })
        if (end >= 0) frames.push(...take())
        start = next
      }
      return frames
    },
    end() {
      if (failure) throw failure
      line += decoder.decode()
      return take()
    },
  }
}
