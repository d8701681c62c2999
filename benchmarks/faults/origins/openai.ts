// OpenAI's chat completions, streamed. Nothing in that protocol can be resumed.
import { model } from '../answer'
import { eventStream, type OpenOrigin, serve } from './origin'

export const openOrigin: OpenOrigin = async () => {
  let calls = 0
  return await serve(
    '/v1',
    () => calls,
    async (request, response) => {
      request.resume()
      calls++
      response.writeHead(200, eventStream)
      const chunk = (delta: object, reason: string | null = null) =>
        response.write(
          `data: ${JSON.stringify({
            id: 'chatcmpl-1',
            object: 'chat.completion.chunk',
            created: 1,
            model: 'scripted',
            choices: [{ index: 0, delta, finish_reason: reason }],
          })}\n\n`,
        )
      chunk({ role: 'assistant', content: '' })
      for await (const content of model()) chunk({ content })
      chunk({}, 'stop')
      response.end('data: [DONE]\n\n')
    },
  )
}
