import { StreamError } from '../errors'
import type { Protocol } from '../protocols/protocol'
import type { RetryPolicy } from '../retry/backoff'
import type { HostBudget } from '../retry/budget'
import type { StartRequest, Transport } from '../transports/transport'
import { stopwatch, wait } from '../wait'
import { attempt } from './attempt'
import type { Clocks } from './clocks'
import { beginning, canContinue, type Place } from './place'
import type { Signal } from './transition'
import type { Wake } from './wake'

export interface ReconnectOptions<TPart, TData> {
  readonly transport: Transport
  readonly protocol: Protocol<TPart, TData>
  readonly retry: RetryPolicy
  readonly clocks: Clocks
  readonly place: Place
  /** What to ask in place of an answer that was cut for good; `undefined` to leave it `interrupted`. */
  readonly again: () => Again | undefined
  readonly wake: Wake
  /** What all streams to the same host share; absent where nobody knows the host. */
  readonly host?: HostBudget | undefined
  /** Numbers from 0 up to 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined
  readonly signal: AbortSignal
}

export interface Again {
  readonly start: StartRequest
  /** Whether what has arrived is kept, because the new answer goes on from there. */
  readonly keeps: boolean
}

// How long a connection and the pause that is asked for after it have to last, in milliseconds, to be no failure.
const leastVisit = 5_000

// How often to look, in milliseconds, whether a machine that says that it is offline tells the truth.
const offlineDelay = 30_000

/** Turns many attempts into one sequence of signals. The only loop, and the only place where a failure is judged. */
export async function* reconnect<TPart, TData>(
  options: ReconnectOptions<TPart, TData>,
): AsyncGenerator<Signal<TPart>, void> {
  try {
    yield* attempts(options)
  } finally {
    options.host?.left()
  }
}

async function* attempts<TPart, TData>(options: ReconnectOptions<TPart, TData>): AsyncGenerator<Signal<TPart>, void> {
  const { protocol, retry, clocks, place, again, wake, host, random = Math.random, signal } = options
  const began = performance.now()
  const totalLeft = () => clocks.total - (performance.now() - began)

  for (let number = 1; !signal.aborted; number++) {
    const attemptBegan = performance.now()
    const { cursor } = place
    const claimed = wake.away()
    yield { type: 'connecting', attempt: place.failures + 1 }
    try {
      return yield* attempt({ ...options, number, totalLeft: totalLeft() })
    } catch (cause) {
      if (signal.aborted) return
      const error = StreamError.from(cause, 'network')
      // The request went out, and an endpoint that keeps nothing may be at work on it: to ask again may be a second bill.
      if (error.code === 'timeout' && place.start && !protocol.durable) place.opened = true
      // The delay where nothing had failed before: there is none for what does not pass.
      const pause = () => retry({ error, failures: 0 })
      const away = wake.away()
      // What has read on while the machine said so has proved it wrong: some say so for ever, behind a VPN for example.
      const lies = claimed === 'offline' && place.cursor !== cursor
      const offline = away === 'offline' && !lies && /network|timeout/.test(error.code)
      // What we have ended ourselves, to begin again at once; no wire can say so.
      const ours = error.code === 'network' && error.retryAfter === 0
      // A leave that the server announced is no failure; but one that says nothing else is no use either.
      const announced = error.code === 'network' && error.retryAfter !== undefined
      const visit = performance.now() - attemptBegan + (error.retryAfter ?? 0)
      // What the server has lost is not to be had from it; but it may be asked for again.
      const lost = error.code === 'gone' && place.start !== undefined
      const goesOn = !lost && canContinue(protocol, place)
      // To ask again is billed again, whatever the reason is.
      const counts = !goesOn || !(ours || offline || (announced && visit >= leastVisit))
      if (counts) place.failures++
      const next = goesOn ? undefined : again()
      const judged = lost && next ? new StreamError('interrupted', error.message, { cause, retryable: true }) : error
      let delay = retry({ error: judged, failures: counts ? place.failures : 0, hint: place.hint })
      if (goesOn && ours) delay = 0
      if (goesOn && away && pause() !== undefined) {
        if (offline) delay = offlineDelay
        // Nobody sees it, so nobody is served by giving up; and a page that is put away must not connect.
        if (away === 'left' || (away && delay === undefined)) delay = Infinity
      }
      if (delay === undefined || !(goesOn || next)) {
        // What has arrived is right as far as it goes, where it failed for a reason that passes, however often it did.
        yield place.opened && (error.code === 'gone' || pause() !== undefined)
          ? { type: 'interrupted', error: goesOn || lost ? error : cannotContinue(error) }
          : { type: 'failed', error }
        return
      }
      if (counts && !away) host?.failed(performance.now(), error)
      const waited = stopwatch()
      let back = false
      do {
        const retryAt = Date.now() + delay
        yield { type: 'dropped', error, attempt: place.failures + 1, retryAt, ...(offline && { offline }) }
        const woken = await rest(Math.min(delay, totalLeft()), signal, wake)
        back ||= woken
        if (woken) host?.forgive()
        // A server's wish to be left alone goes before the wish of a person who is back.
        const wished = woken && error.retryAfter ? pause()! - waited() : 0
        if (ours || signal.aborted || totalLeft() <= 0) break
        delay = wished > 0 ? wished : (host?.delay(performance.now(), random()) ?? 0)
      } while (delay > 0)
      if (back) place.failures = place.restarts + (next ? 1 : 0)
      if (signal.aborted || !next) continue
      const { failures } = place
      if (!next.keeps) yield { type: 'reset', reason: 'restart', cursor: undefined }
      Object.assign(place, { ...beginning(next.start), failures, restarts: failures })
    }
  }
}

/** Waits, but no longer than until the page is back; resolves with whether it came back. */
async function rest(milliseconds: number, signal: AbortSignal, wake: Wake): Promise<boolean> {
  const waiting = new AbortController()
  const end = () => waiting.abort()
  let back = false
  const leave = wake.watch((event) => {
    if (event === 'leaving') return
    back = true
    end()
  })
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  await wait(milliseconds, waiting.signal)
  signal.removeEventListener('abort', end)
  leave()
  return back
}

function cannotContinue(cause: StreamError): StreamError {
  const sentence = 'The answer was cut, and this endpoint cannot go on from there. What has arrived is kept.'
  return new StreamError('interrupted', `${sentence} (${cause.message})`, { cause, reason: cause.code })
}
