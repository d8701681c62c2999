import type { Issue, StandardSchema } from '../schema'

/** The body of a start, in the words of the chat completions API. */
export interface ChatInput {
  readonly messages: readonly unknown[]
  readonly model?: string | undefined
  readonly [parameter: string]: unknown
}

export const defaultParameters: readonly string[] = [
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'stop',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'response_format',
  'reasoning_effort',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
]

const roles = ['system', 'developer', 'user', 'assistant', 'tool']
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const between = (low: number, high: number) => (value: unknown) =>
  typeof value === 'number' && value >= low && value <= high ? undefined : `Give a number from ${low} to ${high}.`
const count = (value: unknown) =>
  Number.isInteger(value) && (value as number) > 0 ? undefined : 'Give a whole number, 1 or more.'

/** What is wrong with a value, in a sentence. Parameters that are not here are the provider's to judge. */
const rules: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  max_tokens: count,
  max_completion_tokens: count,
  temperature: between(0, 2),
  top_p: between(0, 1),
  presence_penalty: between(-2, 2),
  frequency_penalty: between(-2, 2),
  tools: (value) => (Array.isArray(value) ? undefined : 'Give an array of tools.'),
}

export interface ChatInputOptions {
  readonly models: readonly string[]
  readonly parameters: readonly string[]
}

/** The schema of a chat request: messages, a model of the allow-list, and parameters of the allow-list, nothing else. */
export function chatInput(options: ChatInputOptions): StandardSchema<ChatInput> {
  const validate = (value: unknown) => {
    const issue = findIssue(value, options)
    return issue ? { issues: [issue] } : { value: value as ChatInput }
  }
  return { '~standard': { version: 1, vendor: 'keepstream', validate } }
}

function findIssue(value: unknown, { models, parameters }: ChatInputOptions): Issue | undefined {
  if (!isRecord(value)) return { message: 'Send a JSON object with messages.' }
  const { messages, model, ...rest } = value
  const issue = findMessageIssue(messages)
  if (issue) return issue
  if (model !== undefined && !models.includes(model as string)) {
    return { path: ['model'], message: `Choose one of ${models.join(', ')}.` }
  }
  for (const [name, given] of Object.entries(rest)) {
    if (!parameters.includes(name))
      return { path: [name], message: `This is not allowed. Known are messages, model, ${parameters.join(', ')}.` }
    const message = given === undefined ? undefined : rules[name]?.(given)
    if (message) return { path: [name], message }
  }
  return undefined
}

function findMessageIssue(messages: unknown): Issue | undefined {
  if (!Array.isArray(messages) || messages.length === 0) {
    return { path: ['messages'], message: 'Give an array with at least one message.' }
  }
  for (const [index, message] of messages.entries()) {
    const path = ['messages', index]
    if (!isRecord(message)) return { path, message: 'Give an object with role and content.' }
    if (!roles.includes(message.role as string))
      return { path: [...path, 'role'], message: `Choose one of ${roles.join(', ')}.` }
    const { content } = message
    const calls = message.role === 'assistant' && Array.isArray(message.tool_calls)
    if (typeof content === 'string' || Array.isArray(content) || (calls && (content === undefined || content === null)))
      continue
    return { path: [...path, 'content'], message: 'Give a text or an array of parts.' }
  }
  return undefined
}

/** The application's own schema first; what it returns still has to be a chat request that the relay allows. */
export function restricted(
  own: StandardSchema<ChatInput>,
  chat: StandardSchema<ChatInput>,
  parameters: readonly string[],
): StandardSchema<ChatInput> {
  const known = ['messages', 'model', ...parameters]
  const validate = async (value: unknown) => {
    const result = await own['~standard'].validate(value)
    if (result.issues) return result
    const kept = Object.entries(result.value ?? {}).filter(([name]) => known.includes(name))
    return chat['~standard'].validate(Object.fromEntries(kept))
  }
  return { '~standard': { version: 1, vendor: 'keepstream', validate } }
}
