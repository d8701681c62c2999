import { StreamError, type StreamErrorCode } from '../errors'
import type { Frame } from '../frame'
import { check, settings } from '../option'
import type { Connection, OpenRequest, StopRequest, Transport, Wrapper } from './transport'

export interface FallbackOptions {
  /** How often in a row the first way has to fail before it is not tried any more. Default 2. */
  readonly failures?: number
  /** A connection that breaks sooner than this, in milliseconds, or before its first event, is a failure too. Default 5,000. */
  readonly early?: number
  /** After how long the first way is tried again, in milliseconds. Default `Infinity`: not before the page is loaded again. */
  readonly again?: number
}

const defaults: Required<FallbackOptions> = { failures: 2, early: 5_000, again: Infinity }

/**
 * Connects by `first`, and by the transport that it is put around where `first` does not get through: `prefer(webSocket)`
 * as a `via` of streams over `fetch`. Where `first` cannot be opened, the other one is tried within the same attempt, so
 * that no answer waits for a lesson learned; and only where that one opens has `first` failed, since a server that is away
 * says nothing against the way to it. What is learned holds for all streams that share the wrapper: make it once.
 *
 * Both must lead to the same answers: one cursor, one location and one idempotency key are used on either.
 * Throws a `StreamError` with the code `option` for an option that is wrong.
 */
export function prefer(first: Transport, options: FallbackOptions = {}): Wrapper {
  check(typeof first === 'function', 'first', first, 'a transport')
  const { failures: bound, early, again } = settings('', defaults, options)
  let failures = 0
  let avoided = -Infinity

  const usable = () => performance.now() >= avoided + (failures < bound ? -Infinity : again)

  function failed(weight: number): void {
    failures += weight
    avoided = performance.now()
  }

  return (second) => {
    check(typeof second === 'function', 'second', second, 'a transport')
    async function open(request: OpenRequest): Promise<Connection> {
      if (!usable()) return second(request)
      const { signal } = request
      let connection: Connection
      try {
        connection = await first(request)
      } catch (error) {
        const blamed = blames(error, signal)
        // All the time there was went to the first one.
        if (blamed && signal.aborted) failed(1)
        if (!blamed || signal.aborted) throw error
        const other = await second(request)
        failed(permanent(error) ? bound : 1)
        return other
      }
      return { ...connection, [Symbol.asyncIterator]: () => watch(connection, signal) }
    }

    /** Passes everything on, and judges how it ended. */
    async function* watch(connection: Connection, signal: AbortSignal): AsyncGenerator<readonly Frame[], void> {
      const began = performance.now()
      let seen = connection.exhausted ?? false
      let broke = false
      try {
        for await (const frames of connection) {
          seen ||= frames.length > 0
          yield frames
        }
        broke = !seen && !signal.aborted
      } catch (error) {
        broke = blames(error, signal)
        throw error
      } finally {
        if (broke && (!seen || performance.now() - began < early)) failed(1)
        else if (seen) failures = 0
      }
    }

    async function stop(request: StopRequest): Promise<void> {
      const ways = [usable() ? first : second, second].flatMap(({ stop }) => stop ?? [])
      try {
        return await ways[0]?.(request)
      } catch (error) {
        if (!blames(error, request.signal) || request.signal.aborted || ways.length < 2) throw error
        return ways[1]?.(request)
      }
    }

    return first.stop || second.stop ? Object.assign(open, { stop }) : open
  }
}

/** Connects by `first`, and by `second` where that does not get through; see `prefer`. */
export const fallback = (first: Transport, second: Transport, options?: FallbackOptions): Transport =>
  prefer(first, options)(second)

const carriers: readonly (StreamErrorCode | undefined)[] = ['network', 'timeout', 'content-type', 'unsupported']

/**
 * Whether the way to the server is at fault. What the server itself refuses or announces, it would do on any way; and who
 * leaves is no fault at all, other than a clock that runs out.
 */
function blames(error: unknown, { aborted, reason }: AbortSignal): boolean {
  if (aborted && !(reason instanceof StreamError)) return false
  const { code, retryAfter } = StreamError.from(aborted ? reason : error, 'network')
  return carriers.includes(code) && retryAfter === undefined
}

/** Whether there is no use in trying again. */
const permanent = (error: unknown) => error instanceof StreamError && !error.retryable
