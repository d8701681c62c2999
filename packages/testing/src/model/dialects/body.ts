import { type ApiError, apiError } from '../api-error'
import type { ChatMessage, ChatRequest } from '../request'

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The body as an object, or the error of a provider that got something else. */
export function readObject(json: string): Record<string, unknown> | ApiError {
  try {
    const body: unknown = JSON.parse(json)
    if (isRecord(body)) return body
  } catch {
    // Said below, as for any other body that is no object.
  }
  return apiError(400, 'The body of the request must be a JSON object.')
}

export const isError = (value: Record<string, unknown> | ApiError): value is ApiError =>
  'status' in value && 'body' in value

export const wrong = (param: string, remedy: string) =>
  apiError(400, `Invalid value for '${param}': ${remedy}`, { param })

/** The text of a content that is a string, or a list of parts of which some have a text. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (isRecord(part) && typeof part.text === 'string' ? part.text : '')).join('')
}

/** A call as the scripts see it, whatever it was said in. */
export function requestOf(
  body: Record<string, unknown>,
  messages: readonly ChatMessage[],
  { model, stream, maxTokens }: { readonly model: string; readonly stream: boolean; readonly maxTokens: unknown },
): ChatRequest {
  const prompt = messages.findLast(({ role, content }) => role === 'user' && content !== '')?.content ?? ''
  const longest = typeof maxTokens === 'number' ? maxTokens : undefined
  return { model, messages, prompt, stream, includeUsage: true, n: 1, maxTokens: longest, body }
}
