import { countTokens } from './count-tokens'
import type { Hold } from './gate'

export interface CutterOptions {
  /** `frames`: those of a WebSocket, after the answer to its upgrade. */
  readonly kind: 'events' | 'frames'
  readonly eventEnd: RegExp
  readonly hold: Hold | undefined
}

/** Passes the bytes of one answer on, event by event, until it holds them. */
export interface Cutter {
  readonly passes: 'everything' | 'heartbeats' | 'nothing'
  readonly feed: (bytes: Buffer) => Buffer
}

export function createCutter({ kind, eventEnd, hold }: CutterOptions): Cutter {
  let rest: Buffer = Buffer.alloc(0)
  let upgraded = kind === 'events'
  let passes: Cutter['passes'] = 'everything'
  let count = 0

  /** The length of the first event in `rest`, once it is whole. */
  function eventLength(): number | undefined {
    if (!upgraded) {
      const end = rest.indexOf('\r\n\r\n')
      return end < 0 ? undefined : end + 4
    }
    if (kind === 'frames') return frameLength(rest)
    const found = eventEnd.exec(rest.toString('latin1'))
    return found ? found.index + found[0].length : undefined
  }

  function take(event: Buffer): Buffer[] {
    const text = event.toString('latin1')
    const next = countTokens(text)
    if (passes === 'nothing') return []
    const beat = kind === 'events' ? text.startsWith(':') : isControl(event) || /"type":"(beat|pong)"/.test(text)
    if (passes === 'heartbeats') return beat ? [event] : []
    if (!hold || next <= hold.count) {
      count = Math.max(count, next)
      return [event]
    }
    passes = hold.heartbeats ? 'heartbeats' : 'nothing'
    // Up to the middle of the word `token-5`, so that every field before it is there.
    return hold.half ? [event.subarray(0, text.indexOf(`token-${hold.count}`) + 3)] : []
  }

  return {
    get passes() {
      return passes
    },
    feed(bytes) {
      rest = Buffer.concat([rest, bytes])
      const passed: Buffer[] = []
      for (let length = eventLength(); length !== undefined; length = eventLength()) {
        const event = rest.subarray(0, length)
        rest = rest.subarray(length)
        if (upgraded) passed.push(...take(event))
        else {
          upgraded = true
          passed.push(event)
        }
      }
      return Buffer.concat(passed)
    },
  }
}

/** RFC 6455 §5.2: ping and pong have a first bit of the opcode set. */
const isControl = (frame: Buffer): boolean => (frame[0]! & 0x08) !== 0

/** RFC 6455 §5.2: frames of a server are not masked. */
function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes[1]! & 0x7f
  const head = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < head) return undefined
  const length =
    head + (short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short)
  return bytes.length < length ? undefined : length
}
