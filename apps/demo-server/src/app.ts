import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import {
  type CloseOptions,
  createHandler,
  createHub,
  createOperations,
  type Hub,
  type Log,
  type Logger,
  memoryLog,
} from '@keepstream/server'
import { createMetrics } from '@keepstream/server/metrics'
import { toNodeListener } from '@keepstream/server/node'
import { createFaultProxy, type FaultProxy, type ScriptedModel, type ScriptedModelOptions } from '@keepstream/testing'
import { Hono } from 'hono'
import { createLab, type LabOptions } from './lab'
import { pages } from './pages'
import { createUpstream, type Provider } from './upstream'

export interface DemoOptions extends Partial<LabOptions> {
  /** The port on 127.0.0.1. Default 0: any free one. */
  readonly port?: number
  /** A real provider. Default: the scripted model. */
  readonly provider?: Provider
  /** How the scripted model behaves. Default: at the speed of somebody who reads fast. */
  readonly script?: ScriptedModelOptions
  /** The interval of heartbeats, in milliseconds. Default 1,000, so that a stall is noticed while somebody watches. */
  readonly heartbeat?: number
  /** Where the answers are kept. Default: in this process. */
  readonly log?: Log
  /** Where structured lines about what happens go. Default: nowhere. */
  readonly logger?: Logger
}

export interface Demo extends AsyncDisposable {
  readonly url: string
  /** What stands before the server, to break what passes. */
  readonly proxy: FaultProxy
  readonly hub: Hub
  /** Absent where a real provider answers. */
  readonly model: ScriptedModel | undefined
  readonly close: (options?: CloseOptions) => Promise<void>
}

/**
 * Starts the demo: a model, a Keepstream server and its page, behind a TCP proxy that can break every connection.
 * Throws a `StreamError` where an option is wrong or the port is taken.
 */
export async function createDemo(options: DemoOptions = {}): Promise<Demo> {
  const { port = 0, heartbeat = 1_000, stallFor = 8_000, refuseFor = 4_000, log = memoryLog(), logger } = options
  const page = pages()
  const { route, model } = await createUpstream(options.provider, options.script)
  const app = new Hono<{ Bindings: HttpBindings }>()
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const proxy = await createFaultProxy({ target, port }).catch(async (error: unknown) => {
    server.close()
    await model?.close()
    throw error
  })

  const hub = createHub({ log, logger, heartbeat, retry: { min: 1_500, max: 2_500 } })
  const answer = toNodeListener(createHandler(hub, { '/api/chat': route }))
  // A server that others reach has them on a port of its own: docs/guides/operations.md.
  const operations = createOperations(hub, { metrics: createMetrics(hub) })
  const lab = createLab(proxy, model, { stallFor, refuseFor })

  async function close(drain?: CloseOptions): Promise<void> {
    lab.close()
    await hub.close(drain)
    server.close()
    await seeOff(server, proxy)
    await proxy.close()
    server.closeAllConnections()
    await model?.close()
  }

  // Where Hono runs on something else than Node, this is `({ req }) => handler(req.raw)`.
  app.all('/api/*', ({ env: { incoming, outgoing } }) => {
    answer(incoming, outgoing)
    return RESPONSE_ALREADY_SENT
  })
  for (const path of ['/healthz', '/readyz', '/metrics']) app.get(path, ({ req }) => operations(req.raw))
  app.route('/lab', lab.routes)
  app.route('/', page)
  return { url: proxy.url, proxy, hub, model, close, [Symbol.asyncDispose]: close }
}

// What the last words may take from the server through the proxy, on one machine.
const lastWords = 1_000

/** Lets what was written pass the proxy, whose close resets everything that is still open. */
async function seeOff(server: Server, proxy: FaultProxy): Promise<void> {
  const until = performance.now() + lastWords
  while (proxy.connections > 0 && performance.now() < until) {
    server.closeIdleConnections()
    await setTimeout(10)
  }
}
