import type { Script } from './script'
import { tokens } from './tokens'

/** What one token adds to a message, in the words of the dialect. */
export type Delta =
  | { readonly reasoning_content: string }
  | { readonly content: string }
  | { readonly tool_calls: readonly [ToolCallDelta] }

interface ToolCallDelta {
  readonly index: number
  readonly id?: string
  readonly type?: 'function'
  readonly function: { readonly name?: string; readonly arguments: string }
}

/** One of the answers to a call. */
export interface Choice {
  /** One for each token. */
  readonly deltas: readonly Delta[]
  readonly finishReason: string
}

/** The answer that a script describes, as far as `maxTokens` allows. `id` makes the ids of its tool calls. */
export function choiceOf(script: Script, maxTokens: number | undefined, id: string): Choice {
  const deltas: Delta[] = [
    ...tokens(script.reasoning ?? '').map((piece) => ({ reasoning_content: piece })),
    ...tokens(script.text ?? '').map((piece) => ({ content: piece })),
  ]
  const toolCalls = script.toolCalls ?? []
  for (const [index, call] of toolCalls.entries()) {
    const named = { index, id: call.id ?? `call_${id}_${index}`, type: 'function' as const }
    deltas.push({ tool_calls: [{ ...named, function: { name: call.name, arguments: '' } }] })
    const json = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments ?? {})
    for (const piece of tokens(json)) deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] })
  }
  if (maxTokens !== undefined && deltas.length > maxTokens) {
    return { deltas: deltas.slice(0, maxTokens), finishReason: script.finishReason ?? 'length' }
  }
  return { deltas, finishReason: script.finishReason ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop') }
}
