import { StreamError } from '@keepstream/core'

/** What went wrong with a provider, as code and in a sentence that a person in front of a page can read. */
const failures = {
  upstream_unauthorized: 'The server could not sign in to the provider of the model. Please tell whoever runs it.',
  upstream_unknown_model:
    'The provider does not know this model, or is at another address. Choose another one, or tell whoever runs this server.',
  upstream_rejected: 'The provider of the model did not accept this request.',
  upstream_busy: 'The model has too much to do at the moment. Try again in a while.',
  upstream_unavailable: 'The model is not available at the moment. Try again in a while.',
  upstream_unreachable: 'The provider of the model could not be reached. Try again in a while.',
  upstream_queue_full: 'Too many people are waiting for this model. Try again in a while.',
  upstream_queue_timeout: 'The model had no room for this request in time. Try again in a while.',
  upstream_private_address:
    'The address of the provider is not a public one, and so nothing was sent. Please tell whoever runs this server.',
  upstream_redirected: 'The provider of the model has moved. Please tell whoever runs this server.',
  upstream_timeout: 'The model did not begin to answer in time. Try again.',
  upstream_idle: 'The model fell silent in the middle of its answer.',
  upstream_truncated: 'The connection to the model was cut in the middle of its answer.',
  upstream_invalid: 'The provider of the model sent something that is no answer.',
  upstream_error: 'The model ended its answer with an error.',
} as const

export type UpstreamFailure = keyof typeof failures

/**
 * The error that readers and hooks get: our own words, and no trace of what the provider said. Its texts may repeat
 * the key or the prompt, and its causes hold the request.
 */
export function upstreamError(error: unknown, begun = true): StreamError {
  const known = error instanceof StreamError ? error : undefined
  const retryAfter = known?.retryAfter ?? (known?.cause instanceof StreamError ? known.cause.retryAfter : undefined)
  const found = known ? reasonOf(known) : 'upstream_error'
  // Some providers count tokens before the first one: then it is the other clock of the engine that ran out.
  const reason = found === 'upstream_idle' && !begun ? 'upstream_timeout' : found
  return new StreamError('server', failures[reason], { reason, status: known?.status, retryAfter })
}

/** Statuses with which a provider says that it did not take the request on. */
export const refusals: readonly number[] = [408, 409, 429, 500, 502, 503, 529]

/** What the transport says of requests that never reached a model. */
const unsent: Readonly<Record<string, UpstreamFailure>> = {
  'queue-full': 'upstream_queue_full',
  'queue-timeout': 'upstream_queue_timeout',
  held: 'upstream_busy',
  'circuit-open': 'upstream_unavailable',
  'private-address': 'upstream_private_address',
  'head-late': 'upstream_timeout',
}

function reasonOf({ code, reason, status, cause }: StreamError): UpstreamFailure {
  // The connection was open, so that the model had begun: `reason` is the code of what broke it.
  if (code === 'interrupted') {
    if (reason === 'server') return 'upstream_error'
    if (reason !== 'timeout') return 'upstream_truncated'
    const { reason: clock } = cause as StreamError
    return clock === 'stall' ? 'upstream_idle' : 'upstream_timeout'
  }
  // What was stored at the provider, and is no longer.
  if (code === 'gone') return 'upstream_truncated'
  if (status !== undefined && isRefusal(code)) return reasonOfStatus(status)
  if (code === 'network') return unsent[reason ?? ''] ?? 'upstream_unreachable'
  if (code === 'timeout') return 'upstream_timeout'
  return code === 'server' ? 'upstream_error' : 'upstream_invalid'
}

// A page of HTML has a status too.
const isRefusal = (code: string) => code === 'http' || code === 'network'

function reasonOfStatus(status: number): UpstreamFailure {
  if (status === 401 || status === 403) return 'upstream_unauthorized'
  if (status === 404) return 'upstream_unknown_model'
  if (status === 429) return 'upstream_busy'
  if (status >= 300 && status < 400) return 'upstream_redirected'
  return status === 408 || status === 409 || status >= 500 ? 'upstream_unavailable' : 'upstream_rejected'
}

/**
 * Whether the model may be at work although nothing of its answer arrived: then to ask another one may be a second bill.
 * What was refused, never sent, or ended by the provider itself with an error is not at work. `stored`: the provider
 * keeps the answer, so that it goes on there although it could not be read on.
 */
export function mayBeAtWork({ code, reason, status }: StreamError, stored: boolean): boolean {
  if (code === 'interrupted') return reason !== 'server'
  if (stored && isRefusal(code)) return true
  // A gateway that gave up waiting (504) says nothing of what lies behind it.
  if (status !== undefined && isRefusal(code)) return status >= 500 && !refusals.includes(status)
  if (code === 'server') return false
  return code !== 'network' || reason === 'ambiguous' || reason === 'head-late'
}

/** What another model would answer no better, because the request itself is to blame. */
const blamesRequest: readonly string[] = ['upstream_rejected']

/** Whether there is sense in asking another model. */
export const isWorthAsking = (error: StreamError) => !blamesRequest.includes(error.reason ?? '')
