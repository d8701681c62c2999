// Above 150 lines: a third is the documentation of somebody else's interface, which is kept whole.
import { StreamError } from './errors'
import type { Frame } from './frame'
import { check } from './option'
import type { Protocol } from './protocols/protocol'
import { type BackoffOptions, backoff, type Failure } from './retry/backoff'
import { type Clocks, readClocks } from './session/clocks'
import { beginning } from './session/place'
import { reconnect } from './session/reconnect'
import { type Wake, wake } from './session/wake'
import { fetchTransport, utf8 } from './transports/fetch'
import { parseUrl } from './transports/request'
import { refusal } from './transports/response'
import type { Connection, OpenRequest } from './transports/transport'
import { unlessAborted } from './wait'

/** What `onopen` finds in the content type of an event stream. */
export const EventStreamContentType = 'text/event-stream'

/** One event. */
export interface EventSourceMessage {
  /** The last event id so far; empty where there was none. */
  id: string
  /** Empty where the event has no name. */
  event: string
  data: string
  /** The interval for retries, in milliseconds, where the server named one with this event. */
  retry?: number
}

/** Whatever `fetch` takes, and: */
export interface FetchEventSourceInit extends Omit<RequestInit, 'headers'> {
  headers?: HeadersInit | undefined
  /**
   * Checks each response. What it throws goes to `onerror`. Default: refuses statuses that are no success and content
   * types other than `text/event-stream`, and takes 204 for the end.
   */
  onopen?: (response: Response) => void | Promise<void>
  /** Called with each event. What it throws goes to `onerror`; the event counts as delivered. */
  onmessage?: (message: EventSourceMessage) => void
  /** The server has closed. Throw to connect again, from the last id; else the promise resolves. */
  onclose?: () => void
  /**
   * Called with what went wrong. Return after how many milliseconds to try again, or nothing for an interval of our own;
   * throw to give up. Default: tries again where that may help, and gives up where it cannot, such as after a 404.
   */
  // biome-ignore lint/suspicious/noExplicitAny: as it was, since handlers look into what they threw themselves.
  // biome-ignore lint/suspicious/noConfusingVoidType: what a callback may return that returns nothing, as it was.
  onerror?: (error: any) => number | null | undefined | void
  /** Whether a hidden page stays connected. Default false: it leaves, and comes back with the last id. */
  openWhenHidden?: boolean
  fetch?: typeof globalThis.fetch
  /** How long each thing may take. Default: `Infinity`, as it was; `{ liveness: 30_000 }` finds connections that are dead. */
  clocks?: Partial<Clocks>
  /** The intervals of our own. Default: from 1,000 ms, or what the server named, growing to 15,000; never gives up. */
  retry?: BackoffOptions
}

/**
 * `fetchEventSource` of `@microsoft/fetch-event-source` 2.0.1 on the engine of Keepstream: the same call, repaired.
 * Resolves when the server has closed or `signal` is aborted; rejects with what `onerror` throws.
 * What is different: docs/guides/migrating-from-fetch-event-source.md.
 */
export async function fetchEventSource(input: RequestInfo | URL, init: FetchEventSourceInit = {}): Promise<void> {
  const { signal: given, headers, onopen, onmessage, onclose, onerror, openWhenHidden, ...more } = init
  const { fetch = globalThis.fetch, clocks, retry, ...rest } = more
  for (const [name, callback] of Object.entries({ onopen, onmessage, onclose, onerror })) {
    check(!callback || typeof callback === 'function', name, callback, 'a function')
  }
  // Asked for again for ever, it would hide the mistake.
  const reachable = more.fetch || input instanceof Request || parseUrl(input)
  check(reachable, 'input', input, 'an absolute address; only in a page it may be relative')
  const signal = given ?? new AbortController().signal
  const page = openWhenHidden ? undefined : globalThis.document
  const place = beginning(undefined)
  /** What a callback threw, inside the error that the engine is told. */
  let raised: { readonly error: unknown; readonly inside: StreamError } | undefined
  let judged: { readonly error: StreamError; readonly delay: number | undefined } | undefined
  let refused: { readonly error: unknown } | undefined

  function raise(error: unknown): StreamError {
    const inside = new StreamError('network', 'A callback threw.', { cause: error })
    raised = { error, inside }
    return inside
  }

  /** Whether to come back costs nothing: a request that asks a model again does, where no id says what it has told. */
  function resumable(): boolean {
    const method = rest.method ?? (input instanceof Request ? input.method : 'GET')
    return /^(get|head)$/i.test(method) || place.cursor !== undefined
  }

  async function open(request: OpenRequest): Promise<Connection> {
    if (page?.hidden && request.attempt > 1) {
      request.waits?.(0)
      await shown(page, request.signal)
      request.waits?.(undefined)
    }
    const { signal, rest: stay } = presence(page, resumable, request.signal)
    try {
      const sent = new Headers(headers)
      if (!sent.has('accept')) sent.set('accept', EventStreamContentType)
      if (request.cursor !== undefined) sent.set('last-event-id', utf8(request.cursor))
      // Plain, because those who give a `fetch` of their own spread them; a copy, because a body can be sent but once.
      const target = input instanceof Request ? input.clone() : input
      const asked = fetch(target, { ...rest, headers: Object.fromEntries(sent), signal })
      const response = await unlessAborted(asked, signal)
      if (onopen) {
        const checked = (async () => onopen(response))().catch((error: unknown) => {
          throw raise(error)
        })
        await unlessAborted(checked, signal)
      } else if (response.status !== 204) await acceptEvents(response)
      const connection = await parsed(response, { ...request, signal })
      return { ...connection, [Symbol.asyncIterator]: () => read(connection, signal, stay) }
    } catch (cause) {
      stay()
      throw signal.aborted ? signal.reason : cause
    }
  }

  async function* read(connection: Connection, signal: AbortSignal, stay: () => void) {
    try {
      for await (const frames of connection) {
        let failure: StreamError | undefined
        const taken: Frame[] = []
        for (const frame of frames) {
          if (signal.aborted || failure) break
          taken.push(frame)
          try {
            if (frame.event !== '') onmessage?.(messageOf(frame))
          } catch (error) {
            failure = raise(error)
          }
        }
        yield taken
        if (failure) throw failure
      }
    } catch (cause) {
      throw signal.aborted ? signal.reason : cause
    } finally {
      stay()
    }
    try {
      onclose?.()
    } catch (error) {
      throw raise(error)
    }
  }

  function judge(failure: Failure): number | undefined {
    const { error } = failure
    if (judged?.error !== error) judged = { error, delay: decide(failure) }
    return judged.delay
  }

  function decide(failure: Failure): number | undefined {
    const { error, hint = 0 } = failure
    // We left by ourselves, to come back at once.
    if (error.code === 'network' && error.retryAfter === 0) return 0
    const ofCallback = raised?.inside === error
    try {
      const chosen = onerror?.(ofCallback ? raised?.error : error)
      if (typeof chosen === 'number') return chosen
    } catch (thrown) {
      refused = { error: thrown }
      return undefined
    }
    const { message, retryAfter } = error
    const insists = onerror ? new StreamError('network', message, { retryAfter }) : error
    const policy = backoff({
      maxRetries: Infinity,
      baseDelay: 1_000,
      maxDelay: Math.max(hint, 15_000),
      jitterFactor: 0.2,
      ...retry,
    })
    return policy({ ...failure, error: insists })
  }

  const signals = reconnect({
    transport: open,
    protocol,
    retry: judge,
    clocks: readClocks({ connect: Infinity, firstEvent: Infinity, stall: Infinity, ...clocks }),
    place,
    again: () => undefined,
    wake: unlessCostly(resumable),
    signal,
  })
  for await (const report of signals) {
    if (report.type !== 'failed' && report.type !== 'interrupted') continue
    if (refused) throw refused.error
    throw raised?.inside === report.error ? raised.error : report.error
  }
}

/** Events as they come. `durable`: whether to ask again is up to `onerror`. */
const protocol: Protocol<Frame, undefined> = {
  name: 'event-source',
  accept: EventStreamContentType,
  terminated: false,
  durable: true,
  initial: () => undefined,
  reduce: () => undefined,
  decode: (frame) => [frame],
}

const messageOf = ({ id = '', event, data, retry }: Frame): EventSourceMessage => ({
  id,
  event: event === 'message' ? '' : event,
  data,
  ...(retry !== undefined && { retry }),
})

async function acceptEvents(response: Response): Promise<void> {
  if (!response.ok) throw await refusal(response, false)
  const type = response.headers.get('content-type')
  if (type?.startsWith(EventStreamContentType)) return
  const sentence = `${response.url} answered with ${type ?? 'no content type'} where ${EventStreamContentType} was expected.`
  throw new StreamError('content-type', sentence, { status: response.status })
}

/** The events of a response, whatever it says about itself: `onopen` has judged that. */
function parsed(response: Response, request: OpenRequest): Promise<Connection> {
  const body = response.body ?? new Blob().stream()
  const same = new Response(body, { headers: { 'content-type': EventStreamContentType } })
  const url = 'http://localhost'
  const transport = fetchTransport({ url, accept: EventStreamContentType, method: 'GET', fetch: async () => same })
  return transport({ ...request, cursor: undefined })
}

/** A signal that is aborted with `outer`, and when the page is hidden while it may leave. */
function presence(page: Document | undefined, mayLeave: () => boolean, outer: AbortSignal) {
  const controller = new AbortController()
  const abort = () => controller.abort(outer.reason)
  const hide = () => {
    if (!page?.hidden || !mayLeave()) return
    controller.abort(new StreamError('network', 'The page is hidden.', { reason: 'hidden', retryAfter: 0 }))
  }
  outer.addEventListener('abort', abort)
  page?.addEventListener('visibilitychange', hide)
  if (outer.aborted) abort()
  const rest = () => {
    outer.removeEventListener('abort', abort)
    page?.removeEventListener('visibilitychange', hide)
  }
  return { signal: controller.signal, rest }
}

/** Resolves when the page is visible, or `signal` aborted. */
function shown(page: Document, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (page.hidden && !signal.aborted) return
      page.removeEventListener('visibilitychange', look)
      signal.removeEventListener('abort', look)
      resolve()
    }
    page.addEventListener('visibilitychange', look)
    signal.addEventListener('abort', look)
    look()
  })
}

/** Waking up ends a wait; but it ends a connection only where that costs nothing. */
const unlessCostly = (free: () => boolean): Wake => ({
  away: wake.away,
  watch: (listener) => wake.watch((event) => (event === 'back' || free() ? listener(event) : listener('back'))),
})
