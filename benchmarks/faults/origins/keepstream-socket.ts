import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHandler, createHub, memoryLog } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'
import { generate } from '../answer'
import { heartbeat } from '../gate'
import type { OpenOrigin } from './origin'

export const openOrigin: OpenOrigin = async () => {
  let calls = 0
  let credential = 'Bearer one'
  let refused = 0
  const hub = createHub({
    log: memoryLog(),
    heartbeat,
    authorize({ request, verb }) {
      const given = request.headers.get('authorization')
      if (given === credential) return { user: 'reader' }
      // The handshake of a browser has no header: the first message brings the token.
      if (given !== null && verb !== 'connect') refused++
      return undefined
    },
  })
  const handler = createHandler(hub, {
    '/api/chat': async ({ text }) => {
      calls++
      for await (const { token } of generate().follow()) await text(token)
    },
  })
  const server = createServer(toNodeListener(handler)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = attachWebSocket(server, handler, { path: '/api/socket', origins: [] })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/socket`,
    calls: () => calls,
    accept: (fresh) => {
      credential = fresh
    },
    refused: () => refused,
    close: async () => {
      await sockets.close()
      await hub.close({ drainTimeout: 1 })
      server.closeAllConnections()
      server.close()
    },
  }
}
