import type { Protocol } from './protocol'

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
  terminated: false,
  durable: false,
  initial: () => ({ text: '' }),
  reduce: ({ text }, part) => ({ text: text + part.text }),
  decode: ({ data }) => [{ type: 'text', text: data }],
}
