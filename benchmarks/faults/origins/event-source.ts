// A plain event stream with ids, for `EventSource` and what is like it: https://html.spec.whatwg.org/#server-sent-events.
import { format } from '@keepstream/core/sse'
import { type Generation, generate } from '../answer'
import { eventStream, type OpenOrigin, serve } from './origin'

export const openOrigin: OpenOrigin = async () => {
  const generations: Generation[] = []
  return await serve(
    '/events',
    () => generations.length,
    async (request, response) => {
      request.resume()
      const position = request.headers['last-event-id']
      if (position === undefined) generations.push(generate())
      response.writeHead(200, eventStream)
      const from = position === undefined ? 0 : Number(position) + 1
      for await (const { index, token } of generations.at(-1)!.follow(from)) {
        response.write(format({ id: String(index), data: JSON.stringify(token) }))
      }
      response.end(format({ id: '10', event: 'done', data: '{}' }))
    },
  )
}
