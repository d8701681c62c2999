import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer, bareLine, keepstreamLine } from '../faults/harness'

/** Everything that the portable script asks. */
export async function serve() {
  const lines = await Promise.all([
    keepstreamLine(),
    // Slow enough for an event of its own for nearly each token: a flood would be joined, and over before the cut.
    keepstreamLine({ tokensPerSecond: 50 }),
    keepstreamLine({ tokensPerSecond: 5 }),
    bareLine(),
  ])
  const [cut, polled, stopped, openai] = lines
  const plain = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
    // In the middle of a character.
    const bytes = Buffer.from(answer)
    response.write(bytes.subarray(0, 20))
    setTimeout(() => response.end(bytes.subarray(20)), 20)
  })
  plain.listen(0, '127.0.0.1')
  await once(plain, 'listening')
  // Past the head and the first events; before the end, which comes some 200 bytes later.
  await cut.proxy.cutAfter({ bytes: 1_000 })
  return {
    addresses: {
      cut: cut.url,
      polled: polled.url,
      stopped: stopped.url,
      openai: openai.url,
      plain: `http://127.0.0.1:${(plain.address() as AddressInfo).port}`,
    },
    /** How often each model was asked. */
    calls: () => lines.map(({ model }) => model.calls),
    async [Symbol.asyncDispose]() {
      plain.closeAllConnections()
      plain.close()
      await Promise.all(lines.map((line) => line[Symbol.asyncDispose]()))
    },
  }
}

export type Addresses = Awaited<ReturnType<typeof serve>>['addresses']

/** What every runtime has to report. */
export const report = {
  keepstream: { status: 'done', text: answer, attempts: 2 },
  polled: { status: 'done', text: answer, attempts: 1 },
  stopped: { acknowledged: true, status: 'stopped' },
  openai: { status: 'done', text: answer, attempts: 1 },
  text: { status: 'done', text: answer, attempts: 1 },
  parsed: [{ event: 'text', id: '7', data: '안녕\n👋' }],
}
