import { StreamError } from '../errors'
import type { Cursor } from '../frame'
import type { Outcome, Protocol } from '../protocols/protocol'
import type { RetryPolicy } from '../retry/backoff'
import type { StartRequest, Transport } from '../transports/transport'
import { wait } from '../wait'
import { attempt } from './attempt'
import type { Clocks } from './clocks'
import type { Signal } from './transition'

/** Where a run stands: all that another attempt, a stop or a resume needs. The loop keeps it up to date. */
export interface Place {
  start: StartRequest | undefined
  location: string | undefined
  cursor: Cursor | undefined
  /** Whether a server has begun to answer, so that a model may be at work. */
  opened: boolean
  /** Whether a part of the answer has arrived. */
  received: boolean
}

/**
 * Whether another attempt can go on from `place` with no loss and no second bill: the server keeps the stream; or it
 * has not begun to answer; or it was only asked to read, and gave a cursor, or nothing so far.
 */
export function canContinue(durable: boolean, { start, cursor, opened, received }: Place): boolean {
  return durable || !opened || (start === undefined && (cursor !== undefined || !received))
}

export interface ReconnectOptions<TPart, TData> {
  readonly transport: Transport
  readonly protocol: Protocol<TPart, TData>
  readonly retry: RetryPolicy
  readonly clocks: Clocks
  readonly place: Place
  /** What to ask instead of an answer that was cut for good; absent to leave it `interrupted`. */
  readonly again: (() => StartRequest | undefined) | undefined
  readonly signal: AbortSignal
}

/** Turns many attempts into one sequence of signals. The only loop, and the only place where a failure is judged. */
export async function* reconnect<TPart, TData>(
  options: ReconnectOptions<TPart, TData>,
): AsyncGenerator<Signal<TPart>, void> {
  const { transport, protocol, retry, clocks, place, again, signal } = options
  const began = performance.now()
  const totalLeft = () => clocks.total - (performance.now() - began)
  let attempts = 0
  let failures = 0
  let restarts = 0
  let hint: number | undefined

  while (!signal.aborted) {
    let error: StreamError
    let counts = true
    yield { type: 'connecting', attempt: failures + 1 }
    try {
      const { start, location, cursor } = place
      const request = { start, location, cursor, attempt: ++attempts, signal }
      const bye = yield* follow(attempt(request, { transport, protocol, clocks, totalLeft: totalLeft() }))
      if (!bye) return
      counts = false
      error = bye
    } catch (cause) {
      error = StreamError.from(cause, 'network')
    }
    if (signal.aborted) return

    if (counts) failures++
    const delay = retry({ error, failures: counts ? failures : 0, hint })
    const goesOn = canContinue(protocol.durable, place)
    if (delay === undefined || !(goesOn || again)) {
      const cut = place.opened && (delay !== undefined || wasCut(error))
      yield cut ? { type: 'interrupted', error: goesOn ? error : cannotContinue(error) } : { type: 'failed', error }
      return
    }
    yield { type: 'dropped', error, attempt: failures + 1, retryAt: Date.now() + delay }
    await wait(Math.min(delay, totalLeft()), signal)
    if (goesOn || !again || signal.aborted) continue
    // An answer that is asked for again and again is billed again and again: progress does not forgive those.
    restarts = failures
    Object.assign(place, { start: again(), location: undefined, cursor: undefined, opened: false, received: false })
    yield { type: 'reset', reason: 'restart', cursor: undefined }
  }

  /** Passes on what one connection reports. Returns how the server announced its leave; nothing when all is over. */
  async function* follow(
    reports: ReturnType<typeof attempt<TPart, TData>>,
  ): AsyncGenerator<Signal<TPart>, StreamError | undefined> {
    for await (const report of reports) {
      if (signal.aborted) return undefined
      switch (report.type) {
        case 'opened':
          place.opened = true
          place.location = report.location ?? place.location
          yield { type: 'opened', location: place.location }
          break
        case 'received':
          // A part, not a mere connection, proves the link healthy.
          if (report.parts.length > 0) {
            failures = restarts
            place.received = true
          }
          yield report
          place.cursor = report.cursor
          break
        case 'reset':
          place.cursor = report.cursor
          yield report
          break
        case 'hint':
          hint = report.retry
          break
        case 'bye': {
          const sentence = `The server closes the connection for a moment (${report.reason}).`
          return new StreamError('network', sentence, { retryAfter: report.after, reason: report.reason })
        }
        case 'end':
          yield ended(report.outcome)
          return undefined
      }
    }
    return undefined
  }
}

/** Whether it was the connection that failed, so that what has arrived is right as far as it goes. */
function wasCut({ code, retryable }: StreamError): boolean {
  return code === 'gone' || retryable
}

function cannotContinue(cause: StreamError): StreamError {
  const sentence = 'The answer was cut, and this endpoint cannot go on from there. What has arrived is kept.'
  return new StreamError('interrupted', `${sentence} (${cause.message})`, { cause, reason: cause.code })
}

function ended<TPart>(outcome: Outcome): Signal<TPart> {
  if (outcome.error) return { type: outcome.state, error: outcome.error }
  return { type: outcome.state === 'done' ? 'ended' : 'stopped' }
}
