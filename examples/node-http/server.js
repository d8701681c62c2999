import { createServer } from 'node:http'
import { createHandler, createHub, memoryLog, relay } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'

const hub = createHub({ log: memoryLog() })
const handler = createHandler(hub, {
  '/api/chat': relay({
    baseUrl: process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.OPENAI_API_KEY,
    models: [process.env.OPENAI_MODEL ?? 'gpt-4.1'],
  }),
})

const server = createServer(toNodeListener(handler))
server.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1')

// Answers that run may finish; new requests are told to come back.
process.once('SIGTERM', async () => {
  await hub.close()
  server.close()
  server.closeAllConnections()
})
