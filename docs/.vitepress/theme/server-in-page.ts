// The whole server of the live examples, in the page: the same hub, log and handler that run in Node, asked through `fetch`.
import { createHandler, createHub, memoryLog, type ProducerContext } from '@keepstream/server'

/** Words that a model might say, a few characters at a time. */
const answer = `A stream breaks more often than one thinks: a train enters a tunnel, a laptop sleeps, a proxy closes what was quiet for a minute, a server is deployed.

This answer is written into a log as it comes. Whoever reads it holds a cursor into that log, and a connection that breaks costs nothing but the time to open another one: the reader says where it was, and reads on from there.

Press Cut as often as you like. Nothing is missing, nothing comes twice, and the model is asked once.`

export interface PageServer {
  /** What a stream of the page calls instead of the global `fetch`. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Breaks every connection that is open. */
  readonly cut: () => void
  /** How often the model was asked. */
  readonly calls: () => number
}

export function createPageServer(): PageServer {
  const open = new Set<() => void>()
  let calls = 0

  async function produce({ text, signal }: ProducerContext): Promise<void> {
    calls++
    for (const [token] of answer.matchAll(/\s*\S{1,6}/g)) {
      if (signal.aborted) return
      await text(token)
      await new Promise((resolve) => setTimeout(resolve, 45))
    }
  }

  const hub = createHub({ log: memoryLog(), heartbeat: 5_000, retry: { min: 600, max: 900 } })
  const handler = createHandler(hub, { '/api/chat': produce })

  /** The body as a network would bring it, which can break. */
  function breakable(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader()
    let fail = () => {}
    return new ReadableStream({
      start(controller) {
        fail = () => {
          open.delete(fail)
          controller.error(new TypeError('network error'))
          void reader.cancel()
        }
        open.add(fail)
      },
      async pull(controller) {
        const { done, value } = await reader.read()
        if (!open.has(fail)) return
        if (value) controller.enqueue(value)
        if (!done) return
        open.delete(fail)
        controller.close()
      },
      async cancel(reason) {
        open.delete(fail)
        await reader.cancel(reason)
      },
    })
  }

  return {
    async fetch(url, init) {
      const response = await handler(new Request(url, init))
      return response.body ? new Response(breakable(response.body), response) : response
    },
    cut() {
      for (const fail of [...open]) fail()
    },
    calls: () => calls,
  }
}
