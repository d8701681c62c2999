// Above 150 lines: what one socket is to its streams, and each kind of answer as the engine knows it from `fetch`.
import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { check, settings } from '../option'
import { createFrameQueue, type QueueLimits } from './frame-queue'
import { locateAt } from './location'
import { encodeBody } from './request'
import { refusalOf } from './response'
import type { Connection, OpenRequest, StopRequest, Transport } from './transport'
import { type Answer, type Exchange, type Link, type LinkOptions, openLink } from './websocket-link'

export interface SocketOptions extends LinkOptions, Partial<QueueLimits> {
  /**
   * How many events may wait for one stream whose reader is slow; then it leaves and reads on from its cursor. A message
   * that finds room is taken whole. Default 10,000; at least 16, since what precedes the first event waits too.
   */
  readonly maxFrames?: number
  /** How many bytes may, and the largest message that is taken. Default 4 MiB, at least 1 KiB. */
  readonly maxBytes?: number
}

/** A connection that many streams share. */
export interface Socket {
  /**
   * Streams of the endpoint at that path of the server. `body` makes what a start sends from its input; it goes as JSON.
   * The socket is opened when the first stream needs it.
   */
  readonly transport: (route: string, options?: { readonly body?: (input: unknown) => unknown }) => Transport
  /** Closes it now. Streams that are under way connect again. */
  readonly close: () => void
}

const defaults = {
  url: undefined,
  token: undefined,
  WebSocket: undefined,
  connect: 10_000,
  ping: 20_000,
  pong: 10_000,
  linger: 5_000,
  maxFrames: 10_000,
  maxBytes: 4_194_304,
} as const

/**
 * One socket to a Keepstream server for all streams of a page, which never queue for a connection. It opens with the first
 * stream and closes a while after the last. Throws a `StreamError` with the code `option` for an option that is wrong.
 */
export function createSocket(options: SocketOptions): Socket {
  const given = settings<Required<SocketOptions>>('', defaults as never, options)
  const { url, token, WebSocket: Socket } = given
  check(url !== undefined, 'url', url, 'the address where a Keepstream server takes sockets')
  check(!token || /^(string|function)$/.test(typeof token), 'token', token, 'a string, or a function that returns one')
  check(!Socket || typeof Socket === 'function', 'WebSocket', Socket, 'a constructor')
  check(given.maxFrames >= 16, 'maxFrames', given.maxFrames, 'a number, 16 or more')
  check(given.maxBytes >= 1_024, 'maxBytes', given.maxBytes, 'a number, 1024 or more')
  let link: Link | undefined

  function current(): Link {
    if (link) return link
    const own: Link = openLink(given, () => {
      if (link === own) link = undefined
    })
    link = own
    return own
  }

  /** Sends one request. Returns how to end it, by a signal that may be aborted already. */
  function exchange(
    message: object,
    stops: boolean,
    signal: AbortSignal,
    receive: Receive,
    fail: (error: unknown) => void,
  ) {
    const own = current()
    const abort = () => {
      leave()
      fail(signal.reason)
      // Nothing came until a clock ran out, or the page woke up: others should not wait on the same socket as well.
      if (stops || signal.reason instanceof StreamError) own.retire()
    }
    const release = own.request(message, {
      receive,
      fail(error) {
        signal.removeEventListener('abort', abort)
        fail(error)
      },
    })
    const leave = () => {
      signal.removeEventListener('abort', abort)
      release()
    }
    signal.addEventListener('abort', abort)
    return leave
  }

  function transport(route: string, { body = (input: unknown) => input } = {}): Transport {
    check(
      typeof route === 'string' && route.startsWith('/'),
      'route',
      route,
      'the path of an endpoint, such as /api/chat',
    )

    async function open({ cursor: after, start, location, signal }: OpenRequest): Promise<Connection> {
      signal.throwIfAborted()
      const creates = start !== undefined && location === undefined
      const message = creates
        ? { type: 'start', route, key: start.key, input: plain(await body(start.input)), after }
        : { type: 'read', location: path(location ?? route), after }
      signal.throwIfAborted()
      return new Promise((resolve, reject) => {
        const queue = createFrameQueue(given)
        let bytes = 0
        let answered = false
        const fail = (error: unknown, now = false) => {
          reject(error)
          queue.finish(error, now)
        }
        const receive: Receive = (answer, size, address) => {
          const { type } = answer
          bytes += size
          try {
            if (type === 'beat') queue.push([], 0)
            else if (type === 'events') {
              if (!queue.push(framesOf(answer, size, given.maxBytes), size)) leave()
            } else if (type === 'opened') {
              const found = opened(answer, new URL(route, address).href, creates)
              const reading = () => queue.read(leave)
              resolve({ ...found, carrier: 'websocket', bytes: () => bytes, [Symbol.asyncIterator]: reading })
              answered = true
            } else if (type === 'refused') throw refusal(answer, !creates)
            else if (type === 'closed') {
              if (!answered) throw new StreamError('network', 'The connection closed before it was answered.')
              queue.finish()
            }
          } catch (error) {
            leave()
            fail(error)
          }
        }
        const leave = exchange(message, false, signal, receive, (error) => fail(error, signal.aborted))
      })
    }

    async function stop({ location, start, signal }: StopRequest): Promise<void> {
      signal.throwIfAborted()
      const where = location === undefined ? { route } : { location: path(location) }
      return new Promise((resolve, reject) => {
        const receive = (answer: Answer) => {
          if (answer.type === 'stopped') resolve()
          else if (answer.type === 'refused') reject(refusal(answer, true))
          else return
          leave()
        }
        const leave = exchange({ type: 'stop', ...where, key: start?.key }, true, signal, receive, reject)
      })
    }

    return Object.assign(open, { stop })
  }

  return { transport, close: () => link?.close(new StreamError('network', 'The socket was closed.')) }
}

type Receive = Exchange['receive']

/** Only JSON goes over this wire; what has a form of its own, such as a form with files, would arrive as `{}`. */
function plain(input: unknown): unknown {
  const body = encodeBody(input, new Headers())
  if (body === null || typeof body === 'string') return input
  throw new StreamError('option', 'The input cannot be sent as JSON, and a WebSocket sends nothing else.')
}

/** A location is of the server that is asked; who may read there is for that one to say. */
function path(location: string): string {
  const { pathname, search } = new URL(location, 'http://a')
  return pathname + search
}

/** What an answer says of where the stream lives, or that nothing of it is left. */
function opened(
  { status, location }: Answer,
  base: string,
  creates: boolean,
): Pick<Connection, 'location' | 'exhausted'> {
  if (status !== 204) return { location: locateAt(location, base, base, status) }
  if (creates) throw refusalOf(status, undefined, undefined, false)
  return { exhausted: true }
}

/** As over `fetch`. */
const refusal = ({ status, message, retryAfter }: Answer, reads: boolean) =>
  refusalOf(status, message, retryAfter, reads)

function framesOf({ events }: Answer, size: number, bound: number): readonly Frame[] {
  if (size > bound) {
    throw new StreamError('too-large', `A message of ${size} bytes is larger than the option \`maxBytes\` (${bound}).`)
  }
  const valid = (frame: Frame) => typeof frame?.event === 'string' && typeof frame.data === 'string'
  if (Array.isArray(events) && events.every(valid)) return events
  throw new StreamError('decode', 'The server sent events that cannot be read.')
}
