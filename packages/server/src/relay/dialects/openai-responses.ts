import { openaiResponses } from '@keepstream/core'
import { type ContentPart, readConversation, type Turn } from './conversation'
import {
  bearer,
  type ChatRequest,
  type Dialect,
  type DialectSettings,
  given,
  longestAnswer,
  unlessEmpty,
} from './dialect'
import { readFormat, readToolChoice, readTools } from './tool'

/** OpenAI's responses. In background mode an answer is stored there, outlives a cut, and has to be cancelled. */
export const openaiResponsesDialect: Dialect = {
  protocol: openaiResponses(),
  baseUrl: 'https://api.openai.com/v1',
  keyName: 'OPENAI_API_KEY',
  lacks: ['stop', 'seed', 'presence_penalty', 'frequency_penalty', 'n'],
  address: (baseUrl) => `${baseUrl}/responses`,
  headers: bearer,
  body,
}

function body(request: ChatRequest, { background }: DialectSettings): Record<string, unknown> {
  const { model, temperature, top_p, reasoning_effort: effort, parallel_tool_calls } = request
  const tools = readTools(request.tools).map((tool) => ({ type: 'function', ...tool, strict: tool.strict ?? false }))
  const choice = readToolChoice(request.tool_choice)
  const format = readFormat(request.response_format)
  return {
    model,
    input: readConversation(request.messages).flatMap(items),
    // Without its own wish nothing is kept at the provider; in the background it has to be.
    store: background,
    ...(background && { background }),
    ...given('max_output_tokens', longestAnswer(request)),
    ...given('temperature', temperature),
    ...given('top_p', top_p),
    ...given('parallel_tool_calls', parallel_tool_calls),
    ...given('reasoning', effort === undefined ? undefined : { effort }),
    ...given('tools', unlessEmpty(tools)),
    ...given('tool_choice', typeof choice === 'object' ? { type: 'function', ...choice } : choice),
    ...given('text', format && { format }),
  }
}

function items(turn: Turn): readonly object[] {
  switch (turn.role) {
    case 'system':
      return [{ role: 'system', content: turn.text }]
    case 'user':
      return [{ role: 'user', content: turn.parts.map(contentOf) }]
    case 'tool':
      return [{ type: 'function_call_output', call_id: turn.id, output: turn.text }]
    case 'assistant':
      return [
        ...(turn.text ? [{ role: 'assistant', content: turn.text }] : []),
        ...turn.calls.map(({ id, name, json }) => ({ type: 'function_call', call_id: id, name, arguments: json })),
      ]
  }
}

const contentOf = (part: ContentPart) =>
  part.type === 'text'
    ? { type: 'input_text', text: part.text }
    : { type: 'input_image', image_url: part.url, ...given('detail', part.detail) }
