import type { Usage } from '@keepstream/core'
import { format } from '@keepstream/core/sse'
import type { Choice, Delta } from './choice'
import type { ChatRequest } from './request'
import { tokens } from './tokens'

/** An answer as it goes over the wire, one event of a stream or the whole of it. */
export interface AnswerEvent {
  readonly bytes: string
  /** How many tokens it carries. */
  readonly tokens: number
  /** What a fault may not come before (`opening`), and what a fault may leave out (`done`). */
  readonly role?: 'opening' | 'done'
}

export interface Completion {
  readonly id: string
  readonly request: ChatRequest
  readonly choices: readonly Choice[]
  /** Figures that take the place of what was counted. */
  readonly usage: Partial<Usage> | undefined
}

/** The same at every run, so that the same call gives the same bytes: 1 January 2025. */
const created = 1_735_689_600

/** The events of a streamed answer, as OpenAI documents them ("The chat completion chunk object"). */
export function* streamOf(completion: Completion): Generator<AnswerEvent> {
  const { id, request, choices } = completion
  const chunk = (content: object, carried = 0): AnswerEvent => {
    const head = { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created, model: request.model }
    const usage = request.includeUsage ? { usage: null } : {}
    return { bytes: format({ data: JSON.stringify({ ...head, choices: [], ...usage, ...content }) }), tokens: carried }
  }
  const delta = (index: number, value: object, finishReason: string | null = null) => ({
    choices: [{ index, delta: value, finish_reason: finishReason }],
  })
  for (const index of choices.keys()) yield { ...chunk(delta(index, { role: 'assistant' })), role: 'opening' }
  const longest = Math.max(...choices.map(({ deltas }) => deltas.length))
  for (let position = 0; position <= longest; position++) {
    for (const [index, { deltas, finishReason }] of choices.entries()) {
      if (position < deltas.length) yield chunk(delta(index, deltas[position]!), 1)
      if (position === deltas.length) yield chunk(delta(index, {}, finishReason))
    }
  }
  if (request.includeUsage) yield chunk({ usage: usageOf(completion) })
  yield { bytes: format({ data: '[DONE]' }), tokens: 0, role: 'done' }
}

/** The answer in one piece ("The chat completion object"). */
export function wholeOf(completion: Completion): AnswerEvent {
  const { id, request, choices } = completion
  const answered = choices.map(({ deltas, finishReason }, index) => {
    return { index, message: messageOf(deltas), logprobs: null, finish_reason: finishReason }
  })
  const head = { id: `chatcmpl-${id}`, object: 'chat.completion', created, model: request.model }
  const carried = choices.reduce((sum, { deltas }) => sum + deltas.length, 0)
  return { bytes: JSON.stringify({ ...head, choices: answered, usage: usageOf(completion) }), tokens: carried }
}

function messageOf(deltas: readonly Delta[]): object {
  let content: string | null = null
  let reasoning = ''
  const calls: { id: string; type: 'function'; function: { name: string; arguments: string } }[] = []
  for (const delta of deltas) {
    if ('content' in delta) content = (content ?? '') + delta.content
    else if ('reasoning_content' in delta) reasoning += delta.reasoning_content
    else {
      const [{ index, id = '', function: piece }] = delta.tool_calls
      calls[index] ??= { id, type: 'function', function: { name: piece.name ?? '', arguments: '' } }
      calls[index].function.arguments += piece.arguments
    }
  }
  return {
    role: 'assistant',
    content: calls.length > 0 ? content : (content ?? ''),
    refusal: null,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
}

function usageOf({ request, choices, usage = {} }: Completion): object {
  const deltas = choices.flatMap((choice) => choice.deltas)
  const input = usage.inputTokens ?? request.messages.reduce((sum, { content }) => sum + tokens(content).length, 0)
  const output = usage.outputTokens ?? deltas.length
  const reasoning = usage.reasoningTokens ?? deltas.filter((delta) => 'reasoning_content' in delta).length
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: usage.totalTokens ?? input + output,
    prompt_tokens_details: { cached_tokens: usage.cachedInputTokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: reasoning },
  }
}
