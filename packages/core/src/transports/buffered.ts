import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { check, settings } from '../option'
import { unlessAborted } from '../wait'
import type { Connection, OpenRequest, Transport, Wrapper } from './transport'

export interface BufferedOptions {
  /** How long the first byte may take, in milliseconds. Default 5,000. */
  readonly patience?: number
}

/**
 * For servers that answer at once, as Keepstream's does: where the first byte does not come, somebody on the way collects
 * the answer, and `poll` goes on from the same cursor, or starts with the same key. The change shows as a `network` error
 * with the reason `buffered`, which costs no retry. Where `poll` finds no connection either, the next attempt is with the
 * first transport again. What is learned holds for all streams that share the wrapper.
 */
export function whenBuffered(poll: Transport, options: BufferedOptions = {}): Wrapper {
  check(typeof poll === 'function', 'poll', poll, 'a transport')
  const { patience } = settings('', { patience: 5_000 }, options, 1)
  let buffered = false

  return (transport) => {
    async function open(request: OpenRequest): Promise<Connection> {
      if (buffered) {
        return poll(request).catch((error: unknown) => {
          buffered = false
          throw error
        })
      }
      let timer: ReturnType<typeof setTimeout> | undefined
      const controller = new AbortController()
      const { signal } = controller
      const abort = () => {
        clearTimeout(timer) // Who leaves, and reads nothing, has not waited in vain.
        controller.abort(request.signal.reason)
      }
      request.signal.addEventListener('abort', abort)
      if (request.signal.aborted) abort()

      function watch(position?: number): void {
        clearTimeout(timer)
        if (position === undefined) timer = setTimeout(expire, patience)
      }

      function expire(): void {
        buffered = true
        const sentence = `No byte came within ${patience / 1000} s: something on the way holds the answer back.`
        controller.abort(new StreamError('network', sentence, { reason: 'buffered', retryAfter: 0 }))
      }

      function rest(): void {
        clearTimeout(timer)
        request.signal.removeEventListener('abort', abort)
      }

      async function* read(connection: Connection): AsyncGenerator<readonly Frame[], void> {
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

      const waits = (position: number | undefined) => {
        watch(position)
        request.waits?.(position)
      }
      watch()
      try {
        const connection = await unlessAborted(transport({ ...request, signal, waits }), signal)
        if (connection.exhausted) rest()
        return { ...connection, [Symbol.asyncIterator]: () => read(connection) }
      } catch (cause) {
        rest()
        throw cause
      }
    }

    return transport.stop ? Object.assign(open, { stop: transport.stop }) : open
  }
}
