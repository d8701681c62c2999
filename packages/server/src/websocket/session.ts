// A little longer than most: everything that one socket may do, and the order in which it happens.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Reader } from '../cursor-reader'
import { startDeadline } from '../deadline'
import { errorReply, httpError } from '../exchange'
import type { Handler } from '../handler'
import type { Principal } from '../hub-options'
import { createChannel } from '../sinks/websocket'
import { type ClientMessage, type Operation, readClientMessage } from './client-message'
import { closeCodeOf, closeCodes } from './close-codes'
import { createCredential } from './credential'
import { operationExchange } from './operation-exchange'
import type { Settings } from './options'
import { replyMessage, type ServerMessage } from './server-message'

export interface SessionOptions {
  readonly webSocket: WebSocket
  /** The connection below it. */
  readonly connection: Socket
  /** The request that opened it. */
  readonly handshake: IncomingMessage
  readonly handler: Handler
  readonly settings: Settings
  /** Whom the handshake authenticated. Absent: nobody yet, and the first message has to. */
  readonly principal: Principal | undefined
  readonly onClose: () => void
}

/** One socket of a client. */
export interface Session {
  /** Proves to the client that the socket lives, and finds out whether the client does. Called once per heartbeat. */
  readonly beat: () => void
  /** Closes once nothing is left to be answered. */
  readonly drain: () => void
  /** Closes with the word that the client may come back. */
  readonly close: () => void
}

/** What a client waits for under one id. */
interface Pending {
  left: boolean
  reader?: Reader
  readonly onGone: Set<() => void>
}

// How long a client may take to close, in milliseconds: one that takes longer is not there.
const closeTimeout = 2000
// Pings without any sign of life after which a client is taken for gone.
const mostSilent = 2

export function openSession(options: SessionOptions): Session {
  const { webSocket, connection, handshake, handler, settings, principal, onClose } = options
  const { hub } = handler
  const pending = new Map<number, Pending>()
  const channel = createChannel({ webSocket, connection, stallTimeout: hub.limits.stallTimeout, onStall })
  const send = (message: ServerMessage) => channel.send(message)
  const credential = createCredential({
    hub,
    path: settings.path,
    handshake,
    principal,
    timeout: settings.authTimeout,
    onAccepted: (expires) => send({ type: 'authorized', ...finalExpiry(expires) }),
    onRefused,
    onLate: () => close(closeCodes.unauthorized, 'The message auth did not come in time.'),
    onExpired,
  })
  let silent = 0

  function close(code: number, reason: string): void {
    webSocket.close(code, reason)
    const callOff = startDeadline(closeTimeout, () => webSocket.terminate())
    webSocket.once('close', callOff)
    leaveAll()
  }

  const comeBack = (code: number) => close(code, String(hub.retryDelay()))

  function leaveAll(): void {
    credential.forget()
    for (const id of [...pending.keys()]) leave(id)
  }

  /** The reader goes. What is being answered still is: to leave is not to stop. */
  function leave(id: number): void {
    const exchange = pending.get(id)
    if (!exchange) return
    exchange.left = true
    for (const listener of exchange.onGone) listener()
    exchange.reader?.close()
  }

  function finish(id: number, message: ServerMessage): void {
    pending.delete(id)
    send(message)
    if (hub.closing.aborted) drain()
  }

  function drain(): void {
    if (pending.size === 0 && webSocket.readyState === webSocket.OPEN) comeBack(closeCodes.drain)
  }

  function take(message: ClientMessage | undefined): void {
    if (!message) close(closeCodes.breach, 'This is no message of keepstream.v1.')
    else if (message.type === 'ping') send({ type: 'pong' })
    else if (message.type === 'leave') leave(message.id)
    else if (message.type === 'auth') credential.renew(message.token) || comeBack(closeCodes.tooMany)
    else if (!credential.given) close(closeCodes.unauthorized, 'Authenticate first.')
    else if (pending.has(message.id)) close(closeCodes.breach, `The id ${message.id} is in use.`)
    else if (message.type === 'invalid') send(replyMessage(message.id, errorReply(message.error)))
    else if (pending.size >= settings.streams) send(replyMessage(message.id, errorReply(tooManyStreams())))
    else answer(message).catch(fail)
  }

  async function answer(operation: Operation): Promise<void> {
    const { id } = operation
    const exchange: Pending = { left: false, onGone: new Set() }
    pending.set(id, exchange)
    await credential.decided
    if (webSocket.readyState !== webSocket.OPEN) return void pending.delete(id)
    const request = operationExchange(operation, { handshake, token: credential.token }, (listener) => {
      exchange.onGone.add(listener)
      return () => exchange.onGone.delete(listener)
    })
    const reply = await handler.reply(request)
    const message = replyMessage(id, reply)
    if (message.type !== 'opened') return finish(id, message)
    send(message)
    const closed = () => finish(id, { type: 'closed', id })
    if (!('stream' in reply) || exchange.left) return closed()
    exchange.reader = hub.attach(reply.stream, reply.place, channel.sink(id, closed), reply.visitor)
  }

  function onExpired(): void {
    for (const { reader } of [...pending.values()]) reader?.bye('auth', 0)
    close(closeCodes.unauthorized, 'The credential has expired.')
  }

  /** All of it waits behind what the connection holds: a client that only paused reads it, and comes back. */
  function onStall(): void {
    channel.stall()
    comeBack(closeCodes.slow)
  }

  function onRefused(error: unknown): void {
    const { status } = errorReply(error)
    const code = closeCodeOf(status)
    if (status === 500) fail(error)
    else if (code === closeCodes.unauthorized) close(code, 'The credential is not accepted.')
    else comeBack(code)
  }

  function fail(error: unknown): void {
    hub.report({ type: 'request-failed', method: 'GET', path: settings.path, error })
    close(closeCodes.internal, 'Something went wrong on the server.')
  }

  function heard(): void {
    silent = 0
    channel.heard()
  }

  // It closes itself, with the code that says what was wrong.
  webSocket.on('error', () => undefined)
  webSocket.on('ping', heard).on('pong', heard)
  webSocket.on('message', (data: Buffer, isBinary) => {
    heard()
    if (webSocket.readyState !== webSocket.OPEN) return
    if (isBinary) close(closeCodes.unsupported, 'Send text.')
    else take(readClientMessage(data.toString()))
  })
  webSocket.once('close', () => {
    leaveAll()
    onClose()
  })
  const heartbeat = Number.isFinite(hub.heartbeat) && { heartbeat: hub.heartbeat }
  send({ type: 'welcome', v: 1, ...heartbeat, maxPayload: settings.maxPayload })

  return {
    beat() {
      // Behind what it has not taken, no ping would reach it: the stall timeout sees to it.
      if (channel.full) return
      if (++silent > mostSilent) return webSocket.terminate()
      webSocket.ping()
      send({ type: 'beat' })
    },
    drain,
    close: () => comeBack(closeCodes.drain),
  }
}

const tooManyStreams = () => httpError(429, 'too_many_streams', 'There are too many streams on this socket.', 1000)

// JSON has no word for what never ends.
const finalExpiry = (expires: number | undefined) =>
  expires !== undefined && Number.isFinite(expires) ? { expires } : {}
