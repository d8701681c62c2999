import { once } from 'node:events'
import { createServer } from 'node:http'
import { createStream, json, type Protocol, topic as topicProtocol } from '@keepstream/core'
import { createParser } from '@keepstream/core/sse'
import { createHandler, createHub, memoryLog, topic } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { expect } from 'vitest'
import { type RoutesLine, routesLine } from './routes-line'
import { chapter } from './table'
import { until } from './until'

const fault = chapter(import.meta.filename, 'Topics', { keepstream: 'Keepstream' })

const path = '/api/news'
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

/** A stream that reads a topic, and what it has. */
function read<TPart, TData>(url: string, protocol: Protocol<TPart, TData>, show: (data: TData) => readonly unknown[]) {
  const stream = createStream<TPart, TData>({
    url,
    method: 'GET',
    protocol,
    // On a busy machine a whole attempt may fit between two cuts, again and again.
    retry: { baseDelay: 5, maxDelay: 50, maxRetries: 1_000 },
    schedule: (notify) => notify(),
  })
  void stream.start()
  return { stream, seen: () => show(stream.get().data), opened: () => stream.get().connection.state === 'open' }
}

/** A client of a topic, with what was published, in order, and why something is missing in between. */
const follow = (url: string) =>
  read(url, topicProtocol({ keep: 1_000 }), ({ items }) =>
    items.map((item) => (item.type === 'gap' ? item.reason : item.data)),
  )

/** The same for who cares for nothing but the messages. */
const plain: Protocol<unknown, readonly unknown[]> = {
  ...json(undefined, {
    events: ['count'],
    initial: () => [],
    reduce: (before: readonly unknown[], item) => [...before, item],
  }),
  durable: true,
}

const followPlainly = (url: string) => read(url, plain, (data) => data)

/** The same of a native `EventSource`: it comes back with its last id, whatever its address says, and knows nothing else. */
async function native(url: string, seen: unknown[], signal: AbortSignal): Promise<void> {
  let id = ''
  while (!signal.aborted) {
    try {
      const response = await fetch(url, { headers: id ? { 'last-event-id': id } : {}, signal })
      const parser = createParser()
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        for (const frame of parser.feed(chunk)) {
          id = frame.id ?? id
          if (frame.event === 'count') seen.push(JSON.parse(frame.data))
        }
      }
    } catch {
      await wait(5)
    }
  }
}

async function flapping(line: RoutesLine, work: () => Promise<void>): Promise<number> {
  let cuts = 0
  const timer = setInterval(() => {
    cuts++
    line.proxy.cut()
  }, 40)
  await work().finally(() => clearInterval(timer))
  return cuts
}

fault('a reset every 40 ms while messages are published', {
  keepstream: [
    'every reader gets each of them once, in order',
    async () => {
      const news = topic()
      await using line = await routesLine({ [path]: news })
      const clients = [1, 2, 3].map(() => follow(line.at(path)))
      const others = [followPlainly(line.at(path)), followPlainly(line.at(path))]
      const leave = new AbortController()
      const heard: unknown[] = []
      const listening = native(line.at(path), heard, leave.signal)
      await until(() => line.hub.counts().readers, 6)
      const all = [...clients, ...others]
      await until(() => all.every(({ opened }) => opened()), true)
      const total = 300
      const cuts = await flapping(line, async () => {
        for (let index = 1; index <= total; index++) {
          await news.publish('count', index)
          await wait(2)
        }
      })
      for (const { seen } of all) await until(() => seen().length, total)
      await until(() => heard.length, total)
      expect([...all.map(({ seen }) => seen()), heard]).toEqual(Array(6).fill(upTo(total)))
      expect(cuts).toBeGreaterThan(5)
      for (const { stream } of all) stream.detach()
      leave.abort()
      await listening
      await line.settled()
      return 'six readers, none lost, none twice'
    },
  ],
})

fault('a reader that was away while more was published than is kept', {
  keepstream: [
    'is told by `reset`, and goes on from what is there',
    async () => {
      const news = topic({ keep: 10 })
      await using line = await routesLine({ [path]: news })
      const client = follow(line.at(path))
      await until(client.opened, true)
      await news.publish('count', 1)
      await until(() => client.seen().length, 1)
      await line.proxy.refuse()
      line.proxy.cut()
      for (let index = 2; index <= 50; index++) await news.publish('count', index)
      await line.proxy.restore()
      await until(() => client.seen().at(-1), 50)
      expect(client.seen()).toEqual([1, 'evicted', ...upTo(50).slice(-10)])
      client.stream.detach()
      await line.settled()
      return 'the newest ten'
    },
  ],
})

fault('the server comes back with nothing of what was', {
  keepstream: [
    'readers are told that it is another life, and go on with it',
    async () => {
      const first = topic()
      await using line = await routesLine({ [path]: first })
      const client = follow(line.at(path))
      await until(client.opened, true)
      for (let index = 1; index <= 3; index++) await first.publish('count', index)
      await until(() => client.seen().length, 3)

      const second = topic()
      const hub = createHub({ log: memoryLog(), retry: { min: 20, max: 20 } })
      const server = createServer(toNodeListener(createHandler(hub, { [path]: second })))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      await second.publish('count', 'new')
      line.proxy.retarget(`http://127.0.0.1:${(server.address() as { port: number }).port}`)
      line.proxy.cut()
      await until(() => client.seen(), [1, 2, 3, 'epoch', 'new'])
      client.stream.detach()
      await line.settled()
      await hub.close({ drainTimeout: 1 })
      server.closeAllConnections()
      server.close()
      return '`reset` `epoch`'
    },
  ],
})

fault('a reader that takes nothing while twenty megabytes are published', {
  keepstream: [
    'the others get everything; for it nothing is held but the topic, of which it gets the newest messages',
    async () => {
      const news = topic({ keep: 50 })
      await using line = await routesLine({ [path]: news })
      const stuck = await fetch(line.at(path))
      const client = follow(line.at(path))
      await until(client.opened, true)
      await until(() => line.hub.counts().readers, 2)
      const total = 1_000
      for (let index = 1; index <= total; index++) {
        await news.publish('count', { index, filling: 'x'.repeat(20_000) })
        if (index % 10 === 0) await until(() => client.seen().length, index)
      }
      const got: number[] = []
      let resets = 0
      const parser = createParser()
      for await (const chunk of stuck.body as unknown as AsyncIterable<Uint8Array>) {
        for (const { event, data } of parser.feed(chunk)) {
          if (event === 'reset') resets += (JSON.parse(data) as { reason: string }).reason === 'evicted' ? 1 : 100
          if (event === 'count') got.push((JSON.parse(data) as { index: number }).index)
        }
        if (got.at(-1) === total) break
      }
      // What the connection had taken, then the hole that it was told of, then the newest without another.
      const hole = got.findIndex((index, at) => index !== at + 1)
      expect([resets, got.slice(0, hole)]).toEqual([1, upTo(hole)])
      expect(got.slice(hole)).toEqual(upTo(total).slice(-(got.length - hole)))
      expect(got.length - hole).toBeLessThanOrEqual(50)
      client.stream.detach()
      await line.settled()
      return 'all; `reset` `evicted`'
    },
  ],
})
