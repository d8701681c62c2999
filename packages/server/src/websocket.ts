import type { IncomingMessage, Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { StreamError } from '@keepstream/core'
import { WebSocketServer } from 'ws'
import { closingError, httpError } from './exchange'
import type { Handler } from './handler'
import { readAddress } from './node-request'
import { checkMade } from './option'
import { admitHandshake, refuseHandshake, subprotocol } from './websocket/handshake'
import { resolveWebSocketOptions, type WebSocketOptions } from './websocket/options'
import { openSession, type Session } from './websocket/session'
import { createWheel } from './wheel'

export type { WebSocketOptions } from './websocket/options'

/** The sockets of one mount. They drain with the hub; `close` is for a server that goes before its hub does. */
export interface AttachedWebSocket {
  readonly sockets: number
  /** Takes no more sockets, and closes those that are open with 1012. Resolves once they are gone, within two seconds. */
  readonly close: () => Promise<void>
}

// The paths that are taken on each server: two sockets cannot come of one handshake.
const mounts = new WeakMap<Server | SecureServer, Set<string>>()

/**
 * Serves the routes of a handler over WebSockets too: `keepstream.v1`, many streams on one socket. Each message is
 * answered by the handler as the request of HTTP that it stands for, so that the same rules hold, the `authorize` hook
 * of the hub included. Requests for a socket at another path are left to whoever else listens.
 */
export function attachWebSocket(
  server: Server | SecureServer,
  handler: Handler,
  options: WebSocketOptions,
): AttachedWebSocket {
  checkMade('handler of attachWebSocket', handler, 'reply', 'createHandler(…)')
  const settings = resolveWebSocketOptions(options)
  const { hub } = handler
  const acceptor = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // A window per socket costs more memory than the socket, for a few bytes of a token.
    perMessageDeflate: false,
    maxPayload: settings.maxPayload,
    handleProtocols: () => subprotocol,
  })
  const paths = mounts.get(server) ?? new Set()
  if (paths.has(settings.path)) {
    throw new StreamError(
      'option',
      `The path "${settings.path}" has a WebSocket on this server already. Attach it once.`,
    )
  }
  mounts.set(server, paths.add(settings.path))
  const sessions = new Set<Session>()
  let opening = 0
  let closed = false
  let emptied: (() => void) | undefined
  // Each from the moment that it was opened, so that they do not all beat at once.
  const wheel = createWheel({ tick: Math.max(5, Math.min(1000, hub.heartbeat / 16)), now: () => performance.now() })

  async function upgrade(handshake: IncomingMessage, connection: Socket, head: Buffer): Promise<void> {
    if (sessions.size + opening >= settings.sockets) {
      throw httpError(503, 'overloaded', 'The server holds too many sockets. Try again shortly.', 1000)
    }
    opening++
    const principal = await admitHandshake(hub, settings, handshake).finally(() => opening--)
    // The hook may have been asked when it closed, and nobody would close what it lets in.
    if (closed) throw closingError()
    acceptor.handleUpgrade(handshake, connection, head, (webSocket) => {
      const onClose = () => {
        wheel.callOff(alarm)
        sessions.delete(session)
        hub.report({ type: 'socket-closed', path: settings.path })
        if (sessions.size === 0) emptied?.()
      }
      const session = openSession({ webSocket, connection, handshake, handler, settings, principal, onClose })
      const alarm = wheel.after(hub.heartbeat, () => {
        session.beat()
        return hub.heartbeat
      })
      sessions.add(session)
      hub.report({ type: 'socket-opened', path: settings.path })
    })
  }

  function onUpgrade(handshake: IncomingMessage, duplex: Duplex, head: Buffer): void {
    const { pathname } = readAddress(handshake.url ?? '/')
    const own = pathname === settings.path
    if (!own && (paths.has(pathname) || server.listenerCount('upgrade') > paths.size)) return
    // Where nobody else listens, one of ours has to say that there is nothing.
    if (!own && [...paths][0] !== settings.path) return
    // The connections of node:http and node:https are sockets, whatever its types say.
    const connection = duplex as Socket
    connection.on('error', () => connection.destroy())
    const opened = own
      ? upgrade(handshake, connection, head)
      : Promise.reject(httpError(404, 'not_found', 'There is nothing at this address.'))
    opened.catch((error: unknown) => {
      const status = refuseHandshake(handshake, connection, error)
      if (status === 500) hub.report({ type: 'request-failed', method: 'GET', path: pathname, error })
      else
        hub.report({
          type: 'refused',
          status,
          code: (error as StreamError).reason ?? 'error',
          ...(own && { route: pathname }),
        })
    })
  }

  const drain = () => {
    for (const session of sessions) session.drain()
  }
  server.on('upgrade', onUpgrade)
  hub.closing.addEventListener('abort', drain)
  return {
    get sockets() {
      return sessions.size
    },
    async close() {
      closed = true
      server.off('upgrade', onUpgrade)
      paths.delete(settings.path)
      hub.closing.removeEventListener('abort', drain)
      for (const session of sessions) session.close()
      if (sessions.size > 0)
        await new Promise<void>((resolve) => {
          emptied = resolve
        })
      wheel.stop()
    },
  }
}
