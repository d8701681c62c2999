// The server of a test that kills it: a hub with an empty log at PORT, in front of the model at MODEL.
import { createServer } from 'node:http'
import { createHandler, createHub, memoryLog, relay } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'

const hub = createHub({ log: memoryLog(), retry: { min: 20, max: 20 } })
const chat = relay({ baseUrl: process.env.MODEL!, apiKey: false, models: ['scripted'] })
const server = createServer(toNodeListener(createHandler(hub, { '/api/chat': chat })))
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  process.send?.((server.address() as { port: number }).port)
})
// It ends with the test, however that ends.
process.once('disconnect', () => process.exit())
