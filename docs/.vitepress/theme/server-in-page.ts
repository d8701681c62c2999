// The whole server of the live examples, in the page: the same hub, log and handler that run in Node, asked through `fetch`.
import type { Handler, Hub, ProducerContext } from '@keepstream/server'
import { onScopeDispose } from 'vue'
import { createReport } from './scripted-report'
import { speak } from './scripted-speech'

export interface PageServer {
  /** What a stream of the page calls instead of the global `fetch`. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Breaks every connection that is open. */
  readonly cut: () => void
  /** How often a model was asked since `forget`. */
  readonly calls: () => number
  /** What the models have said since `forget`. */
  readonly said: () => string
  readonly forget: () => void
}

/** A server for one example, which begins with the first question and ends with its component. */
export function usePageServer(): PageServer {
  const open = new Set<() => void>()
  let calls = 0
  let said = ''
  let running: Promise<{ readonly hub: Hub; readonly handler: Handler }> | undefined

  async function produce({ text, signal, input }: ProducerContext): Promise<void> {
    calls++
    for await (const token of speak(input, calls, signal)) {
      said += token
      await text(token)
    }
  }

  async function run() {
    // Nobody loads a server who only reads the page.
    const { createHandler, createHub, memoryLog, task } = await import('@keepstream/server')
    const hub = createHub({ log: memoryLog(), heartbeat: 5_000, retry: { min: 600, max: 900 } })
    return { hub, handler: createHandler(hub, { '/api/chat': produce, '/api/reports': task(createReport) }) }
  }

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

  onScopeDispose(async () => (await running)?.hub.close({ drainTimeout: 0 }))

  return {
    async fetch(url, init) {
      running ??= run()
      const { handler } = await running
      const response = await handler(new Request(url, init))
      return response.body ? new Response(breakable(response.body), response) : response
    },
    cut() {
      for (const fail of [...open]) fail()
    },
    calls: () => calls,
    said: () => said,
    forget() {
      calls = 0
      said = ''
    },
  }
}
