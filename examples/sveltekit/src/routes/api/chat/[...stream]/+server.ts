import { createHandler, createHub, type Handler, memoryLog, relay } from '@keepstream/server'
import type { RequestHandler } from './$types'

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

// For every method: what the route does not know, the handler refuses as the protocol says.
export const fallback: RequestHandler = ({ request }) => keepstream()(request)
