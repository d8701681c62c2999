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
 * Reads JSON lines (NDJSON), whatever the chunking: one frame `message` for each line that is not blank, the last one also
 * without a line feed. Linear in the bytes. It splits and does not parse: what a line means is for the protocol.
 *
 * A line above `maxLineSize` is a `too-large` error: at once or, where the same chunk completed lines before it, in the next
 * call, so that those are not lost. Nothing can be read after it.
 */
export function createLineParser({ maxLineSize = 1_048_576 }: LineParserOptions = {}): FrameParser {
  const whole = Number.isSafeInteger(maxLineSize) && maxLineSize > 0
  check(whole, 'maxLineSize', maxLineSize, 'a whole number of bytes, at least 1')
  // Takes a byte-order mark away, once a stream: `end` resets it.
  const decoder = new TextDecoder()
  let line = ''
  let lineSize = 0
  let failure: StreamError | undefined

  const read = (text: string): readonly string[] => {
    // Looked for in what is new only, so that a long line is a rope that is made flat once.
    if (!text.includes('\n')) {
      line += text
      return []
    }
    const lines = text.split('\n')
    lines[0] = line + lines[0]!
    line = lines.pop()!
    return lines
  }

  /** Where the first line begins that is too large; -1 where there is none. */
  const tooLarge = (chunk: Uint8Array): number => {
    let size = lineSize
    let start = 0
    while (size + chunk.length - start > maxLineSize) {
      const end = chunk.indexOf(LINE_FEED, start)
      if (end === -1 || size + end - start > maxLineSize) return start
      start = end + 1
      size = 0
    }
    return -1
  }

  const owed = (): void => {
    if (failure) throw failure
  }

  return {
    feed(chunk) {
      owed()
      const bad = tooLarge(chunk)
      const sound = bad === -1 ? chunk : chunk.subarray(0, bad)
      const frames = framesOf(read(decoder.decode(sound, { stream: true })))
      const last = sound.lastIndexOf(LINE_FEED)
      lineSize = last === -1 ? lineSize + sound.length : sound.length - last - 1
      if (bad !== -1) {
        line = ''
        const sentence = `A line is larger than its bound (${maxLineSize} bytes). Send smaller lines or raise maxEventSize.`
        failure = new StreamError('too-large', sentence)
        if (frames.length === 0) throw failure
      }
      return frames
    },
    end() {
      owed()
      const lines = [...read(decoder.decode()), line]
      line = ''
      lineSize = 0
      return framesOf(lines)
    },
  }
}

function framesOf(lines: readonly string[]): readonly Frame[] {
  const frames: Frame[] = []
  for (const line of lines) {
    const data = line.endsWith('\r') ? line.slice(0, -1) : line
    if (/\S/.test(data)) frames.push({ event: 'message', data })
  }
  return frames
}
