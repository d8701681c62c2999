// TanStack AI's own server functions with its delivery durability, every event in the log at once.
import {
  EventType,
  memoryStream,
  resumeServerSentEventsResponse,
  type StreamChunk,
  toServerSentEventsResponse,
} from '@tanstack/ai'
import { model } from '../answer'
import { type OpenOrigin, serve } from './origin'
import { webListener } from './web'

export const openOrigin: OpenOrigin = async () => {
  let calls = 0

  async function* run(request: Request): AsyncGenerator<StreamChunk, void> {
    calls++
    const { threadId, runId } = (await request.json()) as { threadId: string; runId: string }
    const timestamp = Date.now()
    yield { type: EventType.RUN_STARTED, threadId, runId, timestamp }
    yield { type: EventType.TEXT_MESSAGE_START, messageId: 'answer', role: 'assistant', timestamp }
    for await (const delta of model()) {
      yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId: 'answer', delta, timestamp }
    }
    yield { type: EventType.TEXT_MESSAGE_END, messageId: 'answer', timestamp }
    yield { type: EventType.RUN_FINISHED, threadId, runId, timestamp, finishReason: 'stop' }
  }

  return await serve(
    '/api/chat',
    () => calls,
    webListener(async (request) => {
      const adapter = memoryStream(request)
      return request.method === 'GET'
        ? resumeServerSentEventsResponse({ adapter })
        : toServerSentEventsResponse(run(request), { durability: { adapter, batch: 1 } })
    }),
  )
}
