import { StreamError } from '../errors'
import type { Frame } from '../frame'
import type { FrameParser } from '../protocols/protocol'
import { createParser } from '../sse/parse'

const noBytes = new Uint8Array()

/** The frames of a body, one array for each network read. Ends the connection however it is left, also unread. */
export function readFrames(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  { feed, end }: FrameParser,
  count: { bytes: number },
  release: () => void,
): AsyncGenerator<readonly Frame[], void> {
  const reader = body.getReader()
  // A body that a `fetch` of the application's own has made may not be tied to the signal.
  const cancel = () => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()

  async function* frames(): AsyncGenerator<readonly Frame[], void> {
    try {
      for (;;) {
        const { done, value } = await reader.read().catch((cause: unknown) => {
          throw signal.aborted ? cause : new StreamError('network', 'The connection broke.', { cause })
        })
        signal.throwIfAborted() // What was let go reads as if it had ended.
        if (done) return yield end()
        count.bytes += value.byteLength
        yield feed(value)
        feed(noBytes) // Throws the error that a parser owes after the frames before it, although nothing more may come.
      }
    } finally {
      signal.removeEventListener('abort', cancel)
      cancel()
      release()
    }
  }
  return frames()
}

/** A parser of event streams that also tells of blocks without data: those have no frame, but their id and their retry count. */
export function createEventParser(maxEventSize: number): FrameParser {
  const parser = createParser({ maxEventSize })
  let id = ''
  let retry: number | undefined
  return {
    feed(chunk) {
      const frames = parser.feed(chunk)
      id = frames.at(-1)?.id ?? id
      const moved = parser.lastEventId !== id
      if (!moved && parser.retry === retry) return frames
      id = parser.lastEventId
      retry = parser.retry
      // Without an id where there was none: an empty one would void the cursor that this connection went on from.
      return [...frames, { event: '', data: '', ...(moved && { id }), ...(retry !== undefined && { retry }) }]
    },
    end: parser.end,
  }
}
