import { createHandler, createHub, memoryLog, relay } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import Fastify from 'fastify'

const hub = createHub({ log: memoryLog() })
const handler = createHandler(hub, {
  '/api/chat': relay({
    baseUrl: process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.OPENAI_API_KEY,
    models: [process.env.OPENAI_MODEL ?? 'gpt-4.1'],
  }),
})
const listener = toNodeListener(handler)

const app = Fastify({ forceCloseConnections: true })

// In a scope of its own, so that the other routes keep their parsers.
app.register(async (scope) => {
  // Fastify would read the body before the handler can.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
  for (const url of ['/api/chat', '/api/chat/*']) {
    scope.all(url, (request, reply) => {
      reply.hijack()
      listener(request.raw, reply.raw)
    })
  }
})
app.post('/api/other', async (request) => request.body)

await app.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST ?? '127.0.0.1' })

process.once('SIGTERM', async () => {
  await hub.close()
  await app.close()
})
