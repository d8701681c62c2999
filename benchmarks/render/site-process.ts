// Everything that the pages ask for, in a process of its own: their files, Keepstream's own server, and an origin for each
// of the peers that speaks as theirs does.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createHandler, createHub, memoryLog } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { answerCalls } from '../server/answers'
import { type DialectName, dialects } from './dialects'
import { type Said, sayTokens, written } from './pace'

const folder = process.argv[2]!

const html = (page: string) => `<!doctype html>
<meta charset="utf-8">
<title>${page}</title>
<link rel="icon" href="data:,">
<style>
  body { margin: 24px; font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 42rem; }
  .answer { white-space: pre-wrap; overflow-wrap: anywhere; }
</style>
<main></main>
<script type="module" src="/pages/${page}.js"></script>`

/** The other address of this machine is another origin to a browser, with connections of its own. */
function allow(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
  response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*')
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle).off('close', settle)
      resolve()
    }
    response.on('drain', settle).on('close', settle)
  })
}

async function answer(dialect: DialectName, said: Said, response: ServerResponse): Promise<void> {
  const { opening, token, ending } = dialects[dialect]
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  response.socket?.setNoDelay(true)
  response.write(opening)
  await sayTokens(said, (text, index) => {
    if (!response.write(token(text, index)) && !response.destroyed) return drained(response)
  })
  response.end(ending)
}

const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo

const hub = createHub({ log: memoryLog(), limits: { streamEntries: 1e6, streamBytes: 2 ** 30 } })
const keepstream = toNodeListener(
  createHandler(
    hub,
    { '/keepstream': ({ input, text }) => sayTokens(input as Said, (token) => text(token)) },
    { origins: [`http://127.0.0.1:${port}`, `http://localhost:${port}`] },
  ),
)

server.on('request', async (request, response) => {
  const [, first = '', second = '', ...rest] = request.url!.split(/[/?]/)
  if (first === 'keepstream') return void keepstream(request, response)
  allow(request, response)
  request.resume()
  if (request.method === 'OPTIONS') return void response.end()
  if (first === 'show') {
    response.setHeader('content-type', 'text/html').end(html(second))
  } else if (first === 'pages') {
    const file = await readFile(join(folder, second, ...rest))
    response.setHeader('content-type', 'text/javascript').end(file)
  } else if (first === 'clock') {
    response.end(String(performance.now()))
  } else if (rest.at(-1) === 'threads') {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ thread_id: 'thread' }))
  } else if (first in dialects) {
    const [count, pace] = rest.map(Number) as [number, number]
    await answer(first as DialectName, { run: second, count, pace }, response)
  } else {
    response.writeHead(404).end()
  }
})
export const siteCalls = {
  port: async () => port,
  /** When it wrote each token of a run. */
  async written(run: string) {
    const times = written.get(run)
    written.delete(run)
    return times && [...times]
  },
}

answerCalls(siteCalls)
