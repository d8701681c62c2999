import { format } from '@keepstream/core/sse'
import type { Reader, Sink } from './cursor-reader'

const encoder = new TextEncoder()

/**
 * Tells whoever holds a connection for which there is no room to come back, and closes it. A native `EventSource` gives up
 * for good at any status but 200 (and at 204), so that this is the one way to make it wait.
 */
export function turnAway(sink: Sink, opening: Uint8Array, after: number): Reader {
  sink.open({ resume: () => undefined, park: () => undefined, close: () => undefined, stall: () => undefined })
  sink.write(opening)
  sink.write(encoder.encode(format({ event: 'bye', data: JSON.stringify({ reason: 'busy', after }) })))
  sink.end()
  return gone
}

const nothing = () => undefined
const gone: Reader = {
  position: 0,
  parked: false,
  closed: true,
  idle: () => true,
  resume: nothing,
  park: nothing,
  close: nothing,
  stall: nothing,
  beat: () => Number.POSITIVE_INFINITY,
  bye: nothing,
}
