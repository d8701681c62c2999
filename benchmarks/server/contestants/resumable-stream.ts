// `resumable-stream` over a publisher and subscriber in memory: without the Redis that it is made for, to its advantage. A
// reader is one of its listeners; who comes back says how many characters it has.
import { createAdaptorServer } from '@hono/node-server'
import { createResumableStreamContext } from 'resumable-stream/generic'
import { askedFor, type Contestant, eventOf, headers } from '../contestant'

function createMemory() {
  const values = new Map<string, string>()
  const listeners = new Map<string, (message: string) => void>()
  return {
    connect: async () => undefined,
    get: async (key: string) => values.get(key) ?? null,
    async set(key: string, value: string) {
      values.set(key, value)
      return 'OK' as const
    },
    async incr(key: string) {
      const value = Number(values.get(key) ?? 0) + 1
      values.set(key, String(value))
      return value
    },
    async publish(channel: string, message: string) {
      listeners.get(channel)?.(message)
      return 1
    },
    subscribe: async (channel: string, listener: (message: string) => void) => void listeners.set(channel, listener),
    unsubscribe: async (channel: string) => listeners.delete(channel),
  }
}

export async function resumableStream(): Promise<Contestant> {
  const memory = createMemory()
  const context = createResumableStreamContext({ waitUntil: null, publisher: memory, subscriber: memory })
  let source!: ReadableStreamDefaultController<string>
  /** Where each event begins, in characters. */
  const starts = [0]
  const live = await context.createNewResumableStream('live', () => {
    const start = (controller: ReadableStreamDefaultController<string>) => {
      source = controller
    }
    return new ReadableStream<string>({ start })
  })
  void live?.pipeTo(new WritableStream())

  async function handle(request: Request): Promise<Response> {
    const skip = starts[askedFor(request.headers.get('last-event-id'))] ?? 0
    const stream = await context.resumeExistingStream('live', skip)
    return new Response(stream?.pipeThrough(new TextEncoderStream()) ?? null, { headers })
  }

  return {
    server: createAdaptorServer({ fetch: handle }),
    path: '/',
    speaks: 'events',
    publish(text) {
      const event = eventOf(starts.length, text)
      starts.push(starts.at(-1)! + event.length)
      source.enqueue(event)
    },
  }
}
