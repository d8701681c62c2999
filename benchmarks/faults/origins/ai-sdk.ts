// The two endpoints of the AI SDK's guide "Chatbot Resume Streams": POST answers and keeps the stream, GET replays it
// from its beginning while it is active (204 afterwards). The guide keeps it in Redis; here it is in memory.
import { createUIMessageStream, createUIMessageStreamResponse, UI_MESSAGE_STREAM_HEADERS } from 'ai'
import { generate } from '../answer'
import { type OpenOrigin, serve } from './origin'
import { webListener } from './web'

interface Kept {
  readonly chunks: string[]
  readonly readers: Set<ReadableStreamDefaultController<string>>
}

/** What a new reader gets: all there was, then the rest as it comes. */
function replay({ chunks, readers }: Kept): ReadableStream<string> {
  let own: ReadableStreamDefaultController<string>
  return new ReadableStream({
    start(controller) {
      own = controller
      for (const chunk of chunks) controller.enqueue(chunk)
      readers.add(controller)
    },
    cancel: () => void readers.delete(own),
  })
}

async function keep(kept: Kept, stream: ReadableStream<string>): Promise<void> {
  for await (const chunk of stream as unknown as AsyncIterable<string>) {
    kept.chunks.push(chunk)
    for (const reader of kept.readers) reader.enqueue(chunk)
  }
  for (const reader of kept.readers) reader.close()
  kept.readers.clear()
}

export const openOrigin: OpenOrigin = async () => {
  let calls = 0
  const active = new Map<string, Kept>()

  async function post(request: Request): Promise<Response> {
    const { id } = (await request.json()) as { id: string }
    calls++
    const generation = generate()
    return createUIMessageStreamResponse({
      stream: createUIMessageStream({
        async execute({ writer }) {
          writer.write({ type: 'start', messageId: 'answer' })
          writer.write({ type: 'text-start', id: 'text' })
          for await (const { token } of generation.follow())
            writer.write({ type: 'text-delta', id: 'text', delta: token })
          writer.write({ type: 'text-end', id: 'text' })
          writer.write({ type: 'finish' })
        },
      }),
      consumeSseStream({ stream }) {
        const kept: Kept = { chunks: [], readers: new Set() }
        active.set(id, kept)
        void keep(kept, stream).then(() => active.delete(id))
      },
    })
  }

  async function get(request: Request): Promise<Response> {
    const kept = active.get(new URL(request.url).pathname.split('/').at(-2)!)
    if (!kept) return new Response(null, { status: 204 })
    return new Response(replay(kept).pipeThrough(new TextEncoderStream()), { headers: UI_MESSAGE_STREAM_HEADERS })
  }

  return await serve(
    '/api/chat',
    () => calls,
    webListener((request) => (request.method === 'POST' ? post(request) : get(request))),
  )
}
