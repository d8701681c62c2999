import { gemini } from '@keepstream/core'
import { type ContentPart, invalid, readConversation, type Turn } from './conversation'
import { type ChatRequest, type Dialect, given, longestAnswer, unlessEmpty } from './dialect'
import { readFormat, readToolChoice, readTools, type ToolChoice } from './tool'

/** Gemini's `streamGenerateContent`: the model in the address, parameters in a field of their own, calls by name. */
export const geminiDialect: Dialect = {
  protocol: gemini(),
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  keyName: 'GEMINI_API_KEY',
  lacks: ['parallel_tool_calls'],
  address: (baseUrl, model) => `${baseUrl}/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`,
  headers: (apiKey) => ({ 'x-goog-api-key': apiKey }),
  body,
}

function body(request: ChatRequest): Record<string, unknown> {
  const { temperature, top_p, stop, seed, presence_penalty, frequency_penalty, reasoning_effort, n } = request
  const turns = readConversation(request.messages)
  const system = turns.flatMap((turn) => (turn.role === 'system' ? [{ text: turn.text }] : []))
  const functions = readTools(request.tools).map(({ name, description, parameters }) => ({
    name,
    ...given('description', description),
    ...given('parametersJsonSchema', parameters),
  }))
  const choice = readToolChoice(request.tool_choice)
  const format = readFormat(request.response_format)
  const generationConfig = {
    ...given('maxOutputTokens', longestAnswer(request)),
    ...given('temperature', temperature),
    ...given('topP', top_p),
    ...given('stopSequences', typeof stop === 'string' ? [stop] : stop),
    ...given('seed', seed),
    ...given('presencePenalty', presence_penalty),
    ...given('frequencyPenalty', frequency_penalty),
    ...given('candidateCount', n),
    ...given('thinkingConfig', reasoning_effort === undefined ? undefined : thinking(reasoning_effort)),
    ...given('responseMimeType', format && 'application/json'),
    ...given('responseJsonSchema', format?.schema),
  }
  return {
    ...given('systemInstruction', system.length > 0 ? { parts: system } : undefined),
    contents: merged(turns.flatMap(content)),
    ...given('tools', functions.length > 0 ? [{ functionDeclarations: functions }] : undefined),
    ...given('toolConfig', choice && { functionCallingConfig: callingConfig(choice) }),
    ...given('generationConfig', unlessEmpty(Object.keys(generationConfig)) && generationConfig),
  }
}

interface Content {
  readonly role: 'user' | 'model'
  readonly parts: readonly object[]
}

function content(turn: Turn): readonly Content[] {
  switch (turn.role) {
    case 'system':
      return []
    case 'user':
      return [{ role: 'user', parts: turn.parts.map(partOf) }]
    case 'tool': {
      const { id, name = id, text } = turn
      return [{ role: 'user', parts: [{ functionResponse: { id, name, response: { result: text } } }] }]
    }
    case 'assistant': {
      const calls = turn.calls.map((call) => ({ functionCall: { id: call.id, name: call.name, args: call.arguments } }))
      return [{ role: 'model', parts: [...(turn.text ? [{ text: turn.text }] : []), ...calls] }]
    }
  }
}

function partOf(part: ContentPart): object {
  if (part.type === 'text') return { text: part.text }
  const { inline, url } = part
  return inline
    ? { inlineData: { mimeType: inline.mediaType, data: inline.base64 } }
    : { fileData: { fileUri: url, ...given('mimeType', mediaTypeOf(url)) } }
}

const mediaTypes: ReadonlyMap<string, string> = new Map([
  ['jpg', 'jpeg'],
  ['jpeg', 'jpeg'],
  ['png', 'png'],
  ['webp', 'webp'],
  ['heic', 'heic'],
])

function mediaTypeOf(url: string): string | undefined {
  const [, ending = ''] = /\.(\w+)(?:[?#]|$)/.exec(url) ?? []
  const type = mediaTypes.get(ending.toLowerCase())
  return type && `image/${type}`
}

/** All results of one round of calls belong into one turn, and turns alternate. */
function merged(turns: readonly Content[]): readonly Content[] {
  const result: Content[] = []
  for (const { role, parts } of turns) {
    const last = result.at(-1)
    if (last?.role === role) result[result.length - 1] = { role, parts: [...last.parts, ...parts] }
    else if (parts.length > 0) result.push({ role, parts })
  }
  return result
}

function callingConfig(choice: ToolChoice): object {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.name] }
  return { mode: { auto: 'AUTO', none: 'NONE', required: 'ANY' }[choice] }
}

/** Tokens to think with, for the words of chat completions: those that Google documents for its own compatible address. */
const budgets: ReadonlyMap<unknown, number> = new Map([
  ['none', 0],
  ['minimal', 1_024],
  ['low', 1_024],
  ['medium', 8_192],
  ['high', 24_576],
])

function thinking(effort: unknown): object {
  const thinkingBudget = budgets.get(effort)
  if (thinkingBudget !== undefined) return { includeThoughts: thinkingBudget > 0, thinkingBudget }
  throw invalid('reasoning_effort', `Give one of ${[...budgets.keys()].join(', ')}.`)
}
