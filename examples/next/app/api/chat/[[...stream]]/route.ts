import { createHandler, createHub, type Handler, memoryLog, relay } from '@keepstream/server'

export const runtime = 'nodejs'
export const dynamic = 'force-dynamic'

/**
 * On `globalThis`, because each route is bundled by itself and again after each edit, and there must be one hub.
 * Made by the first request and not before: a build loads this file too, and has no key.
 */
function keepstream(): Handler {
  const kept = globalThis as { keepstream?: Handler }
  kept.keepstream ??= createHandler(createHub({ log: memoryLog() }), {
    '/api/chat': relay({
      baseUrl: process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
      apiKey: process.env.OPENAI_API_KEY,
      models: [process.env.OPENAI_MODEL ?? 'gpt-4.1'],
    }),
  })
  return kept.keepstream
}

const answer = (request: Request): Promise<Response> => keepstream()(request)

// Next would answer a method that is missing here itself, and without an `Allow`.
export {
  answer as DELETE,
  answer as GET,
  answer as HEAD,
  answer as OPTIONS,
  answer as PATCH,
  answer as POST,
  answer as PUT,
}
