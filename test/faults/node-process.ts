// One of several server processes on one Redis: `/api/chat` asks the model at MODEL, `/api/socket` is the WebSocket. What the
// test tells it by message breaks it from within; CRASH says at which moment of an answer it kills itself.

import { createServer } from 'node:http'
import { createHandler, createHub, type HubEvent, type Log, relay, type StreamLog } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'
import { type Library, openRedisLog } from '../../packages/server/test/redis-server'
import { jump } from './jumping-clock'

/** What a test says to a node. */
export type Order =
  | { readonly type: 'block'; readonly milliseconds: number }
  | { readonly type: 'jump'; readonly milliseconds: number }
  | { readonly type: 'report' }

/** What a node says of itself. */
export interface NodeReport {
  readonly generations: number
  readonly readers: number
  /** The types of all events so far, those of the log among them. */
  readonly events: readonly string[]
}

const {
  MODEL = '',
  REDIS = '',
  LIBRARY = 'ioredis',
  CRASH = '',
  OPTIONS = '{}',
  SPEED = '1',
  TENANTS = '',
} = process.env
const { hub: hubOptions, log: logOptions } = JSON.parse(OPTIONS)

// A monotonic clock that runs a little faster or slower than that of others, as while NTP corrects it.
const now = () => performance.now() * Number(SPEED)
const { log } = openRedisLog(REDIS, { library: LIBRARY as Library, ...(SPEED && { now }), ...logOptions })
const events: string[] = []
const hub = createHub({
  log: crashing(log),
  retry: { min: 20, max: 40 },
  heartbeat: 500,
  authorize: TENANTS ? authorize : undefined,
  onEvent: (event) => void events.push(nameOf(event)),
  ...hubOptions,
})
/** With TENANTS everybody is who they say they are. */
function authorize({ request }: { readonly request: Request }) {
  const tenant = request.headers.get('authorization')
  return tenant === null ? undefined : { tenant, user: 'somebody' }
}
const nameOf = (event: HubEvent) => (event.type === 'log' ? event.event.type : event.type)
const chat = relay({ baseUrl: MODEL, apiKey: false, models: ['scripted'] })
const handler = createHandler(hub, { '/api/chat': chat })
const server = createServer(toNodeListener(handler))
attachWebSocket(server, handler, { path: '/api/socket', origins: [] })
server.listen(0, '127.0.0.1', () => process.send?.([(server.address() as { port: number }).port]))

function crashing(log: Log): Log {
  if (CRASH === '') return log
  const at = (moment: string) => void (CRASH === moment && process.kill(process.pid, 'SIGKILL'))
  let appended = 0
  const watched = (stream: StreamLog): StreamLog =>
    Object.create(stream, {
      append: {
        value: (entries: Parameters<StreamLog['append']>[0]) => {
          const room = stream.append(entries)
          if (++appended === 5) at('appended')
          return room
        },
      },
      seal: {
        value: (...given: Parameters<StreamLog['seal']>) => {
          at('sealing')
          return stream.seal(...given)
        },
      },
    })
  return {
    ...log,
    async claim(request) {
      const claimed = await log.claim(request)
      if (claimed.outcome !== 'created') return claimed
      at('claimed')
      return { ...claimed, stream: watched(claimed.stream) }
    },
  }
}

process.on('message', (order: Order) => {
  if (order.type === 'jump') jump(order.milliseconds)
  if (order.type === 'report') process.send?.({ ...hub.counts(), events } satisfies NodeReport)
  if (order.type === 'block') {
    const until = performance.now() + order.milliseconds
    while (performance.now() < until);
  }
})
// It ends with the test, however that ends.
process.once('disconnect', () => process.exit())
