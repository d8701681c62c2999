// The server of the tests that send signals: routes at the first port, whoever runs the server at the second.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createHandler, createHub, createOperations, memoryLog } from '@keepstream/server'
import { closeOnSignal, toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'

const hub = createHub({ log: memoryLog(), retry: { min: 20, max: 20 } })

/** As many numbers as are asked for, one each 20 milliseconds. */
const handler = createHandler(hub, {
  '/api/count': async ({ input, text, signal }) => {
    for (let count = 1; count <= Number(input) && !signal.aborted; count++) {
      text(`${count} `)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  },
})

async function listen(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as { port: number }).port }
}

const application = await listen(toNodeListener(handler))
const operations = await listen(toNodeListener(createOperations(hub)))
attachWebSocket(application.server, handler, { path: '/api/socket', origins: [] })
closeOnSignal(hub, [application.server, operations.server], { drainTimeout: Number(process.env.DRAIN_TIMEOUT) })
// The channel to the test is not to keep the process alive, nor to be what ends it.
process.send?.([application.port, operations.port])
process.channel?.unref()
process.once('disconnect', () => process.exit(9))
