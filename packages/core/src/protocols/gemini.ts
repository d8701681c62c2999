// Above 150 lines: the whole wire in one place, of which a third is its types.
import type { Frame } from '../frame'
import { initialMessage, type Message, type MessagePart, reduceMessage } from '../message'
import { type Control, END, type FrameParser, type Protocol } from './protocol'
import { annotated, goOnAfter, inputObject, malformed, parseObject, upstreamError } from './upstream'

/**
 * Gemini's `streamGenerateContent?alt=sse`: text, thoughts, function calls, usage, several candidates. It has no last
 * event: complete is what gave a finish reason for every candidate and then closed cleanly. Nothing is kept there: see the
 * option `interruption`.
 */
export function gemini(): Protocol<MessagePart, Message> {
  return protocol
}

const protocol: Protocol<MessagePart, Message> = {
  name: 'gemini',
  accept: 'text/event-stream',
  parser: createEventParser,
  terminated: true,
  durable: false,
  initial: initialMessage,
  reduce,
  body: (input = {}) => inputObject(input, '`contents`'),
  decode,
  continue: goOn,
}

const expected = 'a chunk of streamGenerateContent'

interface Chunk {
  readonly error?: unknown
  readonly candidates?: readonly Candidate[]
  readonly promptFeedback?: { readonly blockReason?: string; readonly blockReasonMessage?: string }
  readonly usageMetadata?: {
    readonly promptTokenCount?: number
    readonly candidatesTokenCount?: number
    readonly thoughtsTokenCount?: number
    readonly toolUsePromptTokenCount?: number
    readonly cachedContentTokenCount?: number
    readonly totalTokenCount?: number
  }
}

interface Candidate {
  readonly index?: number
  readonly finishReason?: string
  readonly content?: { readonly parts?: readonly Part[] }
}

interface Part {
  readonly text?: string
  readonly thought?: boolean
  readonly thoughtSignature?: string
  readonly functionCall?: { readonly id?: string; readonly name?: string; readonly args?: object }
}

/** A chunk that a parser has looked into already, which then also tells the end. */
interface Noted extends Frame {
  readonly chunk?: Chunk | undefined
}

/**
 * A chunk alone cannot tell that it is the last: some servers give a finish reason with every chunk, one candidate may go
 * on after another has finished, and usage may come late. So the end is the clean close after all of it.
 */
function createEventParser(_mediaType: string, limit: number): FrameParser {
  const unfinished = new Set<number>()
  let begun = false
  const note = (frame: Frame): Noted => {
    const chunk = parseObject<Chunk>(frame.data, expected)
    for (const { index = 0, finishReason } of chunk.candidates ?? []) {
      begun = true
      if (finishReason) unfinished.delete(index)
      else unfinished.add(index)
    }
    return { ...frame, chunk }
  }
  return annotated(limit, note, () => (begun && unfinished.size === 0 ? [{ event: closed, data: '' }] : []))
}

// No server can name an event so: the standard ends a name at a line break.
const closed = '\n'

function decode(frame: Noted): readonly MessagePart[] | Control<MessagePart> {
  if (frame.event === closed) return END
  const chunk = frame.chunk ?? parseObject<Chunk>(frame.data, expected)
  const { error, candidates, promptFeedback, usageMetadata } = chunk
  if (error) throw upstreamError(error)
  const blocked = promptFeedback?.blockReason
  if (blocked) {
    const message = promptFeedback.blockReasonMessage ?? `The prompt was refused (${blocked}).`
    throw upstreamError({ message, code: blocked })
  }
  // An endpoint that speaks something else must not go by as an answer without words.
  if (!(candidates || usageMetadata || promptFeedback)) throw malformed(expected)
  const parts: MessagePart[] = []
  try {
    for (const candidate of candidates ?? []) readCandidate(candidate, parts)
  } catch (cause) {
    throw malformed(expected, cause)
  }
  if (usageMetadata) parts.push(readUsage(usageMetadata))
  // A transport that has its own parser cannot say how the connection closed: there the finish reason has to do.
  const over = !frame.chunk && candidates?.length && candidates.every(({ finishReason }) => finishReason)
  return over ? { ...END, parts } : parts
}

function readCandidate({ index = 0, content, finishReason }: Candidate, parts: MessagePart[]): void {
  // The first candidate goes without a number.
  const choice = index > 0 ? { choice: index } : undefined
  for (const { text, thought, thoughtSignature, functionCall: call } of content?.parts ?? []) {
    if (text !== undefined && typeof text !== 'string') throw malformed(expected)
    if (text) parts.push({ type: thought ? 'reasoning' : 'text', text, ...choice })
    if (call) {
      const { id, name = '', args = {} } = call
      // Whole, and without a number: one after the other.
      parts.push({ type: 'tool-call', ...(id && { id }), name, arguments: JSON.stringify(args), ...choice })
    }
    // To be sent back with the next turn.
    if (thoughtSignature) parts.push({ type: 'data', name: 'signature', value: thoughtSignature })
  }
  if (finishReason) parts.push({ type: 'finish', reason: readReason(finishReason), ...choice })
}

function readReason(reason: string): string {
  if (reason === 'MAX_TOKENS') return 'length'
  if (/SAFETY|RECITATION|BLOCKLIST|PROHIBITED|SPII/.test(reason)) return 'content-filter'
  return reason.toLowerCase().replaceAll('_', '-')
}

/** Gemini says `STOP` after tool calls too, and only the message knows that there are any. */
function reduce(message: Message, part: MessagePart): Message {
  if (part.type !== 'finish' || part.reason !== 'stop') return reduceMessage(message, part)
  const calls = part.choice ? message.alternatives[part.choice - 1]?.toolCalls : message.toolCalls
  return reduceMessage(message, calls?.length ? { ...part, reason: 'tool-calls' } : part)
}

function readUsage(counts: NonNullable<Chunk['usageMetadata']>): MessagePart {
  const { thoughtsTokenCount: reasoningTokens, cachedContentTokenCount: cachedInputTokens } = counts
  const inputTokens = (counts.promptTokenCount ?? 0) + (counts.toolUsePromptTokenCount ?? 0)
  // Thoughts are billed as output and counted beside it.
  const outputTokens = (counts.candidatesTokenCount ?? 0) + (reasoningTokens ?? 0)
  const usage = {
    inputTokens,
    outputTokens,
    totalTokens: counts.totalTokenCount ?? inputTokens + outputTokens,
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
  }
  return { type: 'usage', usage }
}

function goOn(input: unknown, data: Message): unknown {
  const { generationConfig } = input as { generationConfig?: { candidateCount?: number } }
  if ((generationConfig?.candidateCount ?? 1) > 1) return undefined
  const turn = (role: string, text: string) => ({ role: role === 'user' ? role : 'model', parts: [{ text }] })
  return goOnAfter(input, data, 'contents', turn)
}
