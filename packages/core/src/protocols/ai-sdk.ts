import type { Frame } from '../frame'
import { initialMessage, type Message, type MessagePart, reduceMessage } from '../message'
import { type Control, END, type Protocol } from './protocol'
import { malformed, parseObject, upstreamError } from './upstream'

/**
 * The AI SDK's UI message stream, version 1: what `toUIMessageStreamResponse()` sends, and servers that speak the same.
 * Complete at `[DONE]`; `abort` is a stop, and `error` a failure. Such an endpoint keeps nothing.
 *
 * What the message model has no field for is in `data.data`, and each of it is a part of its own. An application's `data-x`
 * keeps that name, so that it meets none of these; with an id it is `data-x/<id>`. What came of a tool call is
 * `tool-output/<call>`, a call that cannot be made `tool-input-error/<call>`, one that a person has to allow
 * `tool-approval-request/<call>`; then there are `source/<id>`, `file` (a list of the latest 256), `message-id` and
 * `metadata`, whose pieces are laid over each other. The stream has no usage of its own: servers tell it in `metadata`.
 */
export function aiSdk(): Protocol<MessagePart, Message> {
  return protocol
}

const protocol: Protocol<MessagePart, Message> = {
  name: 'ai-sdk',
  accept: 'text/event-stream',
  terminated: true,
  durable: false,
  initial: initialMessage,
  reduce,
  decode,
}

const expected = 'a chunk of the UI message stream of the AI SDK'

interface Chunk {
  readonly type?: unknown
  readonly id?: string
  readonly delta?: unknown
  readonly toolCallId?: string
  readonly toolName?: string
  readonly inputTextDelta?: string
  readonly input?: unknown
  readonly sourceId?: string
  readonly data?: unknown
  readonly messageId?: string
  readonly messageMetadata?: unknown
  readonly finishReason?: string
  readonly errorText?: unknown
}

function decode({ event, data }: Frame): readonly MessagePart[] | Control<MessagePart> | undefined {
  if (event !== 'message') return undefined // A server's own, such as a ping.
  if (data === '[DONE]') return END
  const chunk = parseObject<Chunk>(data, expected)
  const type = typeof chunk.type === 'string' ? chunk.type : ''
  switch (type) {
    case 'text-delta':
    case 'reasoning-delta': {
      if (typeof chunk.delta !== 'string') throw malformed(expected)
      return chunk.delta ? [{ type: type === 'text-delta' ? 'text' : 'reasoning', text: chunk.delta }] : []
    }
    case 'tool-input-start':
    case 'tool-input-delta':
    case 'tool-input-available':
      return toolCall(chunk)
    case 'error':
      throw upstreamError(chunk.errorText)
    case 'abort':
      return { type: 'end', parts: [], outcome: { state: 'stopped' } }
    default:
      return other(type, chunk)
  }
}

function toolCall({ toolCallId, toolName, inputTextDelta, input }: Chunk): readonly MessagePart[] {
  if (typeof toolCallId !== 'string') throw malformed(expected)
  const whole = input !== undefined
  return [
    {
      type: 'tool-call',
      id: toolCallId,
      ...(toolName && { name: toolName }),
      ...(inputTextDelta && { arguments: inputTextDelta }),
      ...(whole && { arguments: JSON.stringify(input), whole }),
    },
  ]
}

/** What the message model has no field for, and what only draws a line between parts. */
function other(type: string, chunk: Chunk): readonly MessagePart[] {
  const { id, data, toolCallId, sourceId, messageId, messageMetadata, finishReason } = chunk
  const parts: MessagePart[] = []
  const add = (name: string, value: unknown, of?: string) =>
    parts.push({ type: 'data', name: of === undefined ? name : `${name}/${of}`, value })
  if (type.startsWith('data-')) add(type, data, id)
  // Every name of this stream is made of words with dashes; those of others have dots or underscores.
  else if (!/^[a-z]+(-[a-z]+)*$/.test(type)) throw malformed(expected)
  else if (type.startsWith('tool-output-')) add('tool-output', chunk, toolCallId)
  else if (/^tool-(input-error|approval-request)$/.test(type)) add(type, chunk, toolCallId)
  else if (type.startsWith('source-')) add('source', chunk, sourceId)
  else if (type === 'file') add(type, chunk)
  if (messageId !== undefined) add('message-id', messageId)
  if (typeof messageMetadata === 'object' && messageMetadata) add('metadata', messageMetadata)
  if (finishReason) parts.push({ type: 'finish', reason: finishReason })
  return parts
}

// More than any answer has; the oldest go first.
const mostFiles = 256

function reduce(message: Message, part: MessagePart): Message {
  if (part.type !== 'data') return reduceMessage(message, part)
  const known = message.data[part.name]
  let { value } = part
  if (part.name === 'file') value = [...((known as readonly unknown[] | undefined) ?? []), value].slice(-mostFiles)
  else if (part.name === 'metadata') value = { ...(known as object | undefined), ...(value as object) }
  return reduceMessage(message, { ...part, value })
}
