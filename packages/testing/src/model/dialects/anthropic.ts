import { format } from '@keepstream/core/sse'
import { type ApiError, apiError } from '../api-error'
import type { AnswerEvent, Completion } from '../completion'
import type { ChatRequest } from '../request'
import { isError, isRecord, readObject, requestOf, textOf, wrong } from './body'
import { type AddressedCall, headerOf, type ModelDialect } from './dialect'
import { type Block, blocksOf, countsOf } from './pieces'

/** Anthropic's messages, as its public documentation describes them. */
export const anthropicDialect: ModelDialect = {
  keyOf: headerOf('x-api-key'),
  parse,
  stream,
  whole,
  errorBody: ({ status, body }) => errorOf(body.error.message, errorTypes[status] ?? 'api_error'),
  errorEvent: (message) => event('error', errorOf(message, 'overloaded_error')),
  garbage: '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"half a',
  textEvent: [
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"',
    '"}}\n\n',
  ],
}

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

const errorOf = (message: string, type: string) => ({ type: 'error', error: { type, message } })
const event = (name: string, value: object) => format({ event: name, data: JSON.stringify(value) })

function parse(json: string, { headers }: AddressedCall): ChatRequest | ApiError {
  const body = readObject(json)
  if (isError(body)) return body
  const { model, messages, max_tokens: maxTokens, stream: streams, system } = body
  if (headers['anthropic-version'] === undefined) return apiError(400, 'anthropic-version: header is required')
  if (typeof model !== 'string' || model === '') return wrong('model', 'give the name of a model.')
  if (!Number.isInteger(maxTokens) || (maxTokens as number) < 1) return wrong('max_tokens', 'field required')
  if (!Array.isArray(messages) || messages.length === 0) return wrong('messages', 'give at least one message.')
  for (const [index, message] of messages.entries()) {
    const known = isRecord(message) && (message.role === 'user' || message.role === 'assistant')
    if (!known) return wrong(`messages.${index}.role`, 'give user or assistant.')
    if (message.role === (messages[index - 1] as { role?: unknown })?.role)
      return wrong('messages', 'roles must alternate')
  }
  const said = messages.map(({ role, content }) => ({ role, content: textOf(content) }))
  const asked = system === undefined ? said : [{ role: 'system', content: textOf(system) }, ...said]
  return requestOf(body, asked, { model, stream: streams === true, maxTokens })
}

function* stream(completion: Completion): Generator<AnswerEvent> {
  const [choice] = completion.choices
  const { input, output, cached } = countsOf(completion)
  const usage = { input_tokens: input - cached, cache_read_input_tokens: cached }
  const message = { ...messageOf(completion), content: [], usage: { ...usage, output_tokens: 1 } }
  yield { bytes: event('message_start', { type: 'message_start', message }), tokens: 0, role: 'opening' }
  for (const [index, block] of blocksOf(choice!).entries()) {
    const start = { type: 'content_block_start', index, content_block: emptyBlock(block) }
    yield { bytes: event('content_block_start', start), tokens: block.type === 'call' ? 1 : 0 }
    for (const piece of block.pieces) {
      const delta = { type: 'content_block_delta', index, delta: deltaOf(block, piece) }
      yield { bytes: event('content_block_delta', delta), tokens: 1 }
    }
    yield { bytes: event('content_block_stop', { type: 'content_block_stop', index }), tokens: 0 }
  }
  const delta = { stop_reason: reasonOf(choice!.finishReason), stop_sequence: null }
  const end = { type: 'message_delta', delta, usage: { ...usage, output_tokens: output } }
  yield { bytes: event('message_delta', end), tokens: 0 }
  yield { bytes: event('message_stop', { type: 'message_stop' }), tokens: 0, role: 'done' }
}

function whole(completion: Completion): AnswerEvent {
  const [choice] = completion.choices
  const { input, output, cached } = countsOf(completion)
  const content = blocksOf(choice!).map((block) => {
    const text = block.pieces.join('')
    if (block.type === 'call') return { ...emptyBlock(block), input: JSON.parse(text || '{}') }
    return block.type === 'text' ? { type: 'text', text } : { type: 'thinking', thinking: text, signature: '' }
  })
  const usage = { input_tokens: input - cached, cache_read_input_tokens: cached, output_tokens: output }
  const message = { ...messageOf(completion), content, stop_reason: reasonOf(choice!.finishReason), usage }
  return { bytes: JSON.stringify(message), tokens: choice!.deltas.length }
}

const messageOf = ({ id, request }: Completion) => ({
  id: `msg_${id}`,
  type: 'message',
  role: 'assistant',
  model: request.model,
  stop_reason: null as string | null,
  stop_sequence: null,
})

function emptyBlock(block: Block): object {
  if (block.type === 'call') return { type: 'tool_use', id: block.id, name: block.name, input: {} }
  return block.type === 'text' ? { type: 'text', text: '' } : { type: 'thinking', thinking: '', signature: '' }
}

function deltaOf({ type }: Block, piece: string): object {
  if (type === 'call') return { type: 'input_json_delta', partial_json: piece }
  return type === 'text' ? { type: 'text_delta', text: piece } : { type: 'thinking_delta', thinking: piece }
}

const reasons: Readonly<Record<string, string>> = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' }
const reasonOf = (reason: string) => reasons[reason] ?? reason
