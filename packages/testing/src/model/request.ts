import { type ApiError, apiError } from './api-error'

/** A call as the model understood it. */
export interface ChatRequest {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  /** The text of the last message of role `user`; empty where there is none. */
  readonly prompt: string
  readonly stream: boolean
  readonly includeUsage: boolean
  /** How many answers are wanted. */
  readonly n: number
  /** The longest answer, in tokens: `max_completion_tokens`, or the older `max_tokens`. */
  readonly maxTokens: number | undefined
  /** The whole body as it was sent. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface ChatMessage {
  readonly role: string
  /** The text of all parts of the message. */
  readonly content: string
}

/** Reads the body of `POST /v1/chat/completions`, or says what is wrong with it in the words of the dialect. */
export function parseRequest(json: string): ChatRequest | ApiError {
  let body: unknown
  try {
    body = JSON.parse(json)
  } catch {
    return apiError(400, 'We could not parse the JSON body of your request.')
  }
  if (!isRecord(body)) return apiError(400, 'The body of the request must be a JSON object.')
  const { model, messages, stream, stream_options: streamOptions } = body
  const wrong = (param: string, remedy: string) => apiError(400, `Invalid value for '${param}': ${remedy}`, { param })
  if (typeof model !== 'string' || model === '') return wrong('model', 'give the name of a model.')
  if (!Array.isArray(messages) || messages.length === 0)
    return wrong('messages', 'give an array of at least one message.')
  for (const [index, message] of messages.entries()) {
    if (!isRecord(message) || typeof message.role !== 'string') return wrong(`messages[${index}].role`, 'give a role.')
  }
  if (stream != null && typeof stream !== 'boolean') return wrong('stream', 'give true or false.')
  if (streamOptions != null && !(isRecord(streamOptions) && stream === true)) {
    return wrong('stream_options', 'give an object, and only when stream is true.')
  }
  for (const name of ['n', 'max_tokens', 'max_completion_tokens']) {
    const value = body[name]
    if (value != null && !(Number.isInteger(value) && (value as number) >= 1))
      return wrong(name, 'give a whole number of at least 1.')
  }
  for (const [name, most] of [
    ['temperature', 2],
    ['top_p', 1],
  ] as const) {
    const value = body[name]
    if (value != null && !(typeof value === 'number' && value >= 0 && value <= most))
      return wrong(name, `give 0 to ${most}.`)
  }
  const read = messages.map(({ role, content }) => ({ role, content: textOf(content) }))
  return {
    model,
    messages: read,
    prompt: read.findLast(({ role }) => role === 'user')?.content ?? '',
    stream: stream === true,
    includeUsage: isRecord(streamOptions) && streamOptions.include_usage === true,
    n: (body.n as number | null | undefined) ?? 1,
    maxTokens: ((body.max_completion_tokens ?? body.max_tokens) as number | null | undefined) ?? undefined,
    body,
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (isRecord(part) && typeof part.text === 'string' ? part.text : '')).join('')
}
