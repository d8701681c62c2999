import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { keepstream } from '@keepstream/core'
import { createParser } from '@keepstream/core/sse'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { type ServerProcess, useServerProcess } from './child-process'
import { observe } from './observed'
import { chapter } from './table'
import { until } from './until'

const start = useServerProcess('drain-process.ts')
const fault = chapter(import.meta.filename, 'A server that is shut down', { keepstream: 'Keepstream' })

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1} `).join('')
const address = ({ ports }: ServerProcess, path: string) => `http://127.0.0.1:${ports[0]}${path}`
/** As every client does: a server that goes may close a connection over which a request is on its way. */
async function insist(url: string, init?: RequestInit): Promise<Response> {
  for (;;) {
    const response = await fetch(url, init).catch((error: unknown) => {
      if (!(error instanceof TypeError)) throw error
    })
    if (response) return response
  }
}

const probe = async ({ ports }: ServerProcess, path: string) =>
  (await insist(`http://127.0.0.1:${ports[1]}${path}`)).status

async function drains(server: ServerProcess): Promise<void> {
  while ((await probe(server, '/readyz')) !== 503);
}

function reader(server: ServerProcess, count: number) {
  return observe(
    {
      url: address(server, '/api/count'),
      protocol: keepstream(),
      retry: { baseDelay: 10, maxDelay: 50 },
    },
    () => count,
  )
}

/** A connection that is kept alive after its first answer, as those of proxies and browsers are. */
async function keepAlive(server: ServerProcess, agent: Agent): Promise<void> {
  const sent = request(address(server, '/nowhere'), { agent }).end()
  const [response] = await once(sent, 'response')
  response.resume()
  await once(response, 'end')
}

const post = (server: ServerProcess, count: number) =>
  insist(address(server, '/api/count'), {
    method: 'POST',
    body: String(count),
    headers: { 'content-type': 'application/json' },
  })

fault('SIGTERM under load, with connections that are kept alive for nothing', {
  keepstream: [
    '[R46 R100 R102] every answer comes to its end, new requests are sent away, and the process exits in time',
    async () => {
      const server = await start({ DRAIN_TIMEOUT: '10000' })
      const agent = new Agent({ keepAlive: true })
      await Promise.all(Array.from({ length: 20 }, () => keepAlive(server, agent)))
      const readers = Array.from({ length: 60 }, () => reader(server, 75))
      const runs = readers.map((each) => each.ask())
      await until(() => readers.every((each) => each.text() !== ''), true)
      expect(await probe(server, '/readyz')).toBe(200)
      const began = performance.now()
      server.signal('SIGTERM')
      await drains(server)
      expect(await probe(server, '/healthz')).toBe(200)
      const refused = await post(server, 1)
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
      const snapshots = await Promise.all(runs)
      for (const { status, data } of snapshots) expect([status, data.text]).toEqual(['done', numbers(75)])
      expect(readers.flatMap(({ drops }) => drops)).toEqual([])
      const { code, at } = await server.exited
      expect(code).toBe(0)
      expect(at - began).toBeLessThan(10_000)
      agent.destroy()
      return 'done, none cut, exit 0'
    },
  ],
})

fault('SIGTERM, and an answer that takes longer than the drain', {
  keepstream: [
    '[R46 R102] its readers are told that it is `lost`, over both transports, and the process exits',
    async () => {
      const server = await start({ DRAIN_TIMEOUT: '500' })
      const response = await post(server, 10_000)
      const socket = new WebSocket(`ws://127.0.0.1:${server.ports[0]}/api/socket`, ['keepstream.v1'])
      await once(socket, 'open')
      const heard: string[] = []
      socket.on('message', (data) => heard.push(String(data)))
      socket.send(JSON.stringify({ type: 'start', id: 1, route: '/api/count', input: 10_000 }))
      const closed = once(socket, 'close')
      await until(
        () => heard.length,
        (length) => length > 2,
      )
      const began = performance.now()
      server.signal('SIGTERM')
      const events = createParser().feed(new Uint8Array(await response.arrayBuffer()))
      expect(events.at(-1)).toMatchObject({ event: 'end' })
      expect(JSON.parse(events.at(-1)!.data)).toMatchObject({ state: 'lost', code: 'shutdown' })
      expect((await closed)[0]).toBe(1012)
      expect(heard.some((message) => message.includes('\\"lost\\"'))).toBe(true)
      const { code, at } = await server.exited
      expect(code).toBe(0)
      expect(at - began).toBeLessThan(500 + 10_000)
      return 'lost, socket closed with 1012, exit 0'
    },
  ],
})

fault('a second signal', {
  keepstream: [
    '[R102] ends the process at once',
    async () => {
      const server = await start({ DRAIN_TIMEOUT: '60000' })
      const response = await post(server, 10_000)
      server.signal('SIGTERM')
      await drains(server)
      server.signal('SIGTERM')
      expect((await server.exited).code).toBe(1)
      await response.body?.cancel().catch(() => undefined)
      return 'exit 1'
    },
  ],
})
