import { serve } from '@hono/node-server'
import { createHandler, createHub, memoryLog, relay } from '@keepstream/server'
import { Hono } from 'hono'

const hub = createHub({ log: memoryLog() })
const handler = createHandler(hub, {
  '/api/chat': relay({
    baseUrl: process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.OPENAI_API_KEY,
    models: [process.env.OPENAI_MODEL ?? 'gpt-4.1'],
  }),
})

const app = new Hono()
// The same two lines serve Bun, Deno and Cloudflare Workers. On the latter, a hub must live in a Durable Object.
app.all('/api/chat', (context) => handler(context.req.raw))
app.all('/api/chat/*', (context) => handler(context.req.raw))

const server = serve({
  fetch: app.fetch,
  port: Number(process.env.PORT ?? 3000),
  hostname: process.env.HOST ?? '127.0.0.1',
})

process.once('SIGTERM', async () => {
  await hub.close()
  server.close()
})
