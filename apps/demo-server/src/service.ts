import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { createHandler, createHub, createOperations, type Hub, type Log, type Logger, relay } from '@keepstream/server'
import { createMetrics } from '@keepstream/server/metrics'
import { toNodeListener } from '@keepstream/server/node'
import { Hono } from 'hono'
import { chatInput } from './chat-input'
import { createMessages } from './messages'
import { reports } from './reports'
import type { UpstreamSettings } from './upstream'

export interface ServiceOptions {
  readonly upstream: UpstreamSettings
  readonly log: Log
  readonly logger: Logger | undefined
  readonly heartbeat: number
}

export interface Service {
  readonly hub: Hub
  readonly routes: Hono<{ Bindings: HttpBindings }>
}

/** The Keepstream server of the demo: what an application would have, and nothing of what breaks it. */
export function createService({ upstream, log, logger, heartbeat }: ServiceOptions): Service {
  // Where processes share the log, an answer whose process was killed is made again by another one.
  const onOwnerLost = log.shared ? 'regenerate' : 'lost'
  const hub = createHub({ log, logger, heartbeat, retry: { min: 1_500, max: 2_500 }, onOwnerLost })
  const messages = createMessages()
  const answer = toNodeListener(
    createHandler(hub, {
      '/api/chat': relay({ ...upstream, input: chatInput }),
      '/api/reports': reports(),
      ...messages.topics,
    }),
  )
  // A server that others reach has them on a port of its own: docs/guides/operations.md.
  const operations = createOperations(hub, { metrics: createMetrics(hub) })

  const routes = new Hono<{ Bindings: HttpBindings }>()
  messages.mount(routes)
  // Where Hono runs on something else than Node, this is `({ req }) => handler(req.raw)`.
  routes.all('/api/*', ({ env: { incoming, outgoing } }) => {
    answer(incoming, outgoing)
    return RESPONSE_ALREADY_SENT
  })
  for (const path of ['/healthz', '/readyz', '/metrics']) routes.get(path, ({ req }) => operations(req.raw))
  return { hub, routes }
}
