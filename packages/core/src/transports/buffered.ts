import { StreamError } from '../errors'
import { check } from '../option'
import { unlessAborted } from '../wait'
import type { OpenRequest, Transport } from './transport'

export interface BufferedOptions {
  /** How long the first byte may take, in milliseconds. Default 5,000. A Keepstream server sends it at once. */
  readonly patience?: number
}

/**
 * `transport`, until its first byte does not come: then somebody on the way collects the answer, and `poll` goes on from
 * the same cursor, or starts with the same key. The change shows as a `network` error with the reason `buffered`, which
 * costs no retry. Where `poll` finds no connection either, the next attempt is with `transport` again.
 */
export function whenBuffered(
  transport: Transport,
  poll: Transport,
  { patience = 5_000 }: BufferedOptions = {},
): Transport {
  check(patience > 0, 'patience', patience, 'a number of milliseconds above 0')
  let buffered = false

  async function open(request: OpenRequest): ReturnType<Transport> {
    if (buffered) {
      buffered = false
      const connection = await poll(request)
      buffered = true
      return connection
    }
    const controller = new AbortController()
    const { signal } = controller
    const abort = () => controller.abort(request.signal.reason)
    request.signal.addEventListener('abort', abort)
    if (request.signal.aborted) abort()
    let timer: ReturnType<typeof setTimeout>
    const watch = () => {
      timer = setTimeout(() => {
        buffered = true
        const sentence = `No byte came within ${patience / 1000} s: something on the way holds the answer back.`
        controller.abort(new StreamError('network', sentence, { reason: 'buffered', retryAfter: 0 }))
      }, patience)
    }
    const rest = () => {
      clearTimeout(timer)
      request.signal.removeEventListener('abort', abort)
    }
    const waits = (position: number | undefined) => {
      clearTimeout(timer)
      if (position === undefined) watch()
      request.waits?.(position)
    }
    watch()
    try {
      const connection = await unlessAborted(transport({ ...request, signal, waits }), signal)
      if (connection.exhausted) rest()
      return { ...connection, [Symbol.asyncIterator]: read }

      async function* read() {
        try {
          for await (const frames of connection) {
            clearTimeout(timer)
            yield frames
          }
        } catch (cause) {
          throw signal.aborted ? signal.reason : cause
        } finally {
          rest()
        }
      }
    } catch (cause) {
      rest()
      throw cause
    }
  }

  return transport.stop ? Object.assign(open, { stop: transport.stop }) : open
}
