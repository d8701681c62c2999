// The Keepstream server of the demo as a process of its own, so that to kill it is to kill it. `child-service.ts` starts it.
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { StreamError } from '@keepstream/core'
import { memoryLog } from '@keepstream/server'
import { Hono } from 'hono'
import { pino } from 'pino'
import type { Order, Report } from './child-link'
import { openRedis } from './open-redis'
import { createService } from './service'

// How long connections may take to carry away what was written, in milliseconds.
const lastWords = 1_000

const tell = (report: Report) => process.send?.(report)

async function serve({ upstream, heartbeat, level, redis }: Order & { type: 'serve' }) {
  const log = redis === undefined ? memoryLog() : await openRedis(redis)
  const logger = pino({ level, base: { pid: process.pid } })
  const service = createService({ upstream, log, logger, heartbeat })
  const app = new Hono().route('/', service.routes)
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  tell({ type: 'listening', port: (server.address() as AddressInfo).port })
  return async (drainTimeout: number) => {
    await service.hub.close({ drainTimeout })
    const closed = once(server, 'close')
    server.close()
    setTimeout(() => server.closeAllConnections(), lastWords).unref()
    await closed
  }
}

let serving: ReturnType<typeof serve> | undefined

async function obey(order: Order): Promise<void> {
  if (order.type === 'serve') {
    serving = serve(order)
    await serving
    return
  }
  const close = await serving
  await close?.(order.drainTimeout)
  process.exit(0)
}

process.on('message', (order: Order) => {
  obey(order).catch((error: unknown) => {
    const message = error instanceof StreamError ? error.message : String((error as Error).stack ?? error)
    tell({ type: 'refused', message })
    process.exitCode = 1
    process.disconnect()
  })
})
// Ctrl+C reaches every process of the terminal: the one that began this says when it is time.
process.on('SIGINT', () => undefined)
// Who began this is gone, whatever way it went.
process.on('disconnect', () => process.exit())
