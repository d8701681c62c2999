import { StreamError } from '../errors'
import { unlessAborted, wait } from '../wait'
import type { Transport } from './transport'

/** Gets fresh credentials; what it returns is only waited for. Where it throws, the answer fails with the 401. */
export type Renew = () => unknown

interface Renewal {
  readonly done: Promise<unknown>
  /** When it was over, in milliseconds of `performance.now()`. */
  at: number
}

// How long credentials are waited for, in milliseconds: long enough for a person to sign in.
const patience = 300_000

// By function: streams that share one are renewed together.
const renewals = new WeakMap<Renew, Renewal>()

/** `renew` once for all who were turned away before it was over. */
function renewed(renew: Renew, asked: number): Promise<unknown> {
  const latest = renewals.get(renew)
  if (latest && asked < latest.at) return latest.done
  const over = new AbortController()
  const late = wait(patience, over.signal).then(() => {
    if (!over.signal.aborted) throw new Error('`onUnauthorized` did not settle within 5 minutes.')
  })
  const renewal: Renewal = {
    done: Promise.race([Promise.resolve().then(renew), late]).finally(() => {
      over.abort()
      renewal.at = performance.now()
    }),
    at: Infinity,
  }
  renewals.set(renew, renewal)
  return renewal.done
}

/** Asks `renew` when the server answers 401, then sends the same request once more. That is no failure and no retry. */
export function renewing(transport: Transport, renew: Renew): Transport {
  async function insist<T>(
    send: () => Promise<T>,
    signal: AbortSignal,
    waits?: (position: number | undefined) => void,
  ): Promise<T> {
    const asked = performance.now()
    try {
      return await send()
    } catch (error) {
      if (!(error instanceof StreamError) || error.status !== 401 || signal.aborted) throw error
      waits?.(0)
      await unlessAborted(renewed(renew, asked), signal).catch((cause: unknown) => {
        throw signal.aborted ? cause : new StreamError(error.code, error.message, { ...error, cause })
      })
      waits?.(undefined)
      return send()
    }
  }
  const { stop } = transport
  const open: Transport = (request) => insist(() => transport(request), request.signal, request.waits)
  return stop
    ? Object.assign(open, {
        stop: (request: Parameters<typeof stop>[0]) => insist(() => stop(request), request.signal),
      })
    : open
}
