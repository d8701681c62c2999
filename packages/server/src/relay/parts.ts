import type { Message, MessagePart } from '@keepstream/core'
import { isEventName } from '../entry'
import type { ProducerContext } from '../generation'

/** What events of these names say is not a provider's to invent. */
const taken: readonly string[] = ['text', 'reasoning', 'tool-call', 'usage', 'finish', 'comparison']

/** Appends one part of an answer, as PROTOCOL.md has it. */
export function appendPart(
  { text, append }: Pick<ProducerContext, 'text' | 'append'>,
  part: MessagePart,
): void | Promise<void> {
  if (part.type === 'text' && !part.choice) return text(part.text)
  // A kind of block that is new would pass for something else, or end the answer because no event may be called so.
  if (part.type === 'data' && (taken.includes(part.name) || !isEventName(part.name))) return undefined
  return append(...entryOf(part))
}

/** The event and its data for one part. */
function entryOf(part: MessagePart): [event: string, data: unknown] {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return [part.type, part.choice ? { text: part.text, choice: part.choice } : part.text]
    case 'usage':
      return ['usage', part.usage]
    case 'data':
      return [part.name, part.value]
    default: {
      const { type, ...data } = part
      return [type, data]
    }
  }
}

/** All of a message that came whole, as the parts that would have made it. */
export function partsOf({ reasoning, text, toolCalls, usage, finishReason, data }: Message): readonly MessagePart[] {
  return [
    ...piecesOf(reasoning).map((piece) => ({ type: 'reasoning', text: piece }) as const),
    ...piecesOf(text).map((piece) => ({ type: 'text', text: piece }) as const),
    ...toolCalls.map((call) => ({ type: 'tool-call', ...call, whole: true }) as const),
    ...Object.entries(data).map(([name, value]) => ({ type: 'data', name, value }) as const),
    ...(finishReason === undefined ? [] : [{ type: 'finish', reason: finishReason } as const]),
    ...(usage ? [{ type: 'usage', usage } as const] : []),
  ]
}

/** An entry has a bound (PROTOCOL.md, R44), and an answer of a hundred pages may be larger. In characters. */
const longestPiece = 16_384

// A piece ends at no half of a pair: JSON would have to escape it.
const pieces = new RegExp(`[^]{1,${longestPiece}}`, 'gu')
const piecesOf = (text: string): readonly string[] => text.match(pieces) ?? []

/** Whether a call is text throughout: to join anything else would give every reader another answer than was meant. */
export function isWellFormed(part: MessagePart): boolean {
  if (part.type !== 'tool-call') return true
  return [part.id, part.name, part.arguments].every(
    (field: unknown) => field === undefined || typeof field === 'string',
  )
}

/** The same part; why the model ended as `message` has it, for Gemini says `STOP` after calls of tools too. */
export function asIn(message: Message, part: MessagePart): MessagePart {
  if (part.type !== 'finish') return part
  const choice = part.choice ? message.alternatives[part.choice - 1] : message
  return { ...part, reason: choice?.finishReason ?? part.reason }
}
