// Above 150 lines: the whole wire in one place, live and stored.
import { StreamError } from '../errors'
import type { Cursor, Frame } from '../frame'
import { initialMessage, type Message, type MessagePart, reduceMessage } from '../message'
import type { Ask, Control, FrameParser, Protocol } from './protocol'
import { annotated, inputObject, malformed, parseObject, upstreamError } from './upstream'

/**
 * OpenAI's responses: text, refusals, reasoning, function calls, usage. Complete only at `response.completed`,
 * `response.incomplete`, `response.failed` or `response.cancelled`. An answer that was asked for with `background: true` is
 * stored there: it goes on after a cut with what was missed, and where that can no longer be had (a few minutes after its
 * beginning), it is fetched whole. Any other one is lost with its connection: see the option `interruption`.
 */
export function openaiResponses(): Protocol<MessagePart, Message> {
  return protocol
}

const protocol: Protocol<MessagePart, Message> = {
  name: 'openai-responses',
  accept: 'text/event-stream, application/json',
  parser: (mediaType, limit) => (mediaType === 'application/json' ? createJsonParser(limit) : createEventParser(limit)),
  terminated: true,
  durable: false,
  initial: initialMessage,
  reduce: reduceMessage,
  body: (input = {}) => ({ ...inputObject(input, '`model` and `input`'), stream: true }),
  decode,
  stored: {
    has: (cursor) => /:\d+$/.test(cursor),
    read,
    stop: (cursor, url, ask) => ask(address(url, placeOf(cursor).name, '/cancel'), 'POST'),
  },
}

const expected = 'an event of the responses API'

interface Item {
  readonly type?: string
  readonly call_id?: string
  readonly name?: string
  readonly arguments?: string
  readonly input?: string
  readonly content?: readonly { readonly text?: string; readonly refusal?: string }[] | null
  readonly summary?: readonly { readonly text?: string }[] | null
}

interface Answer {
  readonly id?: string
  readonly object?: unknown
  readonly status?: string
  readonly background?: boolean | null
  readonly store?: boolean | null
  readonly output?: readonly Item[]
  readonly error?: unknown
  readonly incomplete_details?: { readonly reason?: string } | null
  readonly usage?: {
    readonly input_tokens?: number
    readonly output_tokens?: number
    readonly total_tokens?: number
    readonly input_tokens_details?: { readonly cached_tokens?: number } | null
    readonly output_tokens_details?: { readonly reasoning_tokens?: number } | null
  } | null
}

interface Event {
  readonly type?: unknown
  readonly sequence_number?: number
  readonly response?: Answer
  readonly item?: Item
  readonly output_index?: number
  readonly summary_index?: number
  readonly delta?: unknown
  readonly error?: unknown
}

/** The pieces of a call's arguments do not name their call, which a parser of the connection can know. */
interface Noted extends Frame {
  readonly call?: string | undefined
}

// The names of the two frames that a stored answer becomes. No server can name an event so: a line break ends a name.
const stored = '\n'
const whole = '\n\n'

/** Gives every event of a stored answer the id `<response id>:<sequence number>`, and none to any other answer's. */
function createEventParser(limit: number): FrameParser {
  const calls = new Map<string | undefined, string | undefined>()
  let name: string | undefined
  return annotated(limit, (frame): Noted => {
    const { data } = frame
    // In quotes, because they would be escaped inside of a text. A text may be just this, though, and has none of the rest.
    if (data.includes('"response.created"')) {
      const answer = parseObject<Event>(data, expected).response
      if (answer?.background && answer.store !== false) name = answer.id
    }
    const place = name && /"sequence_number"\s*:\s*(\d+)/.exec(data)?.[1]
    const noted = place ? { ...frame, id: `${name}:${place}` } : frame
    const begins = data.includes('"response.output_item.added"')
    if (!begins && !isPiece(data)) return noted
    const index = /"output_index"\s*:\s*(\d+)/.exec(data)?.[1]
    const item = begins && parseObject<Event>(data, expected).item
    if (item) calls.set(index, item.call_id)
    return { ...noted, call: calls.get(index) }
  })
}

const isPiece = (data: string) => /"response\.(function_call_arguments|custom_tool_call_input)\.delta"/.test(data)

/** A stored answer, which comes as one JSON document: what there was is void, and then comes all of it. */
function createJsonParser(limit: number): FrameParser {
  const decoder = new TextDecoder()
  let size = 0
  let data = ''
  return {
    feed(chunk) {
      size += chunk.length
      if (size > limit) {
        const sentence = `The stored answer is larger than maxEventSize (${limit} bytes). Raise maxEventSize.`
        throw new StreamError('too-large', sentence)
      }
      data += decoder.decode(chunk, { stream: true })
      return []
    },
    end() {
      data += decoder.decode()
      return [stored, whole].map((event) => ({ event, data }))
    },
  }
}

function decode(frame: Noted, cursor: Cursor | undefined): readonly MessagePart[] | Control<MessagePart> | undefined {
  const { event, data, id } = frame
  if (data === '[DONE]') return undefined // Some servers of the same API say so after their end.
  if (id && cursor && isSeen(id, cursor)) return { type: 'duplicate' }
  const value = parseObject<Event & Answer>(data, expected)
  try {
    return event === stored || event === whole ? readStored(value, event) : readEvent(value, frame)
  } catch (cause) {
    throw malformed(expected, cause)
  }
}

function readEvent(event: Event, { call }: Noted): readonly MessagePart[] | Control<MessagePart> | undefined {
  const { type, error, sequence_number, delta, item } = event
  if (error || type === 'error') throw upstreamError(error ?? { ...event, type: undefined })
  // New types may be added at any time; but what has neither their name nor their number is another API's.
  if (typeof type !== 'string' || !(type.startsWith('response.') || sequence_number !== undefined))
    throw malformed(expected)
  switch (type) {
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed':
    case 'response.cancelled':
      return end(event.response!, type.slice(9), [])
    case 'response.output_text.delta':
    case 'response.refusal.delta':
      return [piece('text', delta)]
    case 'response.reasoning_summary_text.delta':
    case 'response.reasoning_text.delta':
      return [piece('reasoning', delta)]
    case 'response.reasoning_summary_part.added':
      return event.summary_index ? [piece('reasoning', '\n\n')] : undefined
    case 'response.function_call_arguments.delta':
    case 'response.custom_tool_call_input.delta':
      // Unknown after a cut in the middle of a call: then the end of the call brings all of it.
      return call === undefined ? undefined : [{ type: 'tool-call', id: call, arguments: string(delta) }]
    case 'response.output_item.added':
      return readCall(item!)
    case 'response.output_item.done':
      return readCall(item!)?.map((part) => ({ ...part, whole: true }))
    default:
      return undefined
  }
}

function readCall({ type, call_id, name, arguments: json, input }: Item): readonly MessagePart[] | undefined {
  if (type !== 'function_call' && type !== 'custom_tool_call') return undefined
  return [{ type: 'tool-call', id: call_id!, name: name!, arguments: string(json ?? input ?? '') }]
}

const piece = (type: 'text' | 'reasoning', text: unknown): MessagePart => ({ type, text: string(text) })

/** What is joined: of anything else than a string, `[object Object]` would become of it. */
function string(value: unknown): string {
  if (typeof value === 'string') return value
  throw malformed(expected)
}

/** The parts that the events of a finished item would have brought. */
function readItem(item: Item): readonly MessagePart[] {
  const { type, content, summary } = item
  const kind = type === 'message' ? 'text' : 'reasoning'
  if (type !== 'message' && type !== 'reasoning') return readCall(item) ?? []
  return [
    ...(summary ?? []).map(({ text }, index) => piece('reasoning', (index > 0 ? '\n\n' : '') + (text ?? ''))),
    ...(content ?? []).map(({ text, refusal }) => piece(kind, text ?? refusal ?? '')),
  ]
}

function readStored(answer: Answer, event: string): Control<MessagePart> {
  const { status = '', output = [], error, object } = answer
  if (object !== 'response') throw error ? upstreamError(error) : malformed(expected)
  if (/^(queued|in_progress)$/.test(status)) {
    const sentence =
      'The answer is still being generated, and can no longer be read as a stream. It is asked for again.'
    throw new StreamError('network', sentence, { reason: status, retryAfter: 5_000 })
  }
  return event === stored ? { type: 'reset', reason: 'stored' } : end(answer, status, output.flatMap(readItem))
}

function end(answer: Answer, status: string, parts: readonly MessagePart[]): Control<MessagePart> {
  const { usage, output, incomplete_details, error } = answer
  const last: MessagePart[] = [...parts]
  if (usage) {
    const { input_tokens: inputTokens = 0, output_tokens: outputTokens = 0 } = usage
    const reasoningTokens = usage.output_tokens_details?.reasoning_tokens
    const cachedInputTokens = usage.input_tokens_details?.cached_tokens
    const counts = {
      inputTokens,
      outputTokens,
      totalTokens: usage.total_tokens ?? inputTokens + outputTokens,
      ...(reasoningTokens !== undefined && { reasoningTokens }),
      ...(cachedInputTokens !== undefined && { cachedInputTokens }),
    }
    last.push({ type: 'usage', usage: counts })
  }
  if (status === 'failed')
    return { type: 'end', parts: last, outcome: { state: 'failed', error: upstreamError(error) } }
  if (status === 'cancelled') return { type: 'end', parts: last, outcome: { state: 'stopped' } }
  const reason = status === 'completed' ? (output?.some(readCall) ? 'tool-calls' : 'stop') : incomplete_details?.reason
  last.push({ type: 'finish', reason: readReason(reason ?? status) })
  return { type: 'end', parts: last, outcome: { state: 'done' } }
}

const readReason = (reason: string) => (reason === 'max_output_tokens' ? 'length' : reason.replaceAll('_', '-'))

/** Asks for what comes after the cursor; where that can no longer be had, for all of it. */
async function read(cursor: Cursor, url: string, ask: Ask): Promise<Response> {
  const { name, number } = placeOf(cursor)
  const response = await ask(address(url, name, '', { stream: 'true', starting_after: String(number) }))
  if (response.status === 400) {
    response.body?.cancel().catch(() => {})
    return ask(address(url, name))
  }
  const { body } = response
  if (!response.ok || !body) return response
  // What comes does not say again which answer it is: so this stands before it.
  const created = { type: 'response.created', response: { id: name, background: true } }
  const first = new TextEncoder().encode(`data: ${JSON.stringify(created)}\n\n`)
  const prefix = new TransformStream<Uint8Array, Uint8Array>({ start: (controller) => controller.enqueue(first) })
  return new Response(body.pipeThrough(prefix), response)
}

function placeOf(cursor: Cursor): { readonly name: string; readonly number: number } {
  const colon = cursor.lastIndexOf(':')
  return { name: cursor.slice(0, colon), number: Number(cursor.slice(colon + 1)) }
}

function isSeen(id: string, cursor: Cursor): boolean {
  const next = placeOf(id)
  const last = placeOf(cursor)
  return next.name === last.name && next.number <= last.number
}

/** The address of the answer, below the one that it was asked for at, with the query of that. */
function address(url: string, name: string, action = '', query: Record<string, string> = {}): string {
  const target = new URL(url)
  target.pathname = `${target.pathname.replace(/\/$/, '')}/${encodeURIComponent(name)}${action}`
  for (const [key, value] of Object.entries(query)) target.searchParams.set(key, value)
  return target.href
}
