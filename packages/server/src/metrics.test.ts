import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Usage } from '@keepstream/core'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { allEvents, eventsOf, gate, serve, until } from '../test/served'
import { serveSocket } from '../test/socket'
import { createHub, type Log, memoryLog } from './index'
import type { LogEvent } from './log'
import { createMetrics } from './metrics'

/** The value of one line of the text that Prometheus reads. */
async function sample(registry: Registry, line: string): Promise<number | undefined> {
  const text = await registry.metrics()
  const found = text.split('\n').find((each) => each.startsWith(`${line} `))
  return found === undefined ? undefined : Number(found.slice(line.length + 1))
}

/** What prom-client knows of a metric, and its types do not say. */
interface Instrument {
  readonly name: string
  readonly type: string
  readonly labelNames: readonly string[]
  readonly help: string
}

const route = 'route="/api/chat"'

it('[R101] counts answers by route and by how they ended, what was written and what was read', async () => {
  await using served = await serve('node', ({ input, text, append }) => {
    text('Hello')
    append('usage', { inputTokens: 3, outputTokens: 5 })
    if (input) throw new Error('broken')
  })
  const registry = createMetrics(served.hub, { process: false })
  const value = (line: string) => sample(registry, `keepstream_${line}`)
  const headers = { 'idempotency-key': 'one' }
  const response = await served.start(false, headers)
  const location = response.headers.get('location')!
  const events = await allEvents(response)
  await allEvents(await served.start(false, headers))
  await allEvents(await served.start(true))
  await allEvents(await served.get(location, { headers: { 'last-event-id': events[1]!.id! } }))
  await allEvents(await served.get(location, { headers: { 'last-event-id': 'nonsense' } }))
  await until(() => served.hub.counts().readers === 0)

  expect(await value(`streams_started_total{${route}}`)).toBe(2)
  expect(await value(`starts_repeated_total{${route}}`)).toBe(1)
  expect(await value(`streams_ended_total{${route},state="done"}`)).toBe(1)
  expect(await value(`streams_ended_total{${route},state="error"}`)).toBe(1)
  expect(await value(`entries_written_total{${route}}`)).toBe(4)
  expect(await value(`tokens_total{${route},direction="input"}`)).toBe(6)
  expect(await value(`tokens_total{${route},direction="output"}`)).toBe(10)
  expect(await value(`reads_total{${route},transport="http",place="fresh"}`)).toBe(3)
  expect(await value(`reads_total{${route},transport="http",place="resumed"}`)).toBe(1)
  expect(await value(`reads_total{${route},transport="http",place="unknown"}`)).toBe(1)
  // Three entries four times, and two after the first.
  expect(await value(`entries_delivered_total{${route},transport="http"}`)).toBe(14)
  expect(await value(`bytes_delivered_total{${route},transport="http"}`)).toBeGreaterThan(1000)
  expect(await value(`first_entry_seconds_count{${route}}`)).toBe(2)
  expect(await value(`stream_duration_seconds_count{${route},state="done"}`)).toBe(1)
  expect(await value('connection_seconds_count{transport="http"}')).toBe(5)
  expect(await value(`readers_full_total{${route},transport="http"}`)).toBeUndefined()
})

it('[R101] shows what runs and who reads at the moment', async () => {
  const { opened, open } = gate()
  await using served = await serve('node', async ({ text }) => {
    text('Hello')
    await opened
  })
  const registry = createMetrics(served.hub)
  const read = eventsOf(await served.start())
  await read.next()
  expect(await sample(registry, 'keepstream_streams_running')).toBe(1)
  expect(await sample(registry, 'keepstream_readers')).toBe(1)
  expect(await sample(registry, 'keepstream_draining')).toBe(0)
  expect(await sample(registry, 'nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0)
  const closed = served.hub.close({ drainTimeout: 0 })
  expect(await sample(registry, 'keepstream_draining')).toBe(1)
  open()
  for await (const _ of read);
  await closed
  expect(await sample(registry, 'keepstream_streams_cut_total')).toBe(1)
  expect(await sample(registry, 'keepstream_streams_running')).toBe(0)
})

it('counts sockets, and readers over them', async () => {
  await using served = await serveSocket(({ text }) => text('Hello'))
  const registry = createMetrics(served.hub, { process: false })
  const client = await served.open()
  expect(await sample(registry, 'keepstream_websocket_sockets')).toBe(1)
  client.say({ type: 'start', id: 1, route: '/api/chat', input: {} })
  await client.whole(1)
  expect(await sample(registry, `keepstream_entries_delivered_total{${route},transport="websocket"}`)).toBe(2)
  client.socket.close()
  await until(() => served.attached.sockets === 0)
  expect(await sample(registry, 'keepstream_websocket_sockets')).toBe(0)
})

it('counts refusals by route, status and code', async () => {
  await using served = await serve('node', ({ text }) => text('Hello'))
  const registry = createMetrics(served.hub, { process: false })
  await served.get('/api/chat/streams/nobody')
  await served.get('/api/chat')
  await served.get('/elsewhere')
  const refused = (labels: string) => sample(registry, `keepstream_requests_refused_total{${labels}}`)
  expect(await refused(`${route},status="404",code="not_found"`)).toBe(1)
  expect(await refused(`${route},status="405",code="method_not_allowed"`)).toBe(1)
  expect(await refused('route="",status="404",code="not_found"')).toBe(1)
})

it('counts calls of models, what they cost, failovers, and circuits', async () => {
  const hub = createHub({ log: memoryLog() })
  const registry = createMetrics(hub, { process: false })
  const about = { stream: 'a', route: '/api/chat', owner: { route: '/api/chat' }, upstream: 'one' }
  const usage = { inputTokens: 7, outputTokens: 2, totalTokens: 9 }
  const cost = { amount: 0.25, currency: 'USD' }
  hub.report({ type: 'usage', ...about, model: 'm', usage, cost })
  hub.report({ type: 'usage', ...about, model: 'm', usage })
  hub.report({ type: 'failover', ...about, model: 'm', code: 'upstream_busy', to: { upstream: 'two', model: 'n' } })
  hub.report({ type: 'circuit', ...about, state: 'open' })
  const value = (line: string) => sample(registry, `keepstream_upstream_${line}`)
  expect(await value('calls_total{upstream="one",model="m"}')).toBe(2)
  expect(await value('tokens_total{upstream="one",model="m",direction="input"}')).toBe(14)
  expect(await value('cost_total{upstream="one",model="m",currency="USD"}')).toBe(0.25)
  expect(await value('failovers_total{upstream="one",model="m",code="upstream_busy"}')).toBe(1)
  expect(await value('circuit{upstream="one"}')).toBe(1)
  hub.report({ type: 'circuit', ...about, state: 'half-open' })
  expect(await value('circuit{upstream="one"}')).toBe(0.5)
})

it('counts no amount that is none, and lets the answer be that tells of it', async () => {
  for (const amount of [Number.POSITIVE_INFINITY, Number.NaN, -1, '7']) {
    const usage = { inputTokens: amount, outputTokens: 1 } as Usage
    await using served = await serve('node', ({ text, append, report }) => {
      report({ type: 'usage', upstream: 'one', model: 'm', usage, cost: { amount: amount as number, currency: 'USD' } })
      append('usage', usage)
      text('Hello')
    })
    const registry = createMetrics(served.hub, { process: false })
    expect((await allEvents(await served.start())).at(-1)!.data).toContain('"done"')
    expect(
      await sample(registry, 'keepstream_upstream_tokens_total{upstream="one",model="m",direction="output"}'),
    ).toBe(1)
  }
})

it('shows whether the log can be reached, and counts what it tells', async () => {
  let tell: (event: LogEvent) => void = () => undefined
  const observe: Log['observe'] = (listener) => {
    tell = listener
  }
  const registry = createMetrics(createHub({ log: { ...memoryLog(), observe } }), { process: false })
  expect(await sample(registry, 'keepstream_log_reachable')).toBe(1)
  tell({ type: 'unreachable', error: new Error('away') })
  expect(await sample(registry, 'keepstream_log_reachable')).toBe(0)
  tell({ type: 'reachable' })
  tell({ type: 'healed' })
  expect(await sample(registry, 'keepstream_log_reachable')).toBe(1)
  expect(await sample(registry, 'keepstream_log_events_total{event="healed"}')).toBe(1)
})

it('[R101] has no more than 51 values for a label, whoever chooses them', async () => {
  const hub = createHub({ log: memoryLog() })
  const registry = createMetrics(hub, { process: false })
  for (let count = 0; count < 1000; count++) hub.report({ type: 'refused', status: 400, code: `code-${count}` })
  const series = (await registry.metrics()).match(/^keepstream_requests_refused_total\{.*/gm)!
  expect(series).toHaveLength(51)
  expect(await sample(registry, 'keepstream_requests_refused_total{route="",status="400",code="other"}')).toBe(950)
})

it('stands in the guide, metric by metric', async () => {
  const guide = join(import.meta.dirname, '../../../docs/guides/operations.md')
  const registry = createMetrics(createHub({ log: memoryLog() }), { process: false })
  const rows = (registry.getMetricsAsArray() as unknown as Instrument[]).map(({ name, type, labelNames, help }) => {
    const labels = labelNames.map((label) => `\`${label}\``).join(' ')
    return `| \`${name.replace(/^keepstream_/, '')}\` | ${type} | ${labels} | ${help} |`
  })
  const table = ['| name | kind | labels | what it says |', '|---|---|---|---|', ...rows].join('\n')
  const [start, end] = ['<!-- metrics:start -->\n', '\n<!-- metrics:end -->'] as const
  const text = readFileSync(guide, 'utf8')
  const [before, after] = [text.indexOf(start) + start.length, text.indexOf(end)]
  if (process.env.UPDATE_METRICS === '1')
    writeFileSync(guide, `${text.slice(0, before)}${table}${text.slice(Math.max(after, before - 1))}`)
  else expect(text.slice(before, after), 'run this test with UPDATE_METRICS=1').toBe(table)
})

describe('createMetrics', () => {
  const hub = createHub({ log: memoryLog() })

  it('adds to a registry that is there, under another prefix', async () => {
    const registry = new Registry()
    expect(createMetrics(hub, { registry, prefix: 'chat_', process: false })).toBe(registry)
    expect(await sample(registry, 'chat_readers')).toBe(0)
  })

  it.each([
    [{ registery: 1 }, 'There is no option createMetrics.registery. Known are registry, prefix, process.'],
    [{ prefix: 'two words' }, 'The option createMetrics.prefix is "two words". Give letters, digits, _ and :.'],
    [{ registry: {} }, 'The option createMetrics.registry is no registry. Give new Registry().'],
  ])('refuses %j', (options, sentence) => {
    expect(() => createMetrics(hub, options as never)).toThrow(sentence)
  })
})
