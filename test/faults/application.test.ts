import { createStream, json, type StandardSchema } from '@keepstream/core'
import { createPool } from '@keepstream/core/pool'
import { afterAll, beforeAll, expect } from 'vitest'
import { after } from './harness'
import { chapter } from './table'
import { until } from './until'
import { expectWhole } from './verdict'
import { onBoth, serveSocketWire, socketTo, transports } from './websocket-line'
import { events, serveWire } from './wire'

const fault = chapter(import.meta.filename, 'What the application does', transports)

/** What was thrown where nobody catches; a page would show it in its console. */
const thrown: unknown[] = []
let listeners: NodeJS.UncaughtExceptionListener[] = []
beforeAll(() => {
  listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => thrown.push(error))
})
afterAll(() => {
  process.removeAllListeners('uncaughtException')
  for (const listener of listeners) process.on('uncaughtException', listener)
  expect(new Set(thrown.map(String))).toEqual(new Set(['Error: A listener of the application.']))
})

fault(
  'a listener that throws at each change, beside others, on a connection that is cut',
  onBoth('is reported where errors of the page go, and disturbs nobody', async (lineOf) => {
    await using line = await lineOf({ tokensPerSecond: 100 })
    const client = line.open()
    const own = new Error('A listener of the application.')
    client.stream.subscribe(() => {
      throw own
    })
    const other: string[] = []
    client.stream.subscribe(() => other.push(client.text()))
    const run = client.ask()
    await client.reads(after(5))
    line.proxy.cut()
    const snapshot = await run
    expect(other.at(-1)).toBe(snapshot.data.text)
    expect(thrown.filter((error) => error === own).length).toBeGreaterThan(5)
    return await expectWhole(line, client, snapshot)
  }),
)

fault(
  'stop while the stream waits in a queue',
  onBoth('takes it out of the queue; nothing is sent', async (lineOf) => {
    await using line = await lineOf({ tokensPerSecond: 100 })
    const via = [createPool({ limits: { model: [1, 1] } }).for('model')]
    const [first, second] = [line.open({ via }), line.open({ via })]
    const run = first.ask()
    await first.reads(after(2))
    const waiting = second.ask()
    await until(
      () => second.stream.get().connection,
      (connection) => connection.state === 'queued',
    )
    await second.stream.stop()
    expect((await waiting).status).toBe('stopped')
    return await expectWhole(line, first, await run)
  }),
)

fault(
  'detach while the stream waits in a queue, and coming back',
  onBoth('takes it out of the queue; `resume()` sends the one start', async (lineOf) => {
    await using line = await lineOf({ tokensPerSecond: 200 })
    const via = [createPool({ limits: { model: [1, 1] } }).for('model')]
    const [first, second] = [line.open({ via }), line.open({ via })]
    const run = first.ask()
    await first.reads(after(2))
    void second.ask()
    await until(
      () => second.stream.get().connection,
      (connection) => connection.state === 'queued',
    )
    second.stream.detach()
    expect(await run).toMatchObject({ status: 'done', data: { text: (await line.whole()).text } })
    expect(line.model.calls).toBe(1)
    expect(await second.stream.resume()).toMatchObject({ status: 'done', data: { text: (await line.whole()).text } })
    expect(line.model.calls).toBe(2)
    await line.settled()
    return 'done both, one call each'
  }),
)

fault(
  'stop and detach before anything was asked, twice, and after the end',
  onBoth('change nothing', async (lineOf) => {
    await using line = await lineOf()
    const client = line.open()
    await client.stream.stop()
    client.stream.detach()
    client.stream.detach()
    expect([client.stream.get().status, line.proxy.accepted]).toEqual(['idle', 0])
    const snapshot = await client.ask()
    client.stream.detach()
    await client.stream.stop()
    expect(client.stream.get()).toBe(snapshot)
    return await expectWhole(line, client, snapshot)
  }),
)

interface Price {
  readonly price: number
}

/** A validator as zod or valibot give one. */
const schema: StandardSchema<Price> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate(value) {
      const price = (value as Partial<Price> | undefined)?.price
      if (typeof price === 'number') return { value: { price } }
      return { issues: [{ message: 'Expected a number.', path: ['price'] }] }
    },
  },
}

const items = ['{"price":1}', '{"price":2}', '{"price":"dear"}', '{"price":4}']
const rejected = 'fails with the path of the field; what came before it is kept, and nothing is asked again'

/** The verdict on a stream of `items` whose third one does not fit. */
async function rejects(options: Pick<Parameters<typeof createStream>[0], 'url' | 'transport'>): Promise<string> {
  const stream = createStream({ ...options, protocol: json(schema), retry: { baseDelay: 5 } })
  const snapshot = await stream.start({})
  expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'decode' }, data: { count: 2 } })
  expect(snapshot.error!.message).toContain('price: Expected a number.')
  expect(snapshot.data.items).toEqual([{ price: 1 }, { price: 2 }])
  return 'failed `decode`, items kept, one request'
}

fault('a validator that rejects', {
  fetch: [
    rejected,
    async () => {
      await using wire = await serveWire((response) =>
        events(response).end(items.map((item) => `data: ${item}\n\n`).join('')),
      )
      const said = await rejects({ url: wire.url })
      expect(wire.requests).toHaveLength(1)
      return said
    },
  ],
  webSocket: [
    rejected,
    async () => {
      await using wire = await serveSocketWire((reply) =>
        reply
          .opened(200)
          .events(items.map((item) => `data: ${item}\n\n`).join(''))
          .closed(),
      )
      const said = await rejects({ transport: socketTo(wire.url).transport('/api/chat') })
      expect(wire.requests).toHaveLength(1)
      return said
    },
  ],
})
