import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The server behind the faults, speaking what one of the clients expects. */
export interface Origin {
  readonly url: string
  /** How often the model was called. */
  readonly calls: () => number
  /** Told of every request that is let through, where the server itself does not tell. */
  readonly onRequest?: () => void
  /** For a server that looks at credentials itself: the only one that it accepts from now on, and how many it has refused. */
  readonly accept?: (credential: string) => void
  readonly refused?: () => number
  readonly close: () => unknown
}

export type OpenOrigin = () => Promise<Origin>

/** A request listener on a port of its own, and `calls` counted by whoever answers. */
export async function serve(path: string, calls: () => number, listener: RequestListener): Promise<Origin> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    calls,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

export const eventStream = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }
