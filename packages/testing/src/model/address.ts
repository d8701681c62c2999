import { type ApiError, apiError } from './api-error'
import { anthropicDialect } from './dialects/anthropic'
import type { ModelDialect } from './dialects/dialect'
import { geminiDialect } from './dialects/gemini'
import { openaiChatDialect } from './dialects/openai-chat'
import { openaiResponsesDialect } from './dialects/openai-responses'

/** What a request asks for, by its address. */
export type Address = { readonly dialect: ModelDialect } & (
  | { readonly type: 'models' }
  | { readonly type: 'call'; readonly model?: string | undefined; readonly stream?: boolean | undefined }
  /** An answer that is stored: to be read, or to be cancelled. */
  | { readonly type: 'stored' | 'cancel'; readonly id: string }
)

interface Place {
  readonly path: RegExp
  readonly method: 'GET' | 'POST'
  readonly address: (match: readonly string[]) => Address
}

const places: readonly Place[] = [
  { path: /^\/v1\/models$/, method: 'GET', address: () => ({ type: 'models', dialect: openaiChatDialect }) },
  {
    path: /^\/v1\/chat\/completions$/,
    method: 'POST',
    address: () => ({ type: 'call', dialect: openaiChatDialect }),
  },
  { path: /^\/v1\/responses$/, method: 'POST', address: () => ({ type: 'call', dialect: openaiResponsesDialect }) },
  {
    path: /^\/v1\/responses\/([^/]+)$/,
    method: 'GET',
    address: ([id = '']) => ({ type: 'stored', id, dialect: openaiResponsesDialect }),
  },
  {
    path: /^\/v1\/responses\/([^/]+)\/cancel$/,
    method: 'POST',
    address: ([id = '']) => ({ type: 'cancel', id, dialect: openaiResponsesDialect }),
  },
  { path: /^\/v1\/messages$/, method: 'POST', address: () => ({ type: 'call', dialect: anthropicDialect }) },
  {
    // Its own address has v1beta; v1 is there so that one base address serves all dialects.
    path: /^\/v1(?:beta)?\/models\/([^/:]+):(streamGenerateContent|generateContent)$/,
    method: 'POST',
    address: ([model = '', action]) => {
      const stream = action === 'streamGenerateContent'
      return { type: 'call', dialect: geminiDialect, model: decodeURIComponent(model), stream }
    },
  },
]

/** What is at `path`, or what the provider answers where that is nothing. */
export function addressOf(method: string | undefined, path: string): Address | ApiError {
  const found = places.find((place) => place.path.test(path))
  if (!found || !isDecodable(path)) return apiError(404, `Invalid URL (${method} ${path})`)
  if (found.method === method) return found.address(found.path.exec(path)!.slice(1))
  return { ...apiError(405, `Not allowed to ${method} on ${path}.`), headers: { allow: found.method } }
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/** The dialect whose errors a wrong address is answered with. */
export const dialectAt = (address: Address | ApiError): ModelDialect =>
  'dialect' in address ? address.dialect : openaiChatDialect
