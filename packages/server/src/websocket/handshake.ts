import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { closingError, errorReply, httpError } from '../exchange'
import type { Hub } from '../hub'
import type { Principal } from '../hub-options'
import { admit } from '../routes/admission'
import { callerRequest } from './operation-exchange'
import type { Settings } from './options'

export const subprotocol = 'keepstream.v1'

/**
 * Whom the handshake authenticates; nobody where a message has to. Throws an `http` error for one that gets no socket.
 */
export async function admitHandshake(
  hub: Hub,
  settings: Settings,
  handshake: IncomingMessage,
): Promise<Principal | undefined> {
  if (hub.state !== 'open') throw closingError()
  const { origin, 'sec-websocket-protocol': offered = '' } = handshake.headers
  if (origin !== undefined && !settings.origins.includes(origin)) {
    throw httpError(403, 'forbidden_origin', 'Pages of this origin may not open a socket here.')
  }
  if (!offered.split(',').some((name) => name.trim() === subprotocol)) {
    throw httpError(400, 'subprotocol', `Offer the subprotocol ${subprotocol}.`)
  }
  const principal = await authenticate(hub, settings, handshake)
  // It may have closed while the hook was asked.
  if (hub.state !== 'open') throw closingError()
  return principal
}

async function authenticate(
  hub: Hub,
  { tokens, path }: Settings,
  handshake: IncomingMessage,
): Promise<Principal | undefined> {
  try {
    return await admit(hub, { request: callerRequest({ handshake, token: undefined }) }, 'connect', path)
  } catch (error) {
    const { status } = errorReply(error)
    const denied = status === 401 || status === 403
    // Whoever can send a header has sent the one that counts.
    if (denied && tokens && handshake.headers.authorization === undefined) return undefined
    throw status === 403 ? httpError(401, 'unauthorized', 'You may not open a socket here. Sign in first.') : error
  }
}

/** Answers a request for a socket as any other request, and closes. */
export function refuseHandshake(handshake: IncomingMessage, connection: Socket, error: unknown): number {
  const { status, headers, body } = errorReply(error)
  const response = new ServerResponse(handshake)
  response.shouldKeepAlive = false
  response.assignSocket(connection)
  response.once('finish', () => connection.destroySoon())
  response.writeHead(status, headers).end(body)
  return status
}
