// Load on the server, beside what others and careful hands write. Every server and all readers are processes of their own.
// Everything is measured several times, in turns, and told as the median of the ratios of each turn.
import type { Benchmark, BenchmarkRow } from '../benchmark'
import { type Audience, startAudience } from './audience'
import { measureFanOut } from './fan-out'
import { measureIdleMemory } from './idle-memory'
import { measureNeverReading } from './never-reading'
import { buildPrograms } from './programs'
import { measureReconnect } from './reconnect'
import { measureReplayBytes } from './replay-bytes'

/** Whole, in some minutes; or quick, in one: fewer readers, fewer turns, no peers but the hand-written ones. */
export interface Extent {
  readonly quick: boolean
}

const rounded = (ratios: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(ratios).map(([name, ratio]) => [name, Number(ratio.toFixed(2))]))

function others(ratios: Readonly<Record<string, number>>, ...own: readonly string[]) {
  return rounded(Object.fromEntries(Object.entries(ratios).filter(([name]) => !own.includes(name))))
}

const mapped = <T>(record: Readonly<Record<string, T>>, take: (value: T) => number) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, take(value)]))

async function idleRows(audience: Audience, { quick }: Extent): Promise<BenchmarkRow[]> {
  const extent = quick ? { connections: 2000, rounds: 1 } : { connections: 5000, rounds: 5 }
  const found = await measureIdleMemory(['by hand', 'keepstream'], audience, extent)
  const peers = quick
    ? {}
    : await measureIdleMemory(['by hand', 'better-sse', 'hono'], audience, { ...extent, rounds: 1 })
  return [
    {
      name: 'idle-memory',
      what: `memory of an idle connection, ${extent.connections} of them`,
      ratio: found.keepstream!.ratios.resident,
      goal: { atMost: 1.05 },
      others: others(
        mapped(peers, ({ ratios }) => ratios.resident),
        'by hand',
      ),
    },
    {
      name: 'idle-memory-bytes',
      what: 'the same, in bytes',
      unit: 'bytes',
      ratio: found.keepstream!.resident,
      others: { 'by hand': Math.round(found['by hand']!.resident) },
    },
    {
      name: 'idle-memory-held',
      what: 'of these, what JavaScript holds',
      ratio: found.keepstream!.ratios.held,
      others: others(
        mapped(peers, ({ ratios }) => ratios.held),
        'by hand',
      ),
    },
  ]
}

async function fanOutRows(audience: Audience, { quick }: Extent): Promise<BenchmarkRow[]> {
  const extent = quick
    ? { readers: 500, rounds: 3, events: 20, every: 5 }
    : { readers: 1000, rounds: 7, events: 20, every: 5 }
  const ratios = quick
    ? await measureFanOut(['by hand', 'keepstream', 'keepstream-web'], audience, extent)
    : await measureFanOut(
        ['by hand', 'keepstream', 'keepstream-web', 'web by hand', 'better-sse', 'hono', 'resumable-stream'],
        audience,
        extent,
      )
  const slow = await measureFanOut(['by hand', 'keepstream', 'keepstream-web'], audience, {
    ...extent,
    rounds: quick ? 1 : 5,
    events: 10,
    every: 60,
  })
  const sockets = await measureFanOut(['ws by hand', 'keepstream-websocket'], audience, extent)
  const own = ['keepstream', 'keepstream-web', 'by hand']
  return [
    {
      name: 'fan-out',
      what: `processor time of a delivery to one of ${extent.readers} readers`,
      ratio: ratios.keepstream!,
      goal: { atMost: 0.8 },
      others: others(ratios, ...own),
    },
    {
      name: 'web',
      what: 'the same of the Web handler, on @hono/node-server',
      ratio: ratios['keepstream-web']!,
      goal: { atMost: 1.4 },
      others: others(ratios, ...own, 'better-sse', 'resumable-stream'),
    },
    {
      name: 'fan-out-apart',
      what: 'the same where events come 60 ms apart, so that each is a write of its own',
      ratio: slow.keepstream!,
      others: { 'the Web handler': Number(slow['keepstream-web']!.toFixed(2)) },
    },
    {
      name: 'websocket',
      what: 'the same over WebSockets, against ws by hand',
      ratio: sockets['keepstream-websocket']!,
      goal: { atMost: 1.1 },
    },
  ]
}

async function reconnectRows(audience: Audience, { quick }: Extent): Promise<BenchmarkRow[]> {
  const extent = quick
    ? { readers: 1000, before: 1000, rounds: 1, missed: 100 }
    : { readers: 5000, before: 5000, rounds: 3, missed: 100 }
  const found = await measureReconnect(['by hand', 'keepstream'], audience, extent)
  const peers = quick
    ? {}
    : await measureReconnect(['by hand', 'hono', 'resumable-stream'], audience, { ...extent, rounds: 1 })
  const fresh = await measureReconnect(['by hand', 'keepstream'], audience, { ...extent, before: 200 })
  const othersBy = (what: 'processor' | 'clock') =>
    others(
      mapped(peers, (each) => each[what]),
      'by hand',
    )
  const who = `${extent.readers} readers come back at once and catch up with ${extent.missed} events`
  return [
    {
      name: 'reconnect',
      what: `${who}: processor time`,
      ratio: found.keepstream!.processor,
      goal: { atMost: 1 },
      others: othersBy('processor'),
    },
    {
      name: 'reconnect-time',
      what: 'until the last of them has all',
      ratio: found.keepstream!.clock,
      goal: { atMost: 1 },
      others: othersBy('clock'),
    },
    {
      name: 'reconnect-fresh',
      what: 'processor time where they come to a server that has just started',
      ratio: fresh.keepstream!.processor,
    },
  ]
}

async function neverReadingRows(audience: Audience, { quick }: Extent): Promise<BenchmarkRow[]> {
  const extent = quick ? { readers: 100, rounds: 1, megabytes: 8 } : { readers: 300, rounds: 5, megabytes: 12 }
  const {
    held,
    others: cost,
    control,
  } = await measureNeverReading('keepstream', audience, { ...extent, controlled: true })
  const peers: Record<string, number> = {}
  if (!quick)
    for (const name of ['better-sse', 'hono'] as const)
      peers[name] = Math.round(
        (await measureNeverReading(name, audience, { ...extent, rounds: 1, controlled: false })).held,
      )
  return [
    {
      name: 'never-reading',
      what: `memory that a reader holds which never reads, 1 % of ${extent.readers}`,
      unit: 'bytes',
      ratio: held,
      goal: { atMost: 128 * 1024 },
      others: peers,
    },
    {
      name: 'never-reading-others',
      what: 'processor time of deliveries to the others, with them and without',
      ratio: cost,
      goal: { atMost: 1.1 },
      others: { 'nobody who never reads': Number(control.toFixed(2)) },
    },
  ]
}

async function replayRows(): Promise<BenchmarkRow[]> {
  return [
    {
      name: 'replay-bytes',
      what: 'bytes of a late read of 1,000 tokens, for each byte of the text',
      ratio: await measureReplayBytes(1000),
      goal: { atMost: 1.3 },
    },
  ]
}

const parts: Readonly<Record<string, (audience: Audience, extent: Extent) => Promise<BenchmarkRow[]>>> = {
  idle: idleRows,
  'fan-out': fanOutRows,
  reconnect: reconnectRows,
  'never-reading': neverReadingRows,
  'replay-bytes': replayRows,
}

/** All parts, or those that are named. */
export async function serverBenchmark(extent: Extent, named = Object.keys(parts)): Promise<Benchmark> {
  const unknown = named.find((name) => !Object.hasOwn(parts, name))
  if (unknown !== undefined)
    throw new Error(`There is no part "${unknown}". There are: ${Object.keys(parts).join(', ')}.`)
  await buildPrograms('contestant-process', 'audience-process')
  await using audience = await startAudience()
  const rows: BenchmarkRow[] = []
  for (const name of named) {
    rows.push(...(await parts[name]!(audience, extent)))
    console.log(rows.map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`).join(', '))
  }
  return { name: 'server', title: 'The server under load (1: written by hand on node:http)', rows }
}
