import type { Issue, StandardSchema } from '../schema'

/** The body of a start, in the words of the chat completions API. */
export interface ChatInput {
  readonly messages: readonly unknown[]
  readonly model?: string | undefined
  /** Several models answer, each as a choice of its own. In place of `model`. */
  readonly models?: readonly string[] | undefined
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
  /** How many models one request may compare. */
  readonly maxCompared: number
  /** The parameters that a request for `model` may carry; for the default model where it names none. */
  readonly parametersOf: (model: string | undefined) => readonly string[]
  /** Throws an `http` error with status 400 for what `model` cannot be asked. */
  readonly check: (input: ChatInput, model: string | undefined) => void
}

/** The schema of a chat request: messages, models of the allow-list, and parameters of the allow-list, nothing else. */
export function chatInput(options: ChatInputOptions): StandardSchema<ChatInput> {
  const validate = (value: unknown) => {
    const issue = findIssue(value, options)
    if (issue) return { issues: [issue] }
    const input = value as ChatInput
    for (const model of asked(input)) options.check(input, model)
    return { value: input }
  }
  return { '~standard': { version: 1, vendor: 'keepstream', validate } }
}

const asked = ({ model, models }: ChatInput): readonly (string | undefined)[] => models ?? [model]

function findIssue(value: unknown, options: ChatInputOptions): Issue | undefined {
  if (!isRecord(value)) return { message: 'Send a JSON object with messages.' }
  const { messages, model, models, ...rest } = value
  const issue = findMessageIssue(messages) ?? findModelIssue(model, models, options)
  if (issue) return issue
  const allowed = asked(value as unknown as ChatInput).map(options.parametersOf)
  const [first = []] = allowed
  const parameters = first.filter((name) => allowed.every((names) => names.includes(name)))
  for (const [name, given] of Object.entries(rest)) {
    if (!parameters.includes(name))
      return { path: [name], message: `This is not allowed. Known are messages, model, ${parameters.join(', ')}.` }
    if (models !== undefined && name === 'n' && given !== 1)
      return { path: [name], message: 'Leave it out where several models are asked.' }
    const message = given === undefined ? undefined : rules[name]?.(given)
    if (message) return { path: [name], message }
  }
  return undefined
}

function findModelIssue(
  model: unknown,
  compared: unknown,
  { models, maxCompared }: ChatInputOptions,
): Issue | undefined {
  const message = `Choose one of ${models.join(', ')}.`
  if (model !== undefined && !models.includes(model as string)) return { path: ['model'], message }
  if (compared === undefined) return undefined
  if (maxCompared < 2) return { path: ['models'], message: 'This server compares no models. Name one in model.' }
  if (model !== undefined) return { path: ['models'], message: 'Give either model or models.' }
  const several = Array.isArray(compared) && compared.length > 1 && compared.length <= maxCompared
  if (!several) return { path: ['models'], message: `Give an array of 2 to ${maxCompared} models.` }
  const stranger = compared.findIndex((name) => !models.includes(name))
  if (stranger >= 0) return { path: ['models', stranger], message }
  if (new Set(compared).size < compared.length) return { path: ['models'], message: 'Name each model once.' }
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

/**
 * The application's own schema first; what it returns still has to be a chat request that the relay allows. Fields that are
 * no parameter of a chat request are the application's own, and are left out.
 */
export function restricted(
  own: StandardSchema<ChatInput>,
  chat: StandardSchema<ChatInput>,
  known: readonly string[],
): StandardSchema<ChatInput> {
  const validate = async (value: unknown) => {
    const result = await own['~standard'].validate(value)
    if (result.issues) return result
    const kept = Object.entries(result.value ?? {}).filter(([name]) => known.includes(name))
    return chat['~standard'].validate(Object.fromEntries(kept))
  }
  return { '~standard': { version: 1, vendor: 'keepstream', validate } }
}
