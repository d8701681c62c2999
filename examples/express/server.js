import { createHandler, createHub, memoryLog, relay } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import compression from 'compression'
import express from 'express'

const hub = createHub({ log: memoryLog() })
const handler = createHandler(hub, {
  '/api/chat': relay({
    baseUrl: process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.OPENAI_API_KEY,
    models: [process.env.OPENAI_MODEL ?? 'gpt-4.1'],
  }),
})

const app = express()
// Leaves event streams alone, because they say `no-transform`.
app.use(compression())
// Before any body parser, which would take the body away; and with `all`, because `use` would cut the path off.
app.all(['/api/chat', '/api/chat/*rest'], toNodeListener(handler))
app.use(express.json())
app.post('/api/other', (request, response) => void response.json(request.body))

const server = app.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1')

process.once('SIGTERM', async () => {
  await hub.close()
  server.close()
  server.closeAllConnections()
})
