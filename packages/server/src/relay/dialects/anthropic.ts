import { anthropic } from '@keepstream/core'
import { type ContentPart, invalid, readConversation, type Turn } from './conversation'
import { type ChatRequest, type Dialect, type DialectSettings, given, longestAnswer, unlessEmpty } from './dialect'
import { type AnswerFormat, readFormat, readToolChoice, readTools, type ToolChoice } from './tool'

/** Anthropic's messages: the system prompt beside the turns, results of tools in turns of the user, and always a bound. */
export const anthropicDialect: Dialect = {
  protocol: anthropic(),
  baseUrl: 'https://api.anthropic.com/v1',
  keyName: 'ANTHROPIC_API_KEY',
  lacks: ['seed', 'presence_penalty', 'frequency_penalty', 'reasoning_effort', 'n'],
  address: (baseUrl) => `${baseUrl}/messages`,
  headers: (apiKey) => ({ 'x-api-key': apiKey }),
  version: { 'anthropic-version': '2023-06-01' },
  body,
}

interface Said {
  readonly role: 'user' | 'assistant'
  readonly content: readonly object[]
}

function body(request: ChatRequest, { maxTokens }: DialectSettings): Record<string, unknown> {
  const { model, temperature, top_p, stop } = request
  const turns = readConversation(request.messages)
  const system = turns.flatMap((turn) => (turn.role === 'system' ? [turn.text] : []))
  const tools = readTools(request.tools).map(({ name, description, parameters }) => ({
    name,
    ...given('description', description),
    input_schema: parameters ?? { type: 'object', properties: {} },
  }))
  const choice = readToolChoice(request.tool_choice)
  return {
    model,
    max_tokens: longestAnswer(request) ?? maxTokens,
    ...given('system', system.length > 0 ? system.join('\n\n') : undefined),
    messages: merged(turns.flatMap(said)),
    // Its scale ends at 1, where that of chat completions ends at 2.
    ...given('temperature', typeof temperature === 'number' ? Math.min(1, temperature) : undefined),
    ...given('top_p', top_p),
    ...given('stop_sequences', typeof stop === 'string' ? [stop] : stop),
    ...given('tools', unlessEmpty(tools)),
    ...given('tool_choice', tools.length > 0 ? toolChoice(choice, request.parallel_tool_calls) : undefined),
    ...given('output_config', outputConfig(readFormat(request.response_format))),
  }
}

function said(turn: Turn): readonly Said[] {
  switch (turn.role) {
    case 'system':
      return []
    case 'user':
      return [{ role: 'user', content: turn.parts.map(contentOf) }]
    case 'tool':
      return [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: turn.id, content: turn.text }] }]
    case 'assistant': {
      const calls = turn.calls.map((call) => ({
        type: 'tool_use',
        id: call.id,
        name: call.name,
        input: call.arguments,
      }))
      return [{ role: 'assistant', content: [...(turn.text ? [{ type: 'text', text: turn.text }] : []), ...calls] }]
    }
  }
}

function contentOf(part: ContentPart): object {
  if (part.type === 'text') return { type: 'text', text: part.text }
  const { inline, url } = part
  const source = inline ? { type: 'base64', media_type: inline.mediaType, data: inline.base64 } : { type: 'url', url }
  return { type: 'image', source }
}

/** All results of one round of calls belong into one turn, and turns alternate. */
function merged(turns: readonly Said[]): readonly Said[] {
  const result: Said[] = []
  for (const { role, content } of turns) {
    const last = result.at(-1)
    if (last?.role === role) result[result.length - 1] = { role, content: [...last.content, ...content] }
    else if (content.length > 0) result.push({ role, content })
  }
  return result
}

function toolChoice(choice: ToolChoice | undefined, parallel: unknown): object | undefined {
  const one = parallel === false && choice !== 'none' ? { disable_parallel_tool_use: true } : {}
  if (typeof choice === 'object') return { type: 'tool', ...choice, ...one }
  if (choice === undefined && parallel !== false) return undefined
  return { type: choice === 'required' ? 'any' : (choice ?? 'auto'), ...one }
}

function outputConfig(format: AnswerFormat | undefined): object | undefined {
  if (!format) return undefined
  const { type, schema } = format
  if (type === 'json_schema') return { format: { type, schema } }
  throw invalid('response_format', 'This provider has no JSON without a schema. Give json_schema.')
}
