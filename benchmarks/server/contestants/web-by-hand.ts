// The same as by hand on `node:http`, on Web streams: a handler of Requests whose bodies make bytes when somebody pulls.
import { createAdaptorServer } from '@hono/node-server'
import { askedFor, type Contestant, eventOf, greeting, headers, heartbeat } from '../contestant'

interface Reader {
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  position: number
  full: boolean
}

export function webByHand(): Contestant {
  const log: Uint8Array[] = []
  const readers = new Set<Reader>()
  const encoder = new TextEncoder()

  function deliver(reader: Reader): void {
    while (!reader.full && reader.position < log.length) {
      reader.full = true
      reader.controller.enqueue(log[reader.position++]!)
    }
  }

  function handle(request: Request): Response {
    const { pathname } = new URL(request.url)
    const [, id] = /^\/api\/chat\/streams\/([^/]+)$/.exec(pathname) ?? []
    if (request.method !== 'GET' || id !== 'live') return new Response(null, { status: 404 })
    let reader: Reader
    const position = askedFor(request.headers.get('last-event-id'))
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          reader = { controller, position, full: true }
          readers.add(reader)
          controller.enqueue(encoder.encode(greeting(position)))
        },
        pull() {
          reader.full = false
          deliver(reader)
        },
        cancel: () => void readers.delete(reader),
      },
      { highWaterMark: 0 },
    )
    return new Response(body, { headers })
  }
  setInterval(() => {
    const beat = encoder.encode(`:h ${log.length}\n\n`)
    for (const { full, controller } of readers) if (!full) controller.enqueue(beat)
  }, heartbeat)

  return {
    server: createAdaptorServer({ fetch: handle }),
    path: '/api/chat/streams/live',
    speaks: 'events',
    publish(text) {
      log.push(encoder.encode(eventOf(log.length + 1, text)))
      for (const reader of readers) deliver(reader)
    },
  }
}
