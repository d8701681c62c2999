// Above 150 lines: the whole life of one socket, with the types of what it stands on.
import { StreamError } from '../errors'
import { longest } from '../wait'
import { type Provided, type RequestOptions, resolveUrl } from './request'
import { closed } from './websocket-close'

/** What is used of a `WebSocket`, so that others than the browser's fit, such as that of `ws`. */
export interface SocketLike {
  readonly protocol: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  send(data: string): void
  close(): void
}

export type SocketConstructor = new (url: string, protocol: string) => SocketLike

export interface LinkOptions {
  /** Where the server takes sockets; `http:` becomes `ws:`. A function is asked again at each connect. */
  readonly url: RequestOptions['url']
  /**
   * The credentials, sent as the first message and not in the address, which logs keep. A function is asked at each connect,
   * and again before they expire: then the fresh ones go over the open socket. Default: cookies alone.
   */
  readonly token?: Provided<string> | undefined
  /** What to connect with. Default: the global `WebSocket`, which Node has from version 22 on. */
  readonly WebSocket?: SocketConstructor | undefined
  /** How long a socket may take to open, in milliseconds. Default 10,000: less than the clock `connect` of a stream. */
  readonly connect?: number
  /** How long nothing may come before the server is asked for a sign of life, in milliseconds. Default 20,000. */
  readonly ping?: number
  /** How long that may take to come, in milliseconds; then the socket is dead. Default 10,000. */
  readonly pong?: number
  /** How long a socket stays open after its last stream, in milliseconds. Default 5,000. */
  readonly linger?: number
}

/** A message of the server for one exchange. The fields of the other types are absent. */
export interface Answer {
  readonly type: 'opened' | 'refused' | 'events' | 'closed' | 'stopped' | 'beat' | 'authorized'
  readonly status?: number
  readonly location?: string
  readonly message?: string
  readonly retryAfter?: number
  readonly events?: unknown
}

/** One request on a link, and who takes what comes for it. */
export interface Exchange {
  /** `bytes`: the size of the message in UTF-8. `address`: that of the socket, as `fetch` would take it. */
  readonly receive: (answer: Answer, bytes: number, address: string) => void
  /** The link is over. */
  readonly fail: (error: unknown) => void
}

/** One socket, from its opening to its end. It never opens another one. */
export interface Link {
  /** Sends a request, once the socket is open; returns how to leave it, which may be called at any time. */
  readonly request: (message: object, exchange: Exchange) => () => void
  /** Takes no more requests, and closes after the last one: somebody waited on it in vain. */
  readonly retire: () => void
  readonly close: (error: unknown) => void
}

const subprotocol = 'keepstream.v1'

// How often streams that get nothing are told that others on their socket do, in milliseconds: a liveness clock is 5 s at least.
const told = 250

// How long before their expiry credentials are renewed, in milliseconds; short-lived ones at nine tenths of their life.
const ahead = 30_000

const bytesOf = (text: string) => new TextEncoder().encode(text).length

interface Underway {
  readonly exchange: Exchange
  readonly size: number
  answered: boolean
}

/** Opens one socket; `ended` is called when it takes no more requests, before those on it hear of its end. */
export function openLink(options: Required<LinkOptions>, ended: () => void): Link {
  const underway = new Map<number, Underway>()
  // The requests that wait for the socket to open: who leaves before that has sent nothing.
  let outbox: Map<number, string> | undefined = new Map()
  let socket: SocketLike | undefined
  let address = ''
  let authorized = false
  let over = false
  let retired = false
  let lastId = 0
  let heardAt = 0
  let askedAt = 0
  let toldAt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let renewal: ReturnType<typeof setTimeout> | undefined
  let lingering: ReturnType<typeof setTimeout> | undefined

  function end(error: unknown): void {
    if (over) return
    over = true
    clearTimeout(timer)
    clearTimeout(renewal)
    keep()
    if (socket) {
      // Left in place is `onerror`: `ws` throws an error that nobody listens to, such as that of a close before the opening.
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.close()
    }
    ended()
    const exchanges = [...underway.values()]
    underway.clear()
    for (const { exchange } of exchanges) exchange.fail(error)
  }

  const transmit = (message: object) => socket?.send(JSON.stringify(message))

  const unused = () => end(new StreamError('network', 'The socket was closed: nobody used it.'))

  /** It lingers no more. */
  function keep(): void {
    clearTimeout(lingering)
    globalThis.removeEventListener?.('pagehide', unused)
  }

  /** The exchange is over, or was left. */
  function release(id: number): boolean {
    if (!underway.delete(id)) return false
    if (underway.size > 0) return true
    if (retired) unused()
    else {
      lingering = setTimeout(unused, Math.min(options.linger, longest))
      // The timers of a page that is put away stand still, and some browsers keep none that has a socket.
      globalThis.addEventListener?.('pagehide', unused)
    }
    return true
  }

  const credentials = () => (typeof options.token === 'function' ? options.token() : options.token)

  async function connect(): Promise<void> {
    const { WebSocket: Socket = globalThis.WebSocket as unknown as SocketConstructor } = options
    if (!Socket) {
      const sentence =
        'There is no `WebSocket` here, as in Node before 22. Give one, such as that of `ws`, as an option.'
      throw new StreamError('unsupported', sentence)
    }
    address = (await resolveUrl(options.url)).replace(/^ws/, 'http')
    const url = address.replace(/^http/, 'ws')
    const token = await credentials()
    if (over) return
    try {
      socket = new Socket(url, subprotocol)
    } catch (cause) {
      throw new StreamError('option', `The socket to ${url} cannot be opened. ${(cause as Error).message}`, { cause })
    }
    const late = () => end(new StreamError('network', `The socket to ${url} did not open in time.`))
    timer = setTimeout(late, Math.min(options.connect, longest))
    socket.onerror = () => {}
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => lost(code, reason)
    socket.onmessage = ({ data }: { data: unknown }) => take(data)
    socket.onopen = () => {
      if (socket?.protocol !== subprotocol) {
        return end(new StreamError('content-type', `${url} does not speak \`${subprotocol}\`.`))
      }
      clearTimeout(timer)
      heardAt = performance.now()
      look()
      const waiting = outbox ?? []
      outbox = undefined
      // The requests follow without waiting for the answer, which saves a round trip: a server takes them in order.
      if (token !== undefined) transmit({ type: 'auth', token })
      for (const [, text] of waiting) socket.send(text)
    }
  }

  function lost(code: number, reason: string): void {
    // Of all that was not answered, the largest was too large; sent again, it would be so again.
    const unanswered = [...underway.values()].filter(({ answered }) => !answered).sort((a, b) => b.size - a.size)[0]
    if (code === 1009 && unanswered) {
      const sentence = `The server takes no message of ${unanswered.size} bytes. Raise its \`maxPayload\`.`
      unanswered.exchange.fail(new StreamError('http', sentence, { status: 413 }))
    }
    const unopened = outbox && new StreamError('network', `There is no connection to ${address}.`)
    end(unopened ?? closed(code, reason, authorized))
  }

  /** Asks for a sign of life after a silence. A page that was frozen asks first too, and does not take its own pause for one. */
  function look(): void {
    const time = performance.now()
    const waits = askedAt > heardAt
    const left = waits ? askedAt + options.pong - time : heardAt + options.ping - time
    if (left <= 0) {
      if (waits) {
        end(new StreamError('network', 'The socket was silent.'))
        return
      }
      askedAt = time
      transmit({ type: 'ping' })
    }
    timer = setTimeout(look, Math.min(left > 0 ? left : Math.min(options.ping, options.pong), longest))
  }

  function take(data: unknown): void {
    heardAt = performance.now()
    let message: Answer & { readonly id?: number; readonly expires?: unknown }
    try {
      message = Object(JSON.parse(data as string))
    } catch (cause) {
      end(new StreamError('decode', 'The server sent a message that cannot be read.', { cause }))
      return
    }
    if (message.type === 'authorized') renewBefore(message.expires)
    const target = underway.get(message.id!)
    if (target) {
      target.answered = true
      if (/^(refused|closed|stopped)$/.test(message.type)) release(message.id!)
      target.exchange.receive(message, bytesOf(data as string), address)
    }
    if (heardAt - toldAt < told) return
    toldAt = heardAt
    for (const { exchange } of [...underway.values()]) exchange.receive({ type: 'beat' }, 0, address)
  }

  function renewBefore(expires: unknown): void {
    authorized = true
    clearTimeout(renewal)
    if (typeof expires !== 'number' || !(expires > 0)) return
    renewal = setTimeout(renew, Math.min(Math.max(expires * 0.9, expires - ahead), longest))
  }

  async function renew(): Promise<void> {
    try {
      const token = await credentials()
      if (!over && token !== undefined) transmit({ type: 'auth', token })
    } catch {
      // The server closes the socket when they expire; the next one asks again, and there the error is told.
    }
  }

  // Later, so that nobody hears of an end before he has his link.
  void Promise.resolve().then(connect).catch(end)

  return {
    close: end,
    retire() {
      retired = true
      ended()
      if (underway.size === 0) end(new StreamError('network', 'The socket was closed: it was silent.'))
    },
    request(message, exchange) {
      keep()
      const id = ++lastId
      const text = JSON.stringify({ ...message, id })
      underway.set(id, { exchange, size: bytesOf(text), answered: false })
      if (outbox) outbox.set(id, text)
      else socket?.send(text)
      return () => {
        if (release(id) && !outbox?.delete(id) && !over) transmit({ type: 'leave', id })
      }
    },
  }
}
