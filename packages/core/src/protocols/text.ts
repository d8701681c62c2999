import type { Frame } from '../frame'
import type { FrameParser, Protocol } from './protocol'

export interface TextPart {
  readonly type: 'text'
  readonly text: string
}

/**
 * Plain text, as it comes. It has no terminal of its own: a connection that closes cleanly is the end, and only one
 * that breaks is an interruption.
 */
export function text(): Protocol<TextPart, { readonly text: string }> {
  return protocol
}

const protocol: Protocol<TextPart, { readonly text: string }> = {
  name: 'text',
  accept: 'text/plain',
  parser: createTextParser,
  terminated: false,
  durable: false,
  initial: () => ({ text: '' }),
  reduce: ({ text }, part) => ({ text: text + part.text }),
  decode: ({ data }) => [{ type: 'text', text: data }],
}

/** A frame for each read. Characters that are cut between reads wait for their rest. */
function createTextParser(): FrameParser {
  const decoder = new TextDecoder()
  const frames = (data: string): readonly Frame[] => (data === '' ? [] : [{ event: 'message', data }])
  return {
    feed: (chunk) => frames(decoder.decode(chunk, { stream: true })),
    end: () => frames(decoder.decode()),
  }
}
