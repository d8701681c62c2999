/** An error as OpenAI's public documentation describes it, to be answered or to be thrown. Never carries a key. */
export interface ApiError {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: {
    readonly error: {
      readonly message: string
      readonly type: string
      readonly param: string | null
      readonly code: string | null
    }
  }
}

/** `type` follows from the status where the documentation ties the two together. */
export function apiError(
  status: number,
  message: string,
  { param = null, code = null }: { readonly param?: string | null; readonly code?: string | null } = {},
): ApiError {
  const type = status >= 500 ? 'server_error' : status === 429 ? 'rate_limit_error' : 'invalid_request_error'
  return { status, body: { error: { message, type, param, code } } }
}
