import { StreamError } from '../errors'
import type { RetryPolicy } from '../retry/backoff'
import { longest, unlessAborted, wait } from '../wait'

/**
 * Repeats a request that is safe to repeat, such as a stop, until it is acknowledged; each try may take `limit`
 * milliseconds. Resolves with whether it was acknowledged.
 */
export async function insist(
  request: (signal: AbortSignal) => Promise<void>,
  limit: number,
  retry: RetryPolicy,
): Promise<boolean> {
  for (let failures = 1; ; failures++) {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), Math.min(limit, longest))
    try {
      await unlessAborted(request(controller.signal), controller.signal)
      return true
    } catch (cause) {
      const delay = retry({ error: StreamError.from(cause, 'network'), failures })
      if (delay === undefined) return false
      await wait(delay, new AbortController().signal)
    } finally {
      clearTimeout(timer)
    }
  }
}
