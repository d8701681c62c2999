import { format } from '@keepstream/core/sse'
import { type ApiError, apiError } from '../api-error'
import type { AnswerEvent, Completion } from '../completion'
import type { ChatRequest } from '../request'
import { isError, isRecord, readObject, requestOf, textOf, wrong } from './body'
import { type AddressedCall, headerOf, type ModelDialect } from './dialect'
import { type Block, blocksOf, countsOf } from './pieces'

/** Gemini's `generateContent` and `streamGenerateContent?alt=sse`, as its public documentation describes them. */
export const geminiDialect: ModelDialect = {
  keyOf: headerOf('x-goog-api-key'),
  parse,
  stream,
  whole,
  errorBody: ({ status, body }) => errorOf(status, body.error.message),
  errorEvent: (message) => format({ data: JSON.stringify(errorOf(503, message)) }),
  garbage: '{"candidates":[{"content":{"role":"model","parts":[{"text":"half a',
  textEvent: ['data: {"candidates":[{"content":{"role":"model","parts":[{"text":"', '"}]},"index":0}]}\n\n'],
}

const statuses: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
}

const errorOf = (code: number, message: string) => ({ error: { code, message, status: statuses[code] ?? 'INTERNAL' } })

function parse(json: string, { model, stream: streams }: AddressedCall): ChatRequest | ApiError {
  const body = readObject(json)
  if (isError(body)) return body
  const { contents, generationConfig: config, systemInstruction } = body
  if (!model) return apiError(404, 'The address names no model.')
  if (!Array.isArray(contents) || contents.length === 0) return wrong('contents', 'contents is not specified')
  for (const [index, content] of contents.entries()) {
    const known = isRecord(content) && (content.role === 'user' || content.role === 'model')
    if (!known) return wrong(`contents[${index}].role`, 'Please use a valid role: user, model.')
    if (!Array.isArray(content.parts) || content.parts.length === 0)
      return wrong(`contents[${index}].parts`, 'give parts.')
  }
  const said = contents.map(({ role, parts }) => ({ role, content: textOf(parts) }))
  const system = isRecord(systemInstruction) ? [{ role: 'system', content: textOf(systemInstruction.parts) }] : []
  const maxTokens = isRecord(config) ? config.maxOutputTokens : undefined
  return requestOf(body, [...system, ...said], { model, stream: streams === true, maxTokens })
}

function* stream(completion: Completion): Generator<AnswerEvent> {
  const [choice] = completion.choices
  let output = 0
  const chunk = (candidate: object, tokens: number): AnswerEvent => {
    output += tokens
    const usageMetadata = usageOf(completion, output)
    const value = { candidates: [{ ...candidate, index: 0 }], usageMetadata, modelVersion: completion.request.model }
    return { bytes: format({ data: JSON.stringify(value) }), tokens }
  }
  for (const block of blocksOf(choice!)) {
    // A call comes whole.
    if (block.type === 'call') yield chunk(contentOf([partOf(block)]), block.pieces.length + 1)
    else for (const text of block.pieces) yield chunk(contentOf([partOf({ ...block, pieces: [text] })]), 1)
  }
  // Gemini has no last event: what completes its answer is a finish reason.
  yield { ...chunk({ ...contentOf([{ text: '' }]), finishReason: reasonOf(choice!.finishReason) }, 0), role: 'done' }
}

function whole(completion: Completion): AnswerEvent {
  const [choice] = completion.choices
  const candidate = {
    ...contentOf(blocksOf(choice!).map(partOf)),
    finishReason: reasonOf(choice!.finishReason),
    index: 0,
  }
  const { length } = choice!.deltas
  const value = { candidates: [candidate], usageMetadata: usageOf(completion, length) }
  return { bytes: JSON.stringify(value), tokens: length }
}

const contentOf = (parts: readonly object[]) => ({ content: { role: 'model', parts } })

function partOf(block: Block): object {
  const text = block.pieces.join('')
  if (block.type === 'call') return { functionCall: { id: block.id, name: block.name, args: JSON.parse(text || '{}') } }
  return block.type === 'text' ? { text } : { text, thought: true }
}

/** The counts so far: candidates and thoughts stand side by side here. */
function usageOf(completion: Completion, sent: number): object {
  const { input, output, reasoning, cached } = countsOf(completion)
  const over = sent >= completion.choices[0]!.deltas.length
  const thoughts = Math.min(reasoning, sent)
  return {
    promptTokenCount: input,
    candidatesTokenCount: over ? output - reasoning : sent - thoughts,
    thoughtsTokenCount: thoughts,
    cachedContentTokenCount: cached,
    totalTokenCount: input + (over ? output : sent),
  }
}

const reasons: Readonly<Record<string, string>> = { stop: 'STOP', tool_calls: 'STOP', length: 'MAX_TOKENS' }
const reasonOf = (reason: string) => reasons[reason] ?? reason.toUpperCase()
