import { once } from 'node:events'
import { createServer } from 'node:http'
import { createHandler, createHub, type Hub, type HubOptions, memoryLog, type Routes } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'
import { createFaultProxy, type FaultProxy } from '@keepstream/testing'
import { until } from './until'

/** Routes of a test's own behind a fault proxy, over HTTP and WebSocket. */
export interface RoutesLine extends AsyncDisposable {
  readonly hub: Hub
  readonly proxy: FaultProxy
  /** An address of the server, through the proxy. */
  readonly at: (path: string) => string
  /** Waits until no connection, reader or generation is left. */
  readonly settled: () => Promise<void>
}

export async function routesLine(routes: Routes, given: Partial<HubOptions> = {}): Promise<RoutesLine> {
  const hub = createHub({ log: memoryLog(), retry: { min: 20, max: 20 }, ...given })
  const handler = createHandler(hub, routes)
  const server = createServer(toNodeListener(handler))
  const attached = attachWebSocket(server, handler, { path: '/api/socket', origins: [] })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await createFaultProxy({
    target: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
  })
  return {
    hub,
    proxy,
    at: (path) => new URL(path, proxy.url).href,
    async settled() {
      await proxy.refuse()
      await until(
        () => hub.counts(),
        ({ generations, readers }) => generations + readers === 0,
      )
      await until(() => attached.sockets + proxy.connections, 0)
    },
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await attached.close()
      await hub.close({ drainTimeout: 1 })
      server.closeAllConnections()
      server.close()
    },
  }
}
