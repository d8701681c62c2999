// What `@microsoft/fetch-event-source` and our own transport make of a broken connection: the figures of
// docs/decisions/0002. Ten tokens with ids; the fault comes after the fifth. Run: tsx --conditions=@keepstream/source transports.ts
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createStream, END, type Protocol } from '@keepstream/core'
import { format } from '@keepstream/core/sse'
import { createFaultProxy } from '@keepstream/testing'
import { fetchEventSource } from '@microsoft/fetch-event-source'

const tokens = Array.from('0123456789')

/** Writes the tokens after the client's position; `pause` holds them back before the one with that number. */
function answer(request: IncomingMessage, response: ServerResponse, pause: number): void {
  const position = Number(request.headers['last-event-id'] ?? -1)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const [index, data] of tokens.entries()) {
    if (index === pause && position < 0) return
    if (index > position) response.write(format({ id: String(index), data }))
  }
  response.end(format({ id: '10', event: 'done', data: '' }))
}

interface Fault {
  readonly name: string
  /** Answers attempt number `attempt`, counted from 1. */
  readonly serve: (attempt: number, request: IncomingMessage, response: ServerResponse) => void
}

const cutAt =
  (how: 'reset' | 'close', extra: string): Fault['serve'] =>
  (attempt, request, response) => {
    answer(request, response, 5)
    if (attempt > 1) return
    response.write(extra)
    // The bytes must be with the client before the reset is: a reset overtakes what is still on its way.
    setTimeout(() => (how === 'reset' ? response.socket?.resetAndDestroy() : response.end()), 100)
  }

const faults: readonly Fault[] = [
  { name: 'reset between events', serve: cutAt('reset', '') },
  { name: 'reset inside an event', serve: cutAt('reset', 'id: 5\ndata: 5\n') },
  { name: 'clean close without a terminal event', serve: cutAt('close', '') },
  {
    name: '503 with Retry-After at the first attempt',
    serve(attempt, request, response) {
      if (attempt > 1) answer(request, response, -1)
      else response.writeHead(503, { 'retry-after': '1' }).end()
    },
  },
  { name: 'silence', serve: (_attempt, request, response) => answer(request, response, 5) },
  {
    name: 'terminal event, socket stays open',
    serve(_attempt, _request, response) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const [index, data] of tokens.entries()) response.write(format({ id: String(index), data }))
      response.write(format({ id: '10', event: 'done', data: '' }))
    },
  },
]

/** Reads to the end and says what it has and how it ended; `undefined` as the status while it has not. */
interface Reading {
  text: string
  status: string | undefined
}

type Client = (url: string, signal: AbortSignal, reading: Reading) => Promise<void>

const numbered: Protocol<string, string> = {
  name: 'numbered',
  accept: 'text/event-stream',
  terminated: true,
  durable: false,
  initial: () => '',
  reduce: (text, token) => text + token,
  decode: ({ event, data }) => (event === 'done' ? END : [data]),
}

const clients: Readonly<Record<string, Client>> = {
  async keepstream(url, signal, reading) {
    const stream = createStream({ url, method: 'GET', protocol: numbered, clocks: { stall: 1_000 } })
    signal.addEventListener('abort', stream.reset)
    const { status, data } = await stream.resume()
    Object.assign(reading, { status, text: data })
    stream.reset()
  },
  // As its documentation shows it, with hidden tabs left alone.
  async 'fetch-event-source'(url, signal, reading) {
    await fetchEventSource(url, {
      signal,
      openWhenHidden: true,
      onmessage({ event, data }) {
        if (event !== 'done') reading.text += data
      },
    })
    if (!signal.aborted) reading.status = 'done'
  },
}

async function run({ serve }: Fault, client: Client): Promise<string> {
  let attempts = 0
  const server = createServer((request, response) => serve(++attempts, request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await createFaultProxy({ target: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const reading: Reading = { text: '', status: undefined }
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), 8_000)
  const late = new Promise((resolve) => deadline.signal.addEventListener('abort', resolve))
  await Promise.race([late, client(proxy.url, deadline.signal, reading).catch(() => {})])
  clearTimeout(timer)
  const { text, status } = { ...reading }
  deadline.abort()
  await proxy.close()
  server.closeAllConnections()
  server.close()
  const right = text === tokens.join('') && status === 'done'
  return `${right ? 'right' : 'WRONG'}: ${text || 'nothing'}, ${status ?? 'has not ended after 8 s'}`
}

// fetch-event-source needs both to end at all outside a browser.
const page = { hidden: false, addEventListener() {}, removeEventListener() {} }
Object.assign(globalThis, { window: globalThis, document: page })

const table: Record<string, Record<string, string>> = {}
for (const fault of faults) {
  const row: Record<string, string> = {}
  for (const [name, client] of Object.entries(clients)) row[name] = await run(fault, client)
  table[fault.name] = row
}
console.table(table)
process.exit()
