import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { initialMessage, type Message, type MessagePart, reduceMessage } from '../message'
import { createLineParser } from '../ndjson'
import type { Control, Protocol } from './protocol'
import { goOnAfter, inputObject, malformed, parseObject } from './upstream'

/**
 * Ollama's `/api/chat` and `/api/generate`, as JSON lines: text, thinking, tool calls, usage. Complete at the line with
 * `done: true`; a connection that closes before it was cut. Nothing is kept there: see the option `interruption`.
 */
export function ollama(): Protocol<MessagePart, Message> {
  return protocol
}

const protocol: Protocol<MessagePart, Message> = {
  name: 'ollama',
  // A model that is only to be loaded is answered with one object.
  accept: 'application/x-ndjson, application/json',
  parser: (_mediaType, limit) => createLineParser({ maxLineSize: limit }),
  terminated: true,
  durable: false,
  initial: initialMessage,
  reduce: reduceMessage,
  body: (input = {}) => ({ ...inputObject(input, '`model` and `messages` or `prompt`'), stream: true }),
  decode,
  continue: (input, data) => goOnAfter(input, data, 'messages', (role, content) => ({ role, content })),
}

const expected = 'a line of the Ollama API'

interface Line {
  /** A sentence. */
  readonly error?: unknown
  /** Of `/api/chat`. */
  readonly message?: {
    readonly content?: string
    readonly thinking?: string
    readonly tool_calls?: readonly Call[] | null
  } | null
  /** Of `/api/generate`, as is its `thinking`. */
  readonly response?: string
  readonly thinking?: string
  readonly done?: boolean
  readonly done_reason?: string
  readonly prompt_eval_count?: number
  readonly eval_count?: number
}

interface Call {
  readonly id?: string
  readonly function: { readonly name: string; readonly arguments?: unknown }
}

function decode({ data }: Frame): readonly MessagePart[] | Control<MessagePart> {
  const line = parseObject<Line>(data, expected)
  if (line.error) throw new StreamError('server', `${Object(line.error).message ?? line.error}`)
  // An endpoint that speaks something else would give an answer that never has any text.
  if (typeof line.done !== 'boolean' && !line.message && typeof line.response !== 'string') throw malformed(expected)
  let parts: MessagePart[]
  try {
    parts = readLine(line)
  } catch (cause) {
    throw malformed(expected, cause)
  }
  return line.done ? { type: 'end', parts, outcome: { state: 'done' } } : parts
}

function readLine(line: Line): MessagePart[] {
  const { message, done_reason: reason, eval_count: outputTokens, prompt_eval_count: inputTokens = 0 } = line
  const parts: MessagePart[] = []
  const add = (type: 'text' | 'reasoning', text: unknown) => {
    if (text && typeof text !== 'string') throw malformed(expected)
    if (text) parts.push({ type, text: text as string })
  }
  add('reasoning', message?.thinking ?? line.thinking)
  add('text', message?.content ?? line.response)
  // Calls come whole, each once. Their numbers are not looked at: some versions count anew in every line.
  for (const { id, function: call } of message?.tool_calls ?? []) {
    const args = JSON.stringify(call.arguments ?? {})
    parts.push({ type: 'tool-call', ...(id && { id }), name: call.name, arguments: args, whole: true })
  }
  // Where the prompt was in the cache, its count is left out.
  if (outputTokens !== undefined) {
    parts.push({ type: 'usage', usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens } })
  }
  if (reason) parts.push({ type: 'finish', reason })
  return parts
}
