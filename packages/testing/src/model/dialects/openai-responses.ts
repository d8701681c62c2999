// A little above 150 lines: the events of an item stand together, and so do all forms of an answer.
import { format } from '@keepstream/core/sse'
import { type ApiError, apiError } from '../api-error'
import type { AnswerEvent, Completion } from '../completion'
import type { ChatRequest } from '../request'
import { isError, isRecord, readObject, requestOf, textOf, wrong } from './body'
import { bearerOf, type ModelDialect } from './dialect'
import { type Block, blocksOf, countsOf } from './pieces'

/** OpenAI's responses, as its public documentation describes them. */
export const openaiResponsesDialect: ModelDialect = {
  keyOf: bearerOf,
  parse,
  stream: (completion) => responseEvents(completion),
  whole: (completion) => ({
    bytes: JSON.stringify(responseOf(completion, 'completed')),
    tokens: completion.choices[0]!.deltas.length,
  }),
  errorBody: ({ body }) => body,
  errorEvent: (message) =>
    format({ event: 'error', data: JSON.stringify({ type: 'error', code: 'server_error', message, param: null }) }),
  garbage: '{"type":"response.output_text.delta","delta":"half a',
  textEvent: [
    'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":1000000,"output_index":0,"delta":"',
    '"}\n\n',
  ],
}

function parse(json: string): ChatRequest | ApiError {
  const body = readObject(json)
  if (isError(body)) return body
  const { model, input, stream, max_output_tokens: maxTokens, instructions, store, background } = body
  if (typeof model !== 'string' || model === '') return wrong('model', 'give the name of a model.')
  if (background === true && store === false)
    return wrong('background', 'responses that are not stored cannot have it.')
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input
  if (!Array.isArray(items) || items.length === 0) return wrong('input', 'give a text or a list of items.')
  for (const [index, item] of items.entries()) {
    if (!isRecord(item)) return wrong(`input[${index}]`, 'give an object.')
    const known = typeof item.role === 'string' || /^function_call(_output)?$/.test(String(item.type))
    if (!known) return wrong(`input[${index}]`, 'give a role or a type.')
    if (item.type === 'function_call' && typeof item.call_id !== 'string')
      return wrong(`input[${index}].call_id`, 'give one.')
  }
  for (const name of ['messages', 'max_tokens', 'stop', 'response_format', 'stream_options']) {
    if (name in body) return apiError(400, `Unsupported parameter: '${name}'.`, { param: name })
  }
  const said = items.filter(({ role }) => role).map(({ role, content }) => ({ role, content: textOf(content) }))
  const asked = typeof instructions === 'string' ? [{ role: 'system', content: instructions }, ...said] : said
  return requestOf(body, asked, { model, stream: stream === true, maxTokens })
}

/** The events of an answer. Each has the number by which an answer that is stored is read on. */
export function* responseEvents(completion: Completion): Generator<AnswerEvent> {
  let number = 0
  const event = (type: string, value: object, tokens = 0): AnswerEvent => {
    const data = JSON.stringify({ type, sequence_number: number++, ...value })
    return { bytes: format({ event: type, data }), tokens }
  }
  const [choice] = completion.choices
  const response = { ...responseOf(completion, 'in_progress'), output: [], usage: null }
  yield { ...event('response.created', { response }), role: 'opening' }
  yield { ...event('response.in_progress', { response }), role: 'opening' }
  for (const [index, block] of blocksOf(choice!).entries()) {
    const place = { item_id: itemId(completion, index), output_index: index }
    const added = { output_index: index, item: itemOf(completion, { ...block, pieces: [] }, index, 'in_progress') }
    yield event('response.output_item.added', added, block.type === 'call' ? 1 : 0)
    const inner = block.type === 'text' ? { content_index: 0 } : { summary_index: 0 }
    for (const delta of block.pieces) {
      yield event(deltas[block.type], { ...place, ...(block.type === 'call' ? {} : inner), delta }, 1)
    }
    yield event('response.output_item.done', {
      output_index: index,
      item: itemOf(completion, block, index, 'completed'),
    })
  }
  const status = choice!.finishReason === 'length' ? 'incomplete' : 'completed'
  yield { ...event(`response.${status}`, { response: responseOf(completion, status) }), role: 'done' }
}

const deltas = {
  text: 'response.output_text.delta',
  reasoning: 'response.reasoning_summary_text.delta',
  call: 'response.function_call_arguments.delta',
} as const

export type ResponseStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'cancelled'

/** The answer in one piece, or where it stands. */
export function responseOf(completion: Completion, status: ResponseStatus): object {
  const { id, request, choices } = completion
  const [choice] = choices
  const { input, output, reasoning, cached } = countsOf(completion)
  const over = status === 'completed' || status === 'incomplete'
  return {
    id: responseId(id),
    object: 'response',
    status,
    background: request.body.background === true,
    store: request.body.store !== false,
    model: request.model,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    output: over ? blocksOf(choice!).map((block, index) => itemOf(completion, block, index, 'completed')) : [],
    usage: over
      ? {
          input_tokens: input,
          input_tokens_details: { cached_tokens: cached },
          output_tokens: output,
          output_tokens_details: { reasoning_tokens: reasoning },
          total_tokens: input + output,
        }
      : null,
  }
}

export const responseId = (id: string) => `resp_${id}`

const itemId = ({ id }: Completion, index: number) => `item_${id}_${index}`

function itemOf(completion: Completion, block: Block, index: number, status: string): object {
  const head = { id: itemId(completion, index), status }
  const text = block.pieces.join('')
  switch (block.type) {
    case 'call':
      return { ...head, type: 'function_call', call_id: block.id, name: block.name, arguments: text }
    case 'reasoning':
      return { ...head, type: 'reasoning', summary: text ? [{ type: 'summary_text', text }] : [] }
    case 'text': {
      const content = text ? [{ type: 'output_text', text, annotations: [] }] : []
      return { ...head, type: 'message', role: 'assistant', content }
    }
  }
}
