import { createParser } from '@keepstream/core/sse'
import type { Sink } from '../cursor-reader'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const colon = 0x3a

/**
 * The same connection, with an event per line: `{"id","event","data"}`, and `"retry"` where the server says when to come
 * back. A heartbeat, which no application's event can be taken for because it has no id, is `{"event":"beat","data":{"head"}}`.
 */
export const ndjsonSink = (sink: Sink): Sink => ({
  ...sink,
  open: (reader) => sink.open(reader),
  write: (bytes) => sink.write(linesOf(bytes)),
  end: (patience) => sink.end(patience),
  destroy: () => sink.destroy(),
})

let latest: { readonly bytes: Uint8Array; readonly lines: Uint8Array } | undefined

/** What is written is made of whole events. Readers at the same place write the same bytes one after the other. */
function linesOf(bytes: Uint8Array): Uint8Array {
  if (latest?.bytes !== bytes)
    latest = { bytes, lines: encoder.encode(bytes[0] === colon ? beat(bytes) : events(bytes)) }
  return latest.lines
}

/** `:h 57` */
const beat = (bytes: Uint8Array) => `{"event":"beat","data":{"head":${Number(decoder.decode(bytes).slice(3))}}}\n`

function events(bytes: Uint8Array): string {
  const frames = createParser({ maxEventSize: Number.MAX_SAFE_INTEGER }).feed(bytes)
  const lines = frames.map(({ id, event, data, retry }) => {
    const named = id === undefined ? '' : `"id":${JSON.stringify(id)},`
    const again = retry === undefined ? '' : `"retry":${retry},`
    // JSON already; a line end in it can only be one between its tokens.
    return `{${named}"event":${JSON.stringify(event)},${again}"data":${data.replaceAll('\n', ' ')}}\n`
  })
  return lines.join('')
}
