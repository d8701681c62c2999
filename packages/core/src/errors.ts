/** What went wrong, in one word that code can switch on. The sentence for people is the message. */
export type StreamErrorCode =
  /** The connection could not be made or broke. */
  | 'network'
  /** One of the clocks ran out; `reason` is its name. */
  | 'timeout'
  /** The server answered with a status that is no success; see `status`. */
  | 'http'
  /** The server does not hold this stream (any more). */
  | 'gone'
  /** The answer is not of a content type that the protocol can read, such as an HTML page with status 200. */
  | 'content-type'
  /** One event, line or message is larger than its bound. */
  | 'too-large'
  /** An event could not be understood, such as JSON that does not parse. */
  | 'decode'
  /** Entries are missing between the cursor and what arrived. */
  | 'hole'
  /** The connection ended before the answer did, and nobody can go on from there. */
  | 'interrupted'
  /** The server or the model ended the answer with an error; see `reason`. */
  | 'server'
  /** An option or an argument is wrong. */
  | 'option'
  /** The runtime lacks something that is needed. */
  | 'unsupported'

export interface StreamErrorOptions {
  /** Whether another attempt could succeed. Default: true for `network`, `timeout` and `hole`. */
  readonly retryable?: boolean | undefined
  /** How long the server asked to wait, in milliseconds (`Retry-After`, `bye`). */
  readonly retryAfter?: number | undefined
  /** The HTTP status, where there was one. */
  readonly status?: number | undefined
  /** The server's own word for it, such as `upstream_truncated`. */
  readonly reason?: string | undefined
  /** What it was made of, such as the `TypeError` of a `fetch` that failed. */
  readonly cause?: unknown
}

const retryableCodes: readonly StreamErrorCode[] = ['network', 'timeout', 'hole']

/** The one error of Keepstream. Switch on `code`; show `message`, which is a sentence that names the remedy. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  readonly retryable: boolean
  readonly retryAfter: number | undefined
  readonly status: number | undefined
  readonly reason: string | undefined

  constructor(
    readonly code: StreamErrorCode,
    message: string,
    options: StreamErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.retryable = options.retryable ?? retryableCodes.includes(code)
    this.retryAfter = options.retryAfter
    this.status = options.status
    this.reason = options.reason
  }

  /** `cause` itself where it is a StreamError already, else a new one around it. */
  static from(cause: unknown, code: StreamErrorCode, message?: string): StreamError {
    return wrap(cause, code, message)
  }
}

// Outside: a class that names itself inside is built as `_StreamError`, and Node shows that name above every stack.
function wrap(cause: unknown, code: StreamErrorCode, message?: string): StreamError {
  if (cause instanceof StreamError) return cause
  return new StreamError(code, message ?? (cause instanceof Error ? cause.message : String(cause)), { cause })
}
