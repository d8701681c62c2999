// Runs in a worker, dedicated or service: one answer for each message, told through the port that came with it.
import { createStream, keepstream } from '@keepstream/core'

addEventListener('message', (event) => {
  const { ports, waitUntil } = event as MessageEvent & { readonly waitUntil?: (work: Promise<unknown>) => void }
  const stream = createStream({ url: '/api/chat', protocol: keepstream(), retry: { baseDelay: 50 } })
  stream.subscribe(() => {
    const { status, data } = stream.get()
    ports[0]!.postMessage({ status, text: data.text })
  })
  const run = stream.start({ messages: [{ role: 'user', content: 'Tell me' }] })
  // A service worker that has nothing to do is ended.
  waitUntil?.call(event, run)
})
