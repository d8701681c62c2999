import type { ToolCall } from '@keepstream/core'
import type { ChatMessage } from '@keepstream/core/chat'
import { resultOf } from './calendar'

/** A tool that a model called, in the words of the chat completions API. */
interface SaidCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

/** A message as the chat completions API wants it. The order of its fields is that of the server, which is compared as JSON. */
export type Said =
  | { readonly role: ChatMessage['role']; readonly content: string; readonly tool_calls?: readonly SaidCall[] }
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string }

/**
 * What was said so far, for whoever is asked next: each answer with the tools that it called, and what came of each right
 * after it, since providers refuse a call without its result. An answer of which nothing arrived is left out.
 */
export function saidIn(messages: readonly ChatMessage[]): readonly Said[] {
  return messages.flatMap((message): readonly Said[] => {
    const { role, content, data } = message
    if (role !== 'assistant') return [{ role, content }]
    const calls = (data?.toolCalls ?? []).filter(isWhole).map((call, index) => ({
      ...call,
      // Some providers number no calls, and all of them want a name for each.
      id: call.id || `call-${message.id}-${index}`,
    }))
    if (calls.length === 0) return content === '' ? [] : [{ role, content }]
    return [
      { role, content, tool_calls: calls.map(sayCall) },
      ...calls.map((call): Said => ({ role: 'tool', tool_call_id: call.id, content: resultOf(call) })),
    ]
  })
}

const sayCall = ({ id, name, arguments: given }: ToolCall): SaidCall => ({
  id,
  type: 'function',
  function: { name, arguments: given },
})

/** Whether all of a call has arrived: of an answer that was stopped or broke off, its last one may have not. */
function isWhole({ name, arguments: given }: ToolCall): boolean {
  try {
    const value: unknown = JSON.parse(given)
    return name !== '' && typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
