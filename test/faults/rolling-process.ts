// One node of the tests of several nodes: routes at the first port, whoever runs the server at the second.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createHandler, createHub, createOperations } from '@keepstream/server'
import { closeOnSignal, toNodeListener } from '@keepstream/server/node'
import { redisLog } from '@keepstream/server/redis'
import { createClient } from 'redis'

const { REDIS = '', PREFIX = 'ks', DRAIN_TIMEOUT, PACE, ON_OWNER_LOST = 'lost' } = process.env

const client = createClient({ url: REDIS })
client.on('error', () => undefined)
const log = redisLog({ client, prefix: PREFIX, leaseTimeout: 2_000, renewInterval: 500 })
const hub = createHub({ log, retry: { min: 200, max: 300 }, onOwnerLost: ON_OWNER_LOST as 'lost' | 'regenerate' })

type Producer = Extract<Parameters<typeof createHandler>[1][string], (...given: never[]) => unknown>

const pause = () => new Promise((resolve) => setTimeout(resolve, Number(PACE)))

/** As many numbers as are asked for, at the pace of this node. */
const count: Producer = async ({ input, text, signal }) => {
  for (let count = 1; count <= Number(input) && !signal.aborted; count++) {
    await text(`${count} `)
    await pause()
  }
}

/** Numbers until this node is shut down, and then as many as are asked for. */
const live: Producer = async ({ input, text }) => {
  let count = 0
  const next = async () => {
    await text(`${++count} `)
    await pause()
  }
  while (hub.state === 'open') await next()
  for (let rest = Number(input); rest > 0; rest--) await next()
}

async function listen(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as { port: number }).port }
}

const application = await listen(toNodeListener(createHandler(hub, { '/api/count': count, '/api/live': live })))
const operations = await listen(toNodeListener(createOperations(hub)))
closeOnSignal(hub, [application.server, operations.server], { drainTimeout: Number(DRAIN_TIMEOUT) })

/** When readers came that went on where another node had left them, and for how long this process stood still. */
const resumed: number[] = []
hub.observe((event) => {
  if (event.type === 'attached' && event.resumed) resumed.push(performance.now())
})
const delay = monitorEventLoopDelay()
delay.enable()
process.on('message', () => process.send?.({ resumed, stood: delay.max / 1e6 }))
process.send?.([application.port, operations.port])
// The channel to the test is not to be what ends the process, unless the test is gone.
process.channel?.unref()
process.once('disconnect', () => process.exit(9))
