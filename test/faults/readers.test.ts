// Above 150 lines: raw readers need some code each.
import { connect } from 'node:net'
import { createParser } from '@keepstream/core/sse'
import { expect } from 'vitest'
import { after, type KeepstreamLine, keepstreamLine } from './harness'
import { chapter } from './table'
import { until } from './until'
import { chunk, events, hello, location, serveWire, word } from './wire'

const fault = chapter(import.meta.filename, 'Readers that are slow, gone, or ask for the impossible')

const mebibyte = 1_048_576

/** An answer of 12 MB, made at the pace that the log allows: more than all buffers of the system on the way. */
const long = {
  async produce({ text }: { text: (piece: string) => void | Promise<void> }) {
    for (let count = 0; count < 200; count++) {
      await text('x'.repeat(60_000))
      await new Promise((resolve) => setImmediate(resolve))
    }
  },
}

async function slowLoop(side: 'keepstream' | 'openai'): Promise<string> {
  const piece = 'x'.repeat(4_000)
  let sent = 0
  await using wire = await serveWire(async (response) => {
    events(response, location).write(side === 'keepstream' ? hello(0) : '')
    const gone = new Promise((resolve) => response.once('close', resolve))
    for (let seq = 1; sent < 64 * mebibyte && !response.destroyed; seq++) {
      const bytes = side === 'keepstream' ? word(seq, piece) : chunk(piece)
      sent += bytes.length
      if (!response.write(bytes)) await Promise.race([gone, new Promise((resolve) => response.once('drain', resolve))])
    }
  })
  const client = wire[side]({ clocks: { stall: 200 } })
  for await (const _ of client.ask()) {
    // Longer than the stall clock: a loop that takes its time is not the server's fault.
    let before = -1
    await until(() => {
      const calm = sent === before
      before = sent
      return calm
    }, true)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(sent).toBeLessThan(8 * mebibyte)
    break
  }
  expect(client.drops).toEqual([])
  client.stream.detach()
  await until(wire.open, 0)
  return 'at most 8 MiB ahead'
}

fault('a `for await` that takes its time, and a server that could send 64 MiB', {
  keepstream: ['slows the server, and no clock runs meanwhile', () => slowLoop('keepstream')],
  bare: ['slows the server, and no clock runs meanwhile', () => slowLoop('openai')],
})

fault('two readers, one leaves', {
  keepstream: [
    'the other one and the answer are unaffected',
    async () => {
      await using line = await keepstreamLine({ tokensPerSecond: 100 })
      const url = new URL((await start(line)).headers.get('location')!, line.direct).href
      const first = line.open({ url, method: 'GET' })
      await first.reads(after(2))
      const second = line.open({ url, method: 'GET' })
      await second.reads(after(4))
      first.stream.detach()
      await until(() => line.hub.counts().readers, 1)
      await until(() => second.stream.get().status, 'done')
      expect(second.stream.get().data).toEqual(await line.whole())
      expect(line.model.ledger.map(({ outcome }) => outcome)).toEqual(['finished'])
      await line.settled()
      return 'done, one call'
    },
  ],
})

function rawReader(line: KeepstreamLine, path: string) {
  const socket = connect({ port: Number(new URL(line.direct).port), host: '127.0.0.1' })
  socket.on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`)
  socket.pause()
  return socket
}

const start = (line: KeepstreamLine, init: RequestInit = {}) =>
  fetch(line.direct, {
    method: 'POST',
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Tell me.' }] }),
    ...init,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
  })

fault('readers that never read', {
  keepstream: [
    'cost 128 KiB at most each, and others do not feel them',
    async () => {
      await using line = await keepstreamLine(long)
      const path = (await start(line)).headers.get('location')!
      const stuck = Array.from({ length: 10 }, () => rawReader(line, path))
      await until(() => line.hub.counts().readers, 10)
      const reader = line.open({ url: new URL(path, line.direct).href, method: 'GET' })
      await until(() => reader.stream.get().status, 'done')
      expect(reader.text()).toHaveLength(12_000_000)
      const held = [...line.responses].map((response) => response.writableLength)
      expect(held.length).toBe(10)
      expect(Math.max(...held), 'bytes that wait in this process').toBeLessThanOrEqual(131_072)
      expect(Math.max(...held), 'they are stuck').toBeGreaterThan(0)
      for (const socket of stuck) socket.destroy()
      await line.settled()
      return '128 KiB each at most'
    },
  ],
})

fault('a reader that takes no byte, beside one of 4 MB a second', {
  keepstream: [
    'its connection is destroyed and its place freed; the slow one stays',
    async () => {
      await using line = await keepstreamLine({ ...long, hub: { limits: { stallTimeout: 1_500 } } })
      const path = (await start(line)).headers.get('location')!
      const stuck = rawReader(line, path)
      await until(() => line.hub.counts().readers, 1)
      line.proxy.throttle(4_000_000)
      const slow = line.open({ url: new URL(path, line.url).href, method: 'GET' })
      await until(() => line.hub.counts().readers, 2)
      await until(() => line.hub.counts().readers, 1)
      expect([stuck.readableEnded, slow.stream.get().status]).toEqual([false, 'streaming'])
      await until(() => slow.stream.get().status, 'done')
      expect([slow.text().length, slow.drops]).toEqual([12_000_000, []])
      stuck.destroy()
      await line.settled()
      return 'freed; done at one connection'
    },
  ],
})

fault('POST bodies that never end, a hundred of them', {
  keepstream: [
    'others do not feel them, and each is told so in time and closed',
    async () => {
      await using line = await keepstreamLine({ hub: { limits: { bodyTimeout: 1_000 } } })
      const half =
        'POST /api/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"messages":'
      const slow = Array.from({ length: 100 }, () => {
        const socket = connect({ port: Number(new URL(line.direct).port), host: '127.0.0.1' })
        socket.on('error', () => {})
        socket.write(half)
        let said = ''
        socket.on('data', (bytes) => {
          said += bytes
        })
        return new Promise<string>((resolve) => socket.once('close', () => resolve(said)))
      })
      await until(() => line.responses.size, 100)
      expect(await line.open().ask()).toMatchObject({ status: 'done', data: await line.whole() })
      const statuses = (await Promise.all(slow)).map((said) => said.split(' ')[1])
      expect(new Set(statuses)).toEqual(new Set(['408']))
      await line.settled()
      expect(line.model.calls).toBe(1)
      return '408 each; done, one call'
    },
  ],
})

interface Asked {
  readonly header?: string
  readonly query?: string
  /** The reason of the reset, `resumed` with the first event that follows, or a status. */
  readonly answer: string
}

fault('positions of another life, ahead, malformed, of 8 KB, with NUL', {
  keepstream: [
    'each is answered as R16 of PROTOCOL.md says',
    async () => {
      await using line = await keepstreamLine({ answer: 'One two three four.' })
      const path = (await start(line)).headers.get('location')!
      await line.model.idle()
      await until(() => line.hub.counts().generations, 0)
      const all = await (await fetch(new URL(path, line.direct), { headers: { accept: 'text/event-stream' } })).text()
      const frames = createParser().feed(all)
      const epoch = frames[0]!.id!.split('-')[0]!
      const last = Number(frames.at(-1)!.id!.split('-')[1])
      const asked: readonly Asked[] = [
        { header: `${epoch}-0`, answer: `resumed ${epoch}-1` },
        { header: `${epoch}-2`, answer: `resumed ${epoch}-3` },
        { header: `${epoch}-1..2`, answer: `resumed ${epoch}-3` },
        { header: `${epoch}-${last - 1}`, answer: `resumed ${epoch}-${last}` },
        { header: `${epoch}-${last}`, answer: '204' },
        { header: `${epoch}-${last + 1}`, answer: 'ahead' },
        { header: `${epoch}-999999999999999`, answer: 'ahead' },
        { header: 'zyxwvu-2', answer: 'epoch' },
        { header: 'nonsense', answer: 'unknown' },
        { header: `${epoch}--1`, answer: 'unknown' },
        { header: `${epoch}-1e3`, answer: 'unknown' },
        { header: `${epoch}-2..1`, answer: 'unknown' },
        { header: 'x'.repeat(8_000), answer: 'unknown' },
        { query: 'after=%00', answer: 'unknown' },
        { query: `after=${epoch}-2%0D%0Aevent:%20end`, answer: 'unknown' },
        { query: `after=${epoch}-2`, answer: `resumed ${epoch}-3` },
        { query: `after=${epoch}-1`, header: `${epoch}-2`, answer: `resumed ${epoch}-3` },
        { query: `after=${epoch}-2`, header: 'nonsense', answer: 'unknown' },
        { query: 'from=now', answer: '204' },
        { query: 'from=yesterday', answer: '400' },
      ]
      for (const { header, query, answer } of asked) {
        const response = await fetch(new URL(`${path}?${query ?? ''}`, line.direct), {
          headers: { accept: 'text/event-stream', ...(header !== undefined && { 'last-event-id': header }) },
        })
        const label = `${header?.slice(0, 40)} ${query}`
        const body = await response.text()
        if (response.status !== 200) {
          expect(String(response.status), label).toBe(answer)
          continue
        }
        const [first, second] = createParser().feed(body)
        const resumed = (JSON.parse(first!.data) as { resumed: boolean }).resumed
        const said = resumed
          ? `resumed ${second!.id!.split('..')[0]}`
          : second!.event === 'reset'
            ? (JSON.parse(second!.data) as { reason: string }).reason
            : 'fresh'
        expect(said, label).toBe(answer)
        // After a reset the whole of what there is follows.
        if (!resumed)
          expect(body.slice(body.indexOf(`id: ${epoch}-1`)), label).toBe(all.slice(all.indexOf(`id: ${epoch}-1`)))
      }
      expect((await fetch(new URL('/api/chat/streams/unknown', line.direct))).status).toBe(404)
      return 'as written'
    },
  ],
})
