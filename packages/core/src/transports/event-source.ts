import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { check, settings } from '../option'
import { unlessAborted } from '../wait'
import { type FetchOptions, fetchTransport } from './fetch'
import { createFrameQueue } from './frame-queue'
import { lane } from './lanes'
import { findReading, noFetchOptions } from './reading'
import { send } from './request'
import { readableBody, refusal } from './response'
import type { Connection, OpenRequest, Transport } from './transport'

/** As much of an `EventSource` as is needed. */
export interface EventSourceLike {
  readonly readyState: number
  addEventListener(type: string, listener: (event: Event) => void): void
  close(): void
}

export type EventSourceConstructor = new (url: string, init: { readonly withCredentials: boolean }) => EventSourceLike

/** `headers`, `body` and `fetch` are for starts and stops: an `EventSource` can only read, and without headers. */
export interface EventSourceOptions extends FetchOptions {
  /**
   * Names of events besides those of the Keepstream wire, such as `progress`. An event whose name nobody listens for never
   * shows; from a Keepstream server its absence shows as a `hole`.
   */
  readonly events?: readonly string[]
  /** Whether a server of another origin is sent cookies. Default: whether `credentials` is `include`. */
  readonly withCredentials?: boolean
  /** What to connect with. Default: the global `EventSource`. */
  readonly EventSource?: EventSourceConstructor
  /** What may wait to be read, in characters; beyond it the connection ends and is read on from the cursor. Default 1 MiB. */
  readonly maxQueueSize?: number
}

const eventStream = 'text/event-stream'
const wire = 'message hello text reasoning tool-call usage finish snapshot retract reset end bye'.split(' ')

// The browser counts events, not us: what matters is how much they hold.
const maxFrames = 100_000

// `EventSource.CLOSED`: an answer came that is no event stream, for which it does not try again by itself.
const closed = 2

/**
 * Reads with the browser's own `EventSource`, which shows in its developer tools, and starts and stops with `fetch`. It is
 * closed at its first error, so that its own reconnecting never runs. It tells no status, no `retry:` and no heartbeat.
 */
export function eventSourceTransport(options: EventSourceOptions): Transport {
  const { maxEventSize, maxQueueSize } = settings('', defaults, options)
  const { events = [], credentials, withCredentials = credentials === 'include' } = options
  const named =
    Array.isArray(events) && events.every((name) => typeof name === 'string' && !/^(open|error)$/.test(name))
  check(named, 'events', events, "an array of names, without 'open' and 'error', which an EventSource uses itself")
  const { EventSource } = options
  check(!EventSource || typeof EventSource === 'function', 'EventSource', EventSource, 'a constructor')
  const names = new Set([...wire, ...events])
  const { stop } = fetchTransport({ ...options, accept: eventStream })

  async function open(request: OpenRequest): Promise<Connection> {
    const { signal } = request
    const Source = EventSource ?? (globalThis.EventSource as EventSourceConstructor | undefined)
    if (!Source) {
      const sentence = 'There is no `EventSource` here. Give one as the option `EventSource`, or connect with `fetch`.'
      throw new StreamError('unsupported', sentence)
    }
    const { url, location } = await findReading(options, request)
    const release = await lane(url, request)
    const queue = createFrameQueue({ maxFrames, maxBytes: maxQueueSize })
    const source = new Source(url, { withCredentials })
    const abort = () => close(signal.reason, true)
    signal.addEventListener('abort', abort)

    function close(error: unknown, now = false): void {
      source.close()
      release()
      signal.removeEventListener('abort', abort)
      queue.finish(error, now)
    }

    function take(event: Event): void {
      const frame = readFrame(event as MessageEvent<string>)
      if (frame.data.length > maxEventSize) {
        const sentence = `An event is larger than ${maxEventSize} bytes. Raise \`maxEventSize\` if that is right.`
        close(new StreamError('too-large', sentence))
      } else if (!queue.push([frame], frame.data.length + 1)) close(undefined)
    }

    let refused = false
    const opening = new Promise<void>((resolve, reject) => {
      source.addEventListener('open', () => resolve())
      for (const name of names) source.addEventListener(name, take)
      source.addEventListener('error', (event) => {
        // A server may name an event so.
        if ('data' in event && event.data !== undefined) return take(event)
        refused = source.readyState === closed
        const error = new StreamError('network', `The connection to ${url} broke, or there was none.`)
        close(error)
        reject(error)
      })
    })
    try {
      await unlessAborted(opening, signal)
    } catch (cause) {
      close(cause)
      if (signal.aborted || !refused) throw cause
      return await ask(options, url, signal)
    }
    const frames = queue.read(() => close(undefined))
    return { location, carrier: 'event-source', [Symbol.asyncIterator]: () => frames }
  }

  return Object.assign(open, { stop: stop! })
}

const defaults = {
  ...noFetchOptions,
  maxEventSize: 1_048_576,
  events: undefined as unknown,
  withCredentials: undefined as unknown,
  EventSource: undefined as unknown,
  maxQueueSize: 1_048_576,
}

function readFrame({ type, data, lastEventId }: MessageEvent<string>): Frame {
  const id = lastEventId && { id: lastEventId }
  return { event: type, data: type === 'hello' ? withoutHeartbeat(data) : data, ...id }
}

/** Heartbeats are comments, which no `EventSource` shows: a promise of them would look like silence. */
function withoutHeartbeat(data: string): string {
  try {
    return JSON.stringify({ ...JSON.parse(data), heartbeat: undefined })
  } catch {
    return data
  }
}

/** Why an `EventSource` was refused, which it does not tell: the same request once more, by `fetch`. */
async function ask(options: EventSourceOptions, url: string, signal: AbortSignal): Promise<Connection> {
  const response = await send(options, url, { headers: { accept: eventStream }, signal })
  if (response.status === 204) return { exhausted: true, async *[Symbol.asyncIterator]() {} }
  if (response.status !== 200) throw await refusal(response, true)
  readableBody(response, eventStream)
    .cancel()
    .catch(() => {})
  throw new StreamError('network', `${url} refused the connection, and would not refuse it now.`)
}
