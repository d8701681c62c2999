import { type FetchTransportOptions, fetchTransport, StreamError, type Transport } from '@keepstream/core'
import { startDeadline } from '../deadline'
import type { RetryBudget } from './budget'

export interface UpstreamOptions extends FetchTransportOptions {
  readonly budget: RetryBudget
  /** Until the head of the answer, in milliseconds. */
  readonly headTimeout: number
}

/** Statuses with which a provider says that it did not take the request on. */
export const refusals: readonly number[] = [408, 409, 429, 500, 502, 503, 529]

/**
 * Codes of Node for failures before a byte of the request went out: the name, the connection, or TLS.
 * A reset is not among them: by then the model may be at work.
 */
const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/

/**
 * Opens a connection to a provider. Providers know no idempotency keys, so a failure is retryable only where the request
 * provably was not accepted.
 */
export function upstreamTransport({ budget, headTimeout, fetch, ...options }: UpstreamOptions): Transport {
  const open = fetchTransport({
    ...options,
    // A redirect would take the key to an address that nobody configured.
    fetch: (url, init) => (fetch ?? globalThis.fetch)(url, { ...init, redirect: 'manual' }),
  })

  return async (request) => {
    if (request.attempt === 1) budget.deposit()
    else if (!budget.withdraw()) throw new StreamError('network', 'The retry budget is spent.', { retryable: false })
    const late = new AbortController()
    const leave = () => late.abort(request.signal.reason)
    const callOff = startDeadline(headTimeout, () => late.abort(headLate(headTimeout)))
    request.signal.addEventListener('abort', leave)
    try {
      const connection = await open({ ...request, signal: late.signal })
      return forgetting(connection, () => request.signal.removeEventListener('abort', leave))
    } catch (error) {
      request.signal.removeEventListener('abort', leave)
      if (late.signal.aborted) throw late.signal.reason
      if (!(error instanceof StreamError) || error.code !== 'network') throw error
      throw new StreamError('network', error.message, { cause: error.cause, retryable: wasNeverSent(error) })
    } finally {
      callOff()
    }
  }
}

// By then the request was sent, so another one could be billed as well.
const headLate = (milliseconds: number) =>
  new StreamError('timeout', `The provider did not answer within ${milliseconds / 1000} s.`, { retryable: false })

/** The same connection, with `cleanup` once its iteration is over. */
function forgetting<T extends Awaited<ReturnType<Transport>>>(connection: T, cleanup: () => void): T {
  return {
    ...connection,
    async *[Symbol.asyncIterator]() {
      try {
        yield* connection
      } finally {
        cleanup()
      }
    },
  }
}

function wasNeverSent(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const { code } = cause as { code?: unknown }
    if (!(cause instanceof StreamError) && typeof code === 'string') return neverSent.test(code)
  }
  return false
}
