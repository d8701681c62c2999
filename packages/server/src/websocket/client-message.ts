import { httpError } from '../exchange'

/** What asks for an answer: as the request of HTTP that each of them stands for. */
export type Operation =
  | {
      readonly type: 'start'
      readonly id: number
      readonly route: string
      readonly key?: string
      readonly input: unknown
    }
  | { readonly type: 'read'; readonly id: number; readonly location: string; readonly after?: string }
  | { readonly type: 'stop'; readonly id: number; readonly location: string }
  | { readonly type: 'stop'; readonly id: number; readonly route: string; readonly key: string }

/** What a client says. An operation that is not as it should be says why, so that its exchange can be refused. */
export type ClientMessage =
  | Operation
  | { readonly type: 'auth'; readonly token: string }
  | { readonly type: 'leave'; readonly id: number }
  | { readonly type: 'ping' }
  | { readonly type: 'invalid'; readonly id: number; readonly error: Error }

const operations = new Set(['start', 'read', 'stop'])

/** The message, or `undefined` where it breaks the protocol so far that nobody could be answered. */
export function readClientMessage(text: string): ClientMessage | undefined {
  const message = parse(text)
  if (!message) return undefined
  const { type, id, token } = message
  if (type === 'ping') return { type }
  // What a header can carry: it comes to the hooks as one.
  if (type === 'auth') return isHeaderValue(token) ? { type, token } : undefined
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) return undefined
  if (type === 'leave') return { type, id }
  if (typeof type !== 'string' || !operations.has(type)) return undefined
  const fault = findFault(message)
  if (fault === undefined) return message as unknown as Operation
  return { type: 'invalid', id, error: httpError(400, 'invalid_message', `The message "${type}" ${fault}.`) }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // As anything else that is no object.
  }
  return undefined
}

/** Whether it can stand in a header: visible ASCII, at least one character. */
export const isHeaderValue = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)

/** What is wrong with an operation, as the end of a sentence. */
function findFault(message: Record<string, unknown>): string | undefined {
  const { type, route, location, key, after } = message
  for (const [name, value] of Object.entries({ route, location, key, after })) {
    if (value !== undefined && typeof value !== 'string') return `has a field "${name}" that is no string`
  }
  if (type === 'read') return location === undefined ? 'needs a location' : undefined
  if (type === 'start') {
    if (route === undefined) return 'needs a route'
    return message.input === undefined ? 'needs an input' : undefined
  }
  const addressed = location !== undefined || (route !== undefined && key !== undefined)
  return addressed ? undefined : 'needs a location, or a route and a key'
}
