// Above 150 lines: what people send who mean harm, on two kinds of connection.
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { createParser } from '@keepstream/core/sse'
import type { Producer } from '@keepstream/server'
import { array, assert, asyncProperty, constantFrom, record } from 'fast-check'
import { expect } from 'vitest'
import WebSocket, { type ClientOptions } from 'ws'
import { type Guarded, guarded } from './guarded'
import { chapter } from './table'
import { until } from './until'
import { transports } from './websocket-line'

const fault = chapter(import.meta.filename, 'Abuse', transports)

const greet: Producer = ({ text }) => text('Hello')

/** Somebody who means no harm gets a whole answer. */
async function expectServed(server: Guarded, headers: Record<string, string> = {}): Promise<void> {
  const response = await server.start({ accept: 'text/event-stream', ...headers })
  const events = createParser().feed(await response.text())
  expect(events.map(({ event }) => event)).toEqual(['hello', 'text', 'end'])
}

/** An answer that goes on until it may end. */
function holding(): { readonly produce: Producer; readonly open: () => void } {
  let open!: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { produce: () => opened, open }
}

fault('heads and bodies that never come to their end, a thousand of them', {
  fetch: [
    'others do not feel them, and each is told so in time and closed',
    async () => {
      await using server = await guarded({
        produce: greet,
        headersTimeout: 1_000,
        hub: { limits: { bodyTimeout: 1_000 } },
      })
      const head = 'POST /api/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
      const slow = Array.from({ length: 1000 }, (_, index) =>
        server.raw(index % 2 ? head : `${head}content-length: 1000\r\n\r\n{"x":`),
      )
      await Promise.all(slow.map(({ socket }) => once(socket, 'connect')))
      await expectServed(server)
      const said = await Promise.all(slow.map(({ closed }) => closed))
      expect(new Set(said.map((text) => text.split('\r\n')[0]!.slice(0, 12)))).toEqual(new Set(['HTTP/1.1 408']))
      await expectServed(server)
      await server.settled()
      return '408 each'
    },
  ],
  webSocket: 'the handshake is such a head; for a message there is `maxPayload`',
})

fault('heads above 16 KiB, two hundred at once', {
  fetch: [
    'are told 431, and others do not feel them',
    async () => {
      await using server = await guarded({ produce: greet })
      const bomb = `GET /api/chat HTTP/1.1\r\nhost: x\r\n${`x-filler: ${'y'.repeat(1000)}\r\n`.repeat(20)}\r\n`
      const bombs = Array.from({ length: 200 }, () => server.raw(bomb))
      await expectServed(server)
      for (const said of await Promise.all(bombs.map(({ closed }) => closed))) expect(said).toMatch(/^HTTP\/1\.1 431 /)
      await server.settled()
      return '431 each'
    },
  ],
  webSocket: 'the handshake is such a head',
})

fault('bodies of a few KB that unpack to 10 MB', {
  fetch: [
    'are told 415, and nothing is unpacked',
    async () => {
      await using server = await guarded({ produce: greet })
      const packed = gzipSync(`"${'x'.repeat(10_000_000)}"`)
      expect(packed.length).toBeLessThan(20_000)
      const bomb = () => server.start({ 'content-encoding': 'gzip' }, { body: packed })
      for (const { status } of await Promise.all(Array.from({ length: 50 }, bomb))) expect(status).toBe(415)
      await expectServed(server)
      await server.settled()
      return '415 each'
    },
  ],
  webSocket: [
    'compression is refused: no extension is agreed upon',
    async () => {
      await using server = await guarded({ produce: greet })
      const { socket } = await open(server, { perMessageDeflate: true })
      expect(socket.extensions).toBe('')
      await close(socket)
      await server.settled()
      return 'no extension'
    },
  ],
})

fault('two hundred connections at once from one address', {
  fetch: [
    'as many as may get in, the others are told 429, and other addresses do not feel them',
    async () => {
      const { produce, open: finish } = holding()
      await using server = await guarded({
        produce: (context) => (context.input === 'greet' ? greet(context) : produce(context)),
        hub: { limits: { connectionsPerAddress: 4 } },
        handler: { trustProxy: 1 },
      })
      const location = (await server.start()).headers.get('location')!
      const from = (address: string) => ({ 'x-forwarded-for': address, accept: 'text/event-stream' })
      const flood = await Promise.all(
        Array.from({ length: 200 }, () => server.get(location, { headers: from('192.0.2.1') })),
      )
      await until(() => server.hub.counts().readers, 4)
      const statuses = flood.map(({ status }) => status)
      expect(new Set(statuses)).toEqual(new Set([200, 429]))
      for (const { status, headers } of flood) expect(headers.has('retry-after')).toBe(status === 429)
      const init = { body: '"greet"' }
      const other = await server.start(from('192.0.2.2'), init)
      expect([other.status, (await other.text()).includes('Hello')]).toEqual([201, true])
      expect((await server.start(from('192.0.2.1'), init)).status).toBe(429)
      finish()
      // Whoever was let in where there was no room any more was told so there.
      const ends = await Promise.all(
        flood
          .filter(({ status }) => status === 200)
          .map(async (response) => createParser().feed(await response.text())),
      )
      expect(ends.filter((events) => events.at(-1)!.event === 'end')).toHaveLength(4)
      for (const events of ends) expect(['end', 'bye']).toContain(events.at(-1)!.event)
      await server.settled()
      return '429 each'
    },
  ],
  webSocket: 'each stream of a socket counts as a connection: see "more connections than one user may have"',
})

/** What could end a line, a header or an event, in the places where a request carries text. */
const hostile = array(
  constantFrom(
    '%0d%0a',
    '%0a',
    '%0d',
    '%00',
    '%e2%80%a8',
    'set-cookie:%20x=1',
    'event:%20end',
    'data:%20{}',
    'id:',
    'x',
  ),
  { minLength: 1, maxLength: 6 },
).map((pieces) => pieces.join(''))

fault('line ends and NUL in ids, positions, keys and parameters', {
  fetch: [
    'are text, or refused: no header and no field of an event is forged',
    async () => {
      await using server = await guarded({ produce: greet })
      const started = await server.start()
      const location = started.headers.get('location')!
      await assert(
        asyncProperty(
          record({
            where: constantFrom(
              (text: string) => `${location}?after=${text}`,
              (text: string) => `${location}?from=${text}`,
              (text: string) => `${location}?wait=${text}`,
              (text: string) => `/api/chat/streams/${text}`,
              (text: string) => `${location}${text}`,
              (text: string) => `/${text}`,
            ),
            text: hostile,
            accept: constantFrom('text/event-stream', 'application/json', 'application/x-ndjson'),
          }),
          async ({ where, text, accept }) => {
            const response = await server.get(where(text), { headers: { accept } })
            expect([...response.headers.keys()]).not.toContain('set-cookie')
            expect(response.status).toBeLessThan(500)
            const body = await response.text()
            if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
              const events = createParser().feed(body)
              expect(events.filter(({ event }) => event === 'end')).toHaveLength(1)
              expect(['hello', 'reset', 'text', 'end']).toEqual(
                expect.arrayContaining(events.map(({ event }) => event)),
              )
            }
          },
        ),
        { numRuns: 200 },
      )
      for (const bytes of ['\r', '\n', '\0', '\r\nset-cookie: x=1']) {
        const request = `POST /api/chat HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\nidempotency-key: a${bytes}b\r\ncontent-length: 2\r\n\r\n{}`
        const said = await server.raw(request).closed
        expect(said.split('\r\n\r\n')[0]).not.toMatch(/set-cookie/i)
        expect(said).toMatch(/^HTTP\/1\.1 (400|201) /)
      }
      await server.settled()
      return 'nothing forged'
    },
  ],
  webSocket: 'fields of JSON, which hold any text; see "Fields that somebody tries to forge"',
})

interface Heard {
  readonly type: string
  readonly id?: number
}

async function open(server: Guarded, options: ClientOptions = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/socket`, 'keepstream.v1', options)
  const heard: Heard[] = []
  socket.on('error', () => {})
  socket.on('message', (data) => heard.push(JSON.parse(String(data)) as Heard))
  await once(socket, 'open')
  return { socket, heard }
}

async function close(socket: WebSocket): Promise<void> {
  socket.close()
  await once(socket, 'close')
}

const closed = async (socket: WebSocket) => ((await once(socket, 'close')) as [number])[0]

fault('a page of another origin', {
  fetch: [
    'is told 403 and starts nothing, and reads nothing with the cookies of its visitor',
    async () => {
      await using server = await guarded({ produce: greet, handler: { origins: ['https://chat.example'] } })
      const evil = { origin: 'https://evil.example', cookie: 'session=ann' }
      const location = (await server.start()).headers.get('location')!
      const answers = [
        await server.start(evil),
        await server.get(location, { headers: evil }),
        await server.get(`${location}/stop`, { method: 'POST', headers: evil }),
      ]
      for (const answer of answers) {
        expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null])
        expect(await answer.text()).not.toContain('Hello')
      }
      await server.settled()
      return '403 each'
    },
  ],
  webSocket: [
    'gets no socket',
    async () => {
      await using server = await guarded({ produce: greet, handler: { origins: ['https://chat.example'] } })
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/api/socket`, 'keepstream.v1', {
        origin: 'https://evil.example',
      })
      const [error] = (await once(socket, 'error')) as [Error]
      expect([error.message, server.sockets()]).toEqual(['Unexpected server response: 403', 0])
      await server.settled()
      return '403 in place of the upgrade'
    },
  ],
})

fault('a frame of 10 MB, a start in frames of one byte each, a start before `auth`, and no leave taken', {
  fetch: 'cannot happen: there are no frames',
  webSocket: [
    'is closed with 1009; is read; is closed with 4401; is forgotten',
    async () => {
      const authorize = ({ request, verb }: { readonly request: Request; readonly verb: string }) =>
        verb !== 'connect' || request.headers.get('x-user') ? { user: 'ann' } : undefined
      await using server = await guarded({ produce: greet, hub: { authorize } })
      const known = { headers: { 'x-user': 'ann' } }
      const start = (id: number) => JSON.stringify({ type: 'start', id, route: '/api/chat', input: {} })

      const large = await open(server, known)
      large.socket.send('x'.repeat(10_000_000))
      expect(await closed(large.socket)).toBe(1009)

      const drip = await open(server, known)
      const bytes = [...start(1)]
      for (const [index, byte] of bytes.entries()) drip.socket.send(byte, { fin: index === bytes.length - 1 })
      await until(() => drip.heard.some(({ type, id }) => type === 'closed' && id === 1), true)
      await close(drip.socket)

      const early = await open(server)
      early.socket.send(start(1))
      expect(await closed(early.socket)).toBe(4401)

      const rude = await open(server, known)
      rude.socket.terminate()
      await until(() => server.sockets(), 0)
      await server.settled()
      return '1009; done; 4401; nothing left'
    },
  ],
})
