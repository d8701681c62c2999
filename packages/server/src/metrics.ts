// A little above 150 lines: the table of all instruments, and which event moves each.
import { StreamError, type Usage } from '@keepstream/core'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Hub } from './hub'
import type { HubEvent } from './hub-options'
import { checkBoolean, checkMade, checkNames } from './option'

export interface MetricsOptions {
  /** Where the metrics are added. Default: a registry of their own. One hub per registry. */
  readonly registry?: Registry | undefined
  /** What every name begins with. Default `keepstream_`. */
  readonly prefix?: string
  /** Whether prom-client's own metrics of the process are added: event-loop lag, heap, garbage collection. Default true. */
  readonly process?: boolean
}

// In seconds. People notice a tenth, and give up after some ten.
const firstEntryBuckets = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60]
// Up to the ten minutes that one answer and one connection may take by default.
const durationBuckets = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600]
// What a label may become, whoever chooses its values: each is a series that Prometheus keeps.
const mostValues = 50

/**
 * Counts what happens in a hub, for Prometheus. Labels are routes, states and the like, never a user or a stream. Give the
 * registry to `createOperations(hub, { metrics })`. Needs `prom-client`. Throws an `option` error for what is no option.
 */
export function createMetrics(hub: Hub, options: MetricsOptions = {}): Registry {
  checkMade('hub of createMetrics', hub, 'observe', 'createHub(…)')
  checkNames('createMetrics', options, ['registry', 'prefix', 'process'])
  const { registry = new Registry(), prefix = 'keepstream_', process = true } = options
  if (!/^[a-zA-Z_:][\w:]*$/.test(prefix)) {
    throw new StreamError('option', `The option createMetrics.prefix is "${prefix}". Give letters, digits, _ and :.`)
  }
  if (typeof registry?.registerMetric !== 'function') {
    throw new StreamError('option', 'The option createMetrics.registry is no registry. Give new Registry().')
  }
  checkBoolean('createMetrics.process', process)
  const registers = [registry]
  const counter = <T extends string = never>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Counter({ name: prefix + name, help, labelNames, registers })
  const histogram = <T extends string>(name: string, help: string, labelNames: readonly T[], buckets: number[]) =>
    new Histogram({ name: prefix + name, help, labelNames, buckets, registers })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: prefix + name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })

  gauge('streams_running', 'Answers that are being produced here.', () => hub.counts().generations)
  gauge('readers', 'Connections that read here.', () => hub.counts().readers)
  gauge('draining', '1 from the beginning of a shutdown on.', () => Number(hub.state !== 'open'))
  const sockets = new Gauge({ name: `${prefix}websocket_sockets`, help: 'WebSockets that are open.', registers })
  const started = counter('streams_started_total', 'Answers begun.', ['route'])
  const ended = counter('streams_ended_total', 'Answers that are over, by how they ended.', ['route', 'state'])
  const released = counter('streams_released_total', 'Answers left to another process, or lost to the log.', ['route'])
  const repeated = counter('starts_repeated_total', 'Starts that were given the answer of their key.', ['route'])
  const written = counter('entries_written_total', 'Entries of answers that are over.', ['route'])
  const bytes = counter('bytes_written_total', 'Bytes of answers that are over.', ['route'])
  const tokens = counter('tokens_total', 'Tokens that models reported.', ['route', 'direction'])
  const reads = counter('reads_total', 'Connections begun: fresh, resumed, or reset and why.', [
    'route',
    'transport',
    'place',
  ])
  const delivered = counter('entries_delivered_total', 'Entries given to readers that have left.', [
    'route',
    'transport',
  ])
  const sent = counter('bytes_delivered_total', 'Bytes given to readers that have left.', ['route', 'transport'])
  const slow = counter('readers_full_total', 'Readers that left, or were cut off, with bytes to take.', [
    'route',
    'transport',
  ])
  const refused = counter('requests_refused_total', 'Requests answered with 400 or more, but 500.', [
    'route',
    'status',
    'code',
  ])
  const failed = counter('requests_failed_total', 'Requests answered with 500, and probes that did not reach the log.')
  const logEvents = counter('log_events_total', 'What a shared log told of itself.', ['event'])
  const reachable = new Gauge({ name: `${prefix}log_reachable`, help: '0 while the log cannot be reached.', registers })
  reachable.set(1)
  const cut = counter('streams_cut_total', 'Answers that a shutdown has cut.')
  const calls = counter('upstream_calls_total', 'Calls of models that told their usage.', ['upstream', 'model'])
  const used = counter('upstream_tokens_total', 'Tokens of those calls.', ['upstream', 'model', 'direction'])
  const cost = counter('upstream_cost_total', 'What they cost by the price table.', ['upstream', 'model', 'currency'])
  const failovers = counter('upstream_failovers_total', 'Models that did not answer, so that the next was asked.', [
    'upstream',
    'model',
    'code',
  ])
  const circuit = new Gauge({
    name: `${prefix}upstream_circuit`,
    help: 'Whether an upstream is left alone: 0 it is asked, 0.5 one request tries it, 1 it is not asked.',
    labelNames: ['upstream'] as const,
    registers,
  })
  const firstEntry = histogram(
    'first_entry_seconds',
    'From the start to the first entry.',
    ['route'],
    firstEntryBuckets,
  )
  const duration = histogram(
    'stream_duration_seconds',
    'From the start to the end.',
    ['route', 'state'],
    durationBuckets,
  )
  const connection = histogram('connection_seconds', 'How long readers stayed.', ['transport'], durationBuckets)

  const routeOf = bounded()
  const codeOf = bounded()
  const transportOf = bounded()
  const upstreamOf = bounded()
  const modelOf = bounded()
  const count = (counted: Usage | undefined, add: (direction: string, tokens: number) => void) => {
    for (const direction of ['input', 'output'] as const) {
      const tokens: unknown = counted?.[`${direction}Tokens`]
      if (isCountable(tokens)) add(direction, tokens)
    }
  }
  const move: { readonly [T in HubEvent['type']]?: (event: Extract<HubEvent, { type: T }>) => void } = {
    created: ({ owner }) => started.inc({ route: routeOf(owner.route) }),
    replayed: ({ route }) => repeated.inc({ route: routeOf(route) }),
    begun: ({ route, after }) => firstEntry.observe({ route: routeOf(route) }, after / 1000),
    ended(event) {
      const route = routeOf(event.route)
      ended.inc({ route, state: event.state })
      duration.observe({ route, state: event.state }, event.duration / 1000)
      written.inc({ route }, event.n)
      bytes.inc({ route }, event.bytes)
      count(event.usage, (direction, amount) => tokens.inc({ route, direction }, amount))
    },
    usage(event) {
      const labels = { upstream: upstreamOf(event.upstream), model: modelOf(event.model) }
      calls.inc(labels)
      count(event.usage, (direction, amount) => used.inc({ ...labels, direction }, amount))
      if (event.cost && isCountable(event.cost.amount))
        cost.inc({ ...labels, currency: event.cost.currency }, event.cost.amount)
    },
    failover: ({ upstream, model, code }) =>
      failovers.inc({ upstream: upstreamOf(upstream), model: modelOf(model), code: codeOf(code) }),
    circuit: ({ upstream, state }) =>
      circuit.set({ upstream: upstreamOf(upstream) }, state === 'closed' ? 0 : state === 'open' ? 1 : 0.5),
    released: ({ route }) => released.inc({ route: routeOf(route) }),
    attached: ({ route, transport, resumed, reset }) =>
      reads.inc({
        route: routeOf(route),
        transport: transportOf(transport),
        place: reset ?? (resumed ? 'resumed' : 'fresh'),
      }),
    detached(event) {
      const transport = transportOf(event.transport)
      const labels = { route: routeOf(event.route), transport }
      delivered.inc(labels, event.entries)
      sent.inc(labels, event.bytes)
      if (event.full) slow.inc(labels)
      connection.observe({ transport }, event.duration / 1000)
    },
    refused: ({ route = '', status, code }) =>
      refused.inc({ route: routeOf(route), status: String(status), code: codeOf(code) }),
    'request-failed': () => failed.inc(),
    'socket-opened': () => sockets.inc(),
    'socket-closed': () => sockets.dec(),
    log({ event }) {
      logEvents.inc({ event: codeOf(event.type) })
      if (event.type === 'reachable' || event.type === 'unreachable') reachable.set(Number(event.type === 'reachable'))
    },
    closed: (event) => cut.inc(event.cut),
  }
  hub.observe((event) => (move[event.type] as ((event: HubEvent) => void) | undefined)?.(event))
  if (process) collectDefaultMetrics({ register: registry })
  return registry
}

/** A counter throws at anything else, and what a model reports of itself must not end its answer. */
const isCountable = (amount: unknown): amount is number =>
  typeof amount === 'number' && Number.isFinite(amount) && amount >= 0

/** Gives a value back while there are few, and `other` for what comes later. */
function bounded(): (value: string) => string {
  const known = new Set<string>()
  return (value) => {
    if (known.size < mostValues) known.add(value)
    return known.has(value) ? value : 'other'
  }
}
