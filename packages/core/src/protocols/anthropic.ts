// Above 150 lines: the whole wire in one place, of which a third is its types.
import type { Frame } from '../frame'
import { initialMessage, type Message, type MessagePart, reduceMessage } from '../message'
import { END, type FrameParser, type Protocol } from './protocol'
import { annotated, goOnAfter, inputObject, malformed, parseObject, upstreamError } from './upstream'

/**
 * Anthropic's messages: text, thinking, tool calls, usage. Complete only at `message_stop`. What has no place of its own
 * in a message is data: `citation`, `signature` of a thinking, `redacted-thinking`, and `server-tool-use` with the results
 * of tools that run at the provider. Nothing is kept there: see the option `interruption`.
 */
export function anthropic(): Protocol<MessagePart, Message> {
  return protocol
}

const protocol: Protocol<MessagePart, Message> = {
  name: 'anthropic',
  accept: 'text/event-stream',
  parser: createEventParser,
  terminated: true,
  durable: false,
  initial: initialMessage,
  reduce: reduceMessage,
  body: (input = {}) => ({ ...inputObject(input, '`model`, `max_tokens` and `messages`'), stream: true }),
  decode,
  continue: (input, data) => goOnAfter(input, data, 'messages', (role, content) => ({ role, content })),
}

const expected = 'an event of the messages API'

interface Usage {
  readonly input_tokens?: number | null
  readonly output_tokens?: number | null
  readonly cache_read_input_tokens?: number | null
  readonly cache_creation_input_tokens?: number | null
}

interface Block {
  readonly type: string
  readonly id?: string
  readonly name?: string
  readonly input?: object
  readonly text?: string
  readonly thinking?: string
}

interface Delta {
  readonly type?: string
  readonly text?: string
  readonly thinking?: string
  readonly signature?: string
  readonly partial_json?: string
  readonly citation?: unknown
  readonly stop_reason?: string | null
}

interface Event {
  readonly type?: unknown
  readonly index?: number
  readonly message?: { readonly usage?: Usage }
  readonly content_block?: Block
  readonly delta?: Delta
  readonly usage?: Usage | null
  readonly error?: unknown
}

/** What one event means may stand in another one, which a parser of a connection can know and `decode` cannot. */
interface Noted extends Frame {
  /** Which of the tool calls the block of this event is; `undefined` where it is none, absent where nobody took note. */
  readonly call?: number | undefined
  /** What the beginning of the message said of usage: its end may repeat only what has grown. */
  readonly begun?: Usage | undefined
}

/** Blocks are numbered over all kinds, and only the event that begins one tells its kind. */
function createEventParser(_mediaType: string, limit: number): FrameParser {
  const calls = new Map<number | undefined, number>()
  let begun: Usage | undefined
  return annotated(limit, (frame): Noted => {
    const { data } = frame
    // In quotes, because they would be escaped inside of a text. A text may be just this, though, and has none of the rest.
    if (data.includes('"message_start"')) begun = parseObject<Event>(data, expected).message?.usage ?? begun
    if (data.includes('"message_delta"')) return { ...frame, begun }
    if (data.includes('"content_block_start"')) {
      const { index, content_block } = parseObject<Event>(data, expected)
      if (content_block?.type === 'tool_use') calls.set(index, calls.size)
      return { ...frame, call: calls.get(index) }
    }
    if (!data.includes('"input_json_delta"')) return frame
    return { ...frame, call: calls.get(Number(/"index"\s*:\s*(\d+)/.exec(data)?.[1])) }
  })
}

function decode(frame: Noted): readonly MessagePart[] | typeof END | undefined {
  const event = parseObject<Event>(frame.data, expected)
  const { type } = event
  // New types may be added at any time; but what is not even spelled like one is another API's, and silence would seem well.
  if (typeof type !== 'string' || !/^[a-z_]+$/.test(type)) throw malformed(expected)
  if (type === 'error') throw upstreamError(event.error)
  if (type === 'message_stop') return END
  try {
    return readEvent(event, frame)
  } catch (cause) {
    throw malformed(expected, cause)
  }
}

function readEvent(event: Event, frame: Noted): readonly MessagePart[] | undefined {
  switch (event.type) {
    case 'content_block_delta':
      return readDelta(event.delta!, event.index, frame)
    case 'content_block_start':
      return readBlock(event.content_block!, event.index, frame)
    case 'message_start':
      return readUsage(event.message!.usage)
    case 'message_delta': {
      const reason = event.delta?.stop_reason
      const finish = reason
        ? [{ type: 'finish', reason: reasons.get(reason) ?? reason.replaceAll('_', '-') } as const]
        : []
      // A count that is `null` says nothing.
      const counted = Object.entries(event.usage ?? {}).filter(([, count]) => count !== null)
      const usage = { ...frame.begun, ...Object.fromEntries(counted) }
      // Where nothing was counted, nothing is known: 0 would be a figure.
      return [...(Object.keys(usage)[0] ? readUsage(usage) : []), ...finish]
    }
    default:
      return undefined
  }
}

function readBlock(block: Block, index: number | undefined, frame: Noted): readonly MessagePart[] {
  const { type, id, name } = block
  switch (type) {
    case 'text':
      return piece('text', block.text)
    case 'thinking':
      return piece('reasoning', block.thinking)
    case 'tool_use': {
      const whole = block.input && Object.keys(block.input).length > 0 ? { arguments: JSON.stringify(block.input) } : {}
      return [{ type: 'tool-call', index: frame.call ?? index!, id: id!, name: name!, ...whole }]
    }
    default:
      // Redacted thinking, tools that the provider runs itself and their results: nothing that the application has to do.
      return [{ type: 'data', name: type.replaceAll('_', '-'), value: block }]
  }
}

function readDelta(delta: Delta, index: number | undefined, frame: Noted): readonly MessagePart[] | undefined {
  switch (delta.type) {
    case 'text_delta':
      return piece('text', delta.text)
    case 'thinking_delta':
      return piece('reasoning', delta.thinking)
    case 'input_json_delta': {
      // The input of a tool that the provider runs.
      if ('call' in frame && frame.call === undefined) return undefined
      // A transport that has a parser of its own leaves only the number among blocks of all kinds.
      const json = delta.partial_json
      if (json && typeof json !== 'string') throw malformed(expected) // Or `[object Object]` would be joined.
      return json ? [{ type: 'tool-call', index: frame.call ?? index!, arguments: json }] : undefined
    }
    case 'signature_delta':
      return [{ type: 'data', name: 'signature', value: delta.signature }]
    case 'citations_delta':
      return [{ type: 'data', name: 'citation', value: delta.citation }]
    default:
      return undefined
  }
}

function piece(type: 'text' | 'reasoning', text: unknown): readonly MessagePart[] {
  if (typeof text !== 'string') throw malformed(expected)
  return text ? [{ type, text }] : []
}

/** Input tokens come in three sums, of which the message model wants the whole. The counts are cumulative. */
function readUsage(usage: Usage | undefined): readonly MessagePart[] {
  if (!usage) return []
  const cachedInputTokens = usage.cache_read_input_tokens ?? 0
  const inputTokens = (usage.input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0) + cachedInputTokens
  const outputTokens = usage.output_tokens ?? 0
  const counts = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }
  return [{ type: 'usage', usage: { ...counts, ...(cachedInputTokens && { cachedInputTokens }) } }]
}

// A map, for an object has more names than its own.
const reasons: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'content-filter'],
])
