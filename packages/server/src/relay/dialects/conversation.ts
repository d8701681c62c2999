import { httpError } from '../../exchange'

/** One turn of a conversation in the words of the chat completions API, read and checked. */
export type Turn =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly parts: readonly ContentPart[] }
  | { readonly role: 'assistant'; readonly text: string; readonly calls: readonly Call[] }
  | { readonly role: 'tool'; readonly id: string; readonly name: string | undefined; readonly text: string }

export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly url: string; readonly inline: Inline | undefined; readonly detail?: unknown }

/** An image that stands in its address, as `data:image/png;base64,…`. */
export interface Inline {
  readonly mediaType: string
  readonly base64: string
}

export interface Call {
  readonly id: string
  readonly name: string
  /** As the model wrote them, and parsed. */
  readonly json: string
  readonly arguments: object
}

/**
 * Reads the messages of a request for a provider that wants them in a form of its own. Throws an `http` error with status
 * 400 that names the field, because what cannot be translated must not be left out in silence.
 */
export function readConversation(messages: readonly unknown[]): readonly Turn[] {
  const names = new Map<string, string>()
  return messages.map((message, index) => {
    const { role, content, tool_calls, tool_call_id } = message as Record<string, unknown>
    const path = `messages[${index}]`
    switch (role) {
      case 'user':
        return { role, parts: readParts(content, path) }
      case 'assistant': {
        const calls = readCalls(tool_calls, path)
        for (const { id, name } of calls) names.set(id, name)
        return { role, text: textOf(content, path), calls }
      }
      case 'tool': {
        if (typeof tool_call_id !== 'string') throw invalid(`${path}.tool_call_id`, 'Give the id of the call.')
        return { role, id: tool_call_id, name: names.get(tool_call_id), text: textOf(content, path) }
      }
      default:
        return { role: 'system', text: textOf(content, path) }
    }
  })
}

export const invalid = (path: string, remedy: string) => httpError(400, 'invalid_input', `${path}: ${remedy}`)

function readParts(content: unknown, path: string): readonly ContentPart[] {
  if (!Array.isArray(content)) return [{ type: 'text', text: String(content ?? '') }]
  return content.map((part: unknown, index): ContentPart => {
    const { type, text, image_url } = Object(part) as Record<string, unknown>
    if (type === 'text' && typeof text === 'string') return { type, text }
    const { url = image_url, detail } = Object(image_url) as { url?: unknown; detail?: unknown }
    if (type === 'image_url' && typeof url === 'string') {
      return { type: 'image', url, inline: inlineOf(url), ...(detail !== undefined && { detail }) }
    }
    throw invalid(`${path}.content[${index}]`, 'Give a part of type text, or of type image_url with an address.')
  })
}

/** Everybody but the user says only text. */
function textOf(content: unknown, path: string): string {
  if (!Array.isArray(content)) return String(content ?? '')
  const texts = content.map((part: unknown, index) => {
    const { text, refusal = text } = Object(part) as { text?: unknown; refusal?: unknown }
    if (typeof refusal === 'string') return refusal
    throw invalid(`${path}.content[${index}]`, 'Give a part of type text.')
  })
  return texts.join('')
}

function readCalls(calls: unknown, path: string): readonly Call[] {
  if (!Array.isArray(calls)) return []
  return calls.map((call: unknown, index) => {
    const { id, function: called } = Object(call) as Record<string, unknown>
    const { name, arguments: json = '{}' } = Object(called) as Record<string, unknown>
    const parsed = typeof json === 'string' ? parseObject(json || '{}') : undefined
    if (typeof id === 'string' && typeof name === 'string' && parsed) {
      return { id, name, json: (json as string) || '{}', arguments: parsed }
    }
    const remedy = 'Give an id and a function with its name and its arguments as JSON.'
    throw invalid(`${path}.tool_calls[${index}]`, remedy)
  })
}

function parseObject(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function inlineOf(url: string): Inline | undefined {
  // Not one expression over all of it: an image has millions of characters.
  const comma = url.indexOf(',')
  const [, mediaType] = /^data:([\w.+-]+\/[\w.+-]+);base64$/.exec(url.slice(0, comma)) ?? []
  return mediaType === undefined ? undefined : { mediaType, base64: url.slice(comma + 1) }
}
