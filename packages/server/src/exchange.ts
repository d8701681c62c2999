import { StreamError } from '@keepstream/core'

/** A request as the routes see it, whichever runtime it came from. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly header: (name: string) => string | undefined
  /**
   * The whole body. Throws an `http` error with status 413 beyond `limit` bytes, with 408 after `timeout` milliseconds,
   * and with 400 where the client left in the middle; it never reads on.
   */
  readonly body: (limit: number, timeout: number) => Promise<Uint8Array>
  /** The request in the platform's form, without its body. Made when first asked for. */
  readonly request: Request
  /** The address that the connection comes from. Absent where the runtime does not tell. */
  readonly address?: string | undefined
  /** Whether it is an operation on a WebSocket, whose origin and credential the socket itself sees to. */
  readonly overSocket?: boolean | undefined
  /** Calls `listener` once the client is gone, soon where it is already. Returns a function that forgets it. */
  readonly onGone: (listener: () => void) => () => void
}

/** What a route answers: JSON, or nothing but a head. A reply that streams says so with a field of its own. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** What no cache and no proxy may do with an answer. */
export const privateHeaders = {
  'cache-control': 'no-cache, no-store, no-transform',
  'x-content-type-options': 'nosniff',
  // For caches that keep what they must not: nobody shall get the answer to another question, or to another person.
  vary: 'accept, authorization, cookie, last-event-id, origin',
} as const

export const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  ...privateHeaders,
  // A proxy that collects an answer before it passes it on would undo all of this.
  'x-accel-buffering': 'no',
} as const

/** A failure to be told to the client: a status, one word for code, and a sentence for a person. */
export function httpError(status: number, reason: string, message: string, retryAfter?: number): StreamError {
  return new StreamError('http', message, { status, reason, retryAfter, retryable: retryAfter !== undefined })
}

/** Unknown, expired, or somebody else's: one answer for all three, so that none can be told from another. */
export const notFound = (): StreamError => httpError(404, 'not_found', 'There is no such stream.')

export const closingError = (): StreamError =>
  httpError(503, 'closing', 'The server is shutting down. Try again.', 1000)

export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  const body = typeof value === 'string' ? value : JSON.stringify(value)
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...privateHeaders, ...headers }, body }
}

/** The reply to a failure. What was not made to be told to a client is not told. */
export function errorReply(error: unknown): Reply {
  if (!(error instanceof StreamError) || error.code !== 'http' || !isErrorStatus(error.status)) {
    return jsonReply(500, problem('internal', 'Something went wrong on the server.'))
  }
  const { status, reason = 'error', message, retryAfter } = error
  return jsonReply(status, problem(reason, message), {
    ...(retryAfter !== undefined && { 'retry-after': String(Math.ceil(retryAfter / 1000)) }),
    // RFC 9110 §15.5.9: who did not wait for the rest of a request says that it closes. And who shuts down: the next
    // request then finds another node, and not this connection.
    ...((status === 408 || reason === 'closing') && { connection: 'close' }),
  })
}

export const problem = (code: string, message: string) => ({ error: { code, message } })

const isErrorStatus = (status: number | undefined): status is number =>
  Number.isInteger(status) && status! >= 400 && status! <= 599
