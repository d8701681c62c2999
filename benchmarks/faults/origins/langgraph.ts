// The runs API of a LangGraph server as its SDK uses it: a resumable run, joined again at its `Location` with
// `Last-Event-ID`, and its status, which the SDK asks for after a close without an end.
import { format } from '@keepstream/core/sse'
import { type Generation, generate } from '../answer'
import { eventStream, type OpenOrigin, serve } from './origin'

const run = '/threads/thread/runs/run'

export const openOrigin: OpenOrigin = async () => {
  const generations: Generation[] = []
  return await serve(
    '',
    () => generations.length,
    async (request, response) => {
      request.resume()
      if (request.method === 'POST') generations.push(generate())
      const generation = generations.at(-1)!
      if (request.url === run) {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ run_id: 'run', status: generation.over ? 'success' : 'running' }))
        return
      }
      response.writeHead(200, { ...eventStream, location: `${run}/stream`, 'content-location': run })
      const position = request.headers['last-event-id']
      if (position === undefined) {
        response.write(format({ id: '0', event: 'metadata', data: JSON.stringify({ run_id: 'run', attempt: 1 }) }))
      }
      for await (const { index, token } of generation.follow(Number(position ?? 0))) {
        const data = JSON.stringify([
          { type: 'AIMessageChunk', id: 'answer', content: token },
          { langgraph_node: 'model' },
        ])
        response.write(format({ id: String(index + 1), event: 'messages', data }))
      }
      response.end(format({ id: '11', event: 'end', data: 'null' }))
    },
  )
}
