import type { Frame } from '../frame'
import { initialMessage, type Message, type MessagePart, reduceMessage, type Usage } from '../message'
import { createParser } from '../sse/parse'
import { END, type FrameParser, type Protocol } from './protocol'
import { goOnAfter, inputObject, malformed, parseObject, upstreamError } from './upstream'

/**
 * OpenAI's chat completions, and the many servers that speak the same: content, reasoning, tool calls, usage, several
 * choices. Complete only at `[DONE]`: a connection that closes after a finish reason alone was still cut.
 * Such an endpoint keeps nothing, so an answer that is cut cannot be gone on with; see the option `interruption`.
 */
export function openaiChat(): Protocol<MessagePart, Message> {
  return protocol
}

const protocol: Protocol<MessagePart, Message> = {
  name: 'openai-chat',
  accept: 'text/event-stream',
  parser: createEventParser,
  terminated: true,
  durable: false,
  initial: initialMessage,
  reduce: reduceMessage,
  body: (input = {}) => ({ ...inputObject(input, '`model` and `messages`'), stream: true }),
  decode,
  continue: goOn,
}

const expected = 'a chunk of the chat completions API'

// Some servers leave white space around it.
const isDone = (data: string) => data.trim() === '[DONE]'

/** The standard drops an event without the empty line after it, which some servers leave out after `[DONE]`. */
function createEventParser(_mediaType: string, limit: number): FrameParser {
  const { feed } = createParser({ maxEventSize: limit })
  return { feed, end: () => feed('\n\n').filter(({ data }) => isDone(data)) }
}

interface Chunk {
  readonly error?: unknown
  readonly choices?: readonly {
    readonly index?: number
    readonly delta?: Delta | null
    readonly finish_reason?: string | null
  }[]
  readonly usage?: {
    readonly prompt_tokens?: number
    readonly completion_tokens?: number
    readonly total_tokens?: number
    readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null
    readonly completion_tokens_details?: { readonly reasoning_tokens?: number } | null
  } | null
}

interface Delta {
  readonly content?: string | null
  /** DeepSeek and vLLM say `reasoning_content`, OpenRouter and Groq `reasoning`. */
  readonly reasoning_content?: string | null
  readonly reasoning?: string | null
  readonly refusal?: string | null
  readonly tool_calls?: readonly {
    readonly index?: number | null
    readonly id?: string | null
    readonly function?: { readonly name?: string | null; readonly arguments?: string | null } | null
  }[]
}

function decode({ event, data }: Frame): readonly MessagePart[] | typeof END | undefined {
  // A server's own, such as a ping. By the name `error` some tell of one, and send `[DONE]` all the same.
  if (event !== 'message' && event !== 'error') return undefined
  if (isDone(data)) return END
  const chunk = parseObject<Chunk>(data, expected)
  if (chunk.error) throw upstreamError(chunk.error)
  // An endpoint that speaks something else would give an empty answer that seems complete.
  if (!('choices' in chunk || 'usage' in chunk) && Object.keys(chunk).length > 0) throw malformed(expected)
  try {
    return readChunk(chunk)
  } catch (cause) {
    throw malformed(expected, cause)
  }
}

function readChunk({ choices, usage }: Chunk): readonly MessagePart[] {
  const parts: MessagePart[] = []
  for (const { index = 0, delta, finish_reason } of choices ?? []) {
    if (delta) readDelta(delta, index, parts)
    if (finish_reason) parts.push({ type: 'finish', reason: finish_reason.replaceAll('_', '-'), ...numbered(index) })
  }
  if (usage) parts.push({ type: 'usage', usage: readUsage(usage) })
  return parts
}

/** The first choice goes without a number. */
const numbered = (choice: number) => (choice > 0 ? { choice } : undefined)

function readDelta(delta: Delta, choice: number, parts: MessagePart[]): void {
  const reasoning = delta.reasoning_content ?? delta.reasoning
  if (reasoning) parts.push(piece('reasoning', reasoning, choice))
  const text = delta.content || delta.refusal
  if (text) parts.push(piece('text', text, choice))
  // Some servers send calls without an index: then it is the id that tells them apart, and the place where there is none.
  delta.tool_calls?.forEach(({ index, id, function: call }, position) => {
    // An object, joined as a text, would be `[object Object]`.
    if (typeof (call?.arguments ?? '') !== 'string') throw malformed(expected)
    parts.push({
      type: 'tool-call',
      ...(index == null && id ? undefined : { index: index ?? position }),
      ...(id && { id }),
      ...(call?.name && { name: call.name }),
      ...(call?.arguments && { arguments: call.arguments }),
      ...numbered(choice),
    })
  })
}

// Nearly every part of an answer is made here, so without a spread.
function piece(type: 'text' | 'reasoning', text: unknown, choice: number): MessagePart {
  if (typeof text !== 'string') throw malformed(expected)
  return choice > 0 ? { type, text, choice } : { type, text }
}

function readUsage(usage: NonNullable<Chunk['usage']>): Usage {
  const { prompt_tokens: inputTokens = 0, completion_tokens: outputTokens = 0 } = usage
  const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens
  const cachedInputTokens = usage.prompt_tokens_details?.cached_tokens
  return {
    inputTokens,
    outputTokens,
    totalTokens: usage.total_tokens ?? inputTokens + outputTokens,
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
  }
}

function goOn(input: unknown, data: Message): unknown {
  const { n } = input as { n?: number }
  return (n ?? 1) > 1 ? undefined : goOnAfter(input, data, 'messages', (role, content) => ({ role, content }))
}
