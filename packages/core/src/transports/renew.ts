import { StreamError } from '../errors'
import { unlessAborted } from '../wait'
import type { Transport } from './transport'

/** Gets fresh credentials; what it returns is only waited for. Where it throws, the answer fails with the 401. */
export type Renew = () => unknown

interface Renewal {
  readonly done: Promise<unknown>
  /** When it was over, in milliseconds of `performance.now()`. */
  at: number
}

// By function: streams that share one are renewed together.
const renewals = new WeakMap<Renew, Renewal>()

/** `renew` once for all who were turned away before it was over. */
function renewed(renew: Renew, asked: number): Promise<unknown> {
  const latest = renewals.get(renew)
  if (latest && asked < latest.at) return latest.done
  const renewal: Renewal = {
    done: Promise.resolve()
      .then(renew)
      .finally(() => {
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
