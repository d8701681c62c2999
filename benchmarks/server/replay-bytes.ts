import { createHandler, createHub, memoryLog } from '@keepstream/server'

const words =
  'An answer is a stream of short words and of pieces of longer ones that arrive one after the other . '.split(' ')

/** The bytes of a late read of an answer, `hello` and `end` included, for each byte of its text. */
export async function measureReplayBytes(tokens: number): Promise<number> {
  const text = Array.from({ length: tokens }, (_, index) => `${words[index % words.length]} `)
  const hub = createHub({ log: memoryLog() })
  const handler = createHandler(hub, {
    async '/api/chat'(context) {
      for (const token of text) {
        context.text(token)
        // One in each turn of the event loop, as a model sends them.
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  })
  const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
  const live = await handler(new Request('http://localhost/api/chat', init))
  const location = live.headers.get('location')!
  await live.text()
  const late = await (await handler(new Request(`http://localhost${location}`))).arrayBuffer()
  await hub.close({ drainTimeout: 0 })
  return late.byteLength / Buffer.byteLength(text.join(''))
}
