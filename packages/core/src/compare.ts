// Above 150 lines: a third is documentation of the public surface, and the lanes share what is watched.
import { over } from './defaults'
import { type Listeners, listen, tell } from './listeners'
import type { Message, MessagePart } from './message'
import { type MessageStreamOptions, messageStream } from './message-stream'
import { type Meter, measure, nothing, type Statistics } from './meter'
import { check, settings } from './option'
import { isActive, type Snapshot } from './session/transition'
import { createStream, type Stream } from './stream'
import { type StreamOptions, streamDefaults } from './stream-options'

/** The options that the streams of all models share, which `key` and `persist` cannot be, and which models there are. */
export interface CompareOptions extends Omit<MessageStreamOptions, 'key' | 'persist'> {
  /**
   * The names of the models, or by name what the stream of each has of its own, such as what a pool presets, over what all
   * share: of `retry`, `clocks` and `headers` each field by itself. The names are those that a page shows.
   */
  readonly models: readonly string[] | Readonly<Record<string, MessageStreamOptions>>
  /** What each model is asked, made from the input of `start`. Default: `{ ...input, model }`. */
  readonly request?: (input: unknown, model: string) => unknown
}

/** What one model answers. */
export interface Compared {
  readonly model: string
  readonly snapshot: Snapshot<Message>
  /** Measured from the same moment for all models, the time in a queue included. */
  readonly statistics: Statistics
  /** The place among the models by time to the first part, from 1; absent until there is one. */
  readonly rank: number | undefined
}

export interface Comparison {
  /** By model, in the order of the options; the same object until something changes. */
  readonly get: () => readonly Compared[]
  /** Nothing asked yet, for a render on a server. */
  readonly getInitial: () => readonly Compared[]
  /** Calls `listener` after each change; returns how to leave. */
  readonly subscribe: (listener: () => void) => () => void
  /**
   * Asks all models the same, or only those that are named, such as one that failed. Resolves once each answer has settled,
   * however it does. Rejects where `request` throws; then nothing was asked.
   */
  readonly start: (input: unknown, models?: readonly string[]) => Promise<readonly Compared[]>
  /** Ends one answer, or all. Resolves once that is acknowledged or given up. */
  readonly stop: (model?: string) => Promise<void>
  /** Detaches from all answers and forgets them. */
  readonly reset: () => void
  /**
   * Hands over the options of the next start. A model that is still named keeps its answer; one that is not is detached
   * from and goes.
   */
  readonly update: (options: CompareOptions) => void
}

interface Lane {
  readonly model: string
  readonly stream: Stream<MessagePart, Message>
  meter: Meter | undefined
}

// As many as a person can compare; each is a connection and a bill.
const most = 16

function ask(input: unknown, model: string): unknown {
  check(typeof input === 'object' && input, 'input', input, 'an object, or the option `request`')
  return { ...(input as object), model }
}

/**
 * Several models answer one prompt side by side.
 * Throws a `StreamError` with the code `option` that names the option and the remedy.
 */
export function createCompare(options: CompareOptions): Comparison {
  let { streams, request } = read(options)
  let lanes = [...streams].map(createLane)
  const listeners: Listeners = new Set()
  /** How to leave the stream of each lane that is watched. */
  const leaves = new Map<Lane, () => void>()
  let shownOf: readonly unknown[] = []
  let shown = show(lanes.map(({ stream }) => stream.getInitial()))
  const initial = shown

  /** Watches the streams for as long as somebody watches here. */
  function attend(): void {
    const wanted = listeners.size > 0 ? lanes : []
    for (const [lane, leave] of leaves) {
      if (wanted.includes(lane)) continue
      leaves.delete(lane)
      leave()
    }
    for (const lane of wanted) if (!leaves.has(lane)) leaves.set(lane, lane.stream.subscribe(changed))
  }

  function changed(): void {
    for (const { stream, meter } of lanes) if (!isActive(stream.get().status)) meter?.leave()
    tell(listeners)
  }

  function show(snapshots: readonly Snapshot<Message>[]): readonly Compared[] {
    shownOf = snapshots
    const measured = lanes.map(({ meter }) => meter?.get() ?? nothing)
    const times = measured.map(({ timeToFirstPart = Infinity }) => timeToFirstPart)
    return lanes.map(({ model }, index) => {
      const rank = times[index]! < Infinity ? 1 + times.filter((time) => time < times[index]!).length : undefined
      return { model, snapshot: snapshots[index]!, statistics: measured[index]!, rank }
    })
  }

  function get(): readonly Compared[] {
    const snapshots = lanes.map(({ stream }) => stream.get())
    if (snapshots.some((snapshot, index) => snapshot !== shownOf[index])) shown = show(snapshots)
    return shown
  }

  function choose(chosen: readonly string[] | undefined): readonly Lane[] {
    const names = [...streams.keys()]
    for (const model of chosen ?? []) check(names.includes(model), 'model', model, `one of ${names.join(', ')}`)
    return lanes.filter(({ model }) => chosen?.includes(model) ?? true)
  }

  async function begin(lane: Lane, input: unknown): Promise<void> {
    lane.meter?.leave()
    lane.meter = measure(lane.stream)
    const { meter, stream } = lane
    // One that was left may go on, for a subscriber who comes back; so it is measured until it is over.
    if (!isActive((await stream.start(input)).status)) meter.leave()
  }

  return {
    get,
    getInitial: () => initial,
    subscribe(listener) {
      const leave = listen(listeners, listener, attend)
      attend()
      return leave
    },
    async start(input, chosen) {
      // What is asked is made before anybody is asked, so that all begin in the same moment.
      const asked = choose(chosen).map((lane) => ({ lane, input: request(input, lane.model) }))
      await Promise.all(asked.map((each) => begin(each.lane, each.input)))
      return get()
    },
    async stop(model) {
      const chosen = choose(model === undefined ? undefined : [model])
      await Promise.all(chosen.filter(({ stream }) => isActive(stream.get().status)).map(({ stream }) => stream.stop()))
    },
    reset() {
      lanes.forEach(clear)
    },
    update(later) {
      const before = lanes
      ;({ streams, request } = read(later))
      const kept = new Map(before.map((lane) => [lane.model, lane]))
      lanes = [...streams].map(([model, options]) => {
        const lane = kept.get(model)
        if (!lane) return createLane([model, options])
        kept.delete(model)
        lane.stream.update(options)
        return lane
      })
      attend()
      for (const lane of kept.values()) clear(lane)
      if (lanes.some((lane, index) => lane !== before[index]) || lanes.length < before.length) {
        shownOf = []
        changed()
      }
    },
  }
}

const createLane = ([model, options]: readonly [string, StreamOptions<MessagePart, Message>]): Lane => ({
  model,
  stream: createStream(options),
  meter: undefined,
})

function clear(lane: Lane): void {
  lane.meter?.leave()
  lane.meter = undefined
  lane.stream.reset()
}

function read(options: CompareOptions) {
  settings<Record<string, unknown>>(
    '',
    { models: undefined, request: ask, ...streamDefaults },
    options && { ...options },
  )
  const { models, request = ask, ...shared }: CompareOptions & MessageStreamOptions = options
  const own = Array.isArray(models) ? Object.fromEntries(models.map((model) => [model, {}])) : (models ?? {})
  const names = Object.keys(own)
  const some =
    typeof models === 'object' &&
    names.length > 0 &&
    names.length <= most &&
    (!Array.isArray(models) || names.length === models.length)
  check(some, 'models', models, `the names of 1 to ${most} different models, or the options of a stream for each`)
  check(shared.key === undefined, 'key', shared.key, 'none: each model has a stream of its own')
  check(!shared.persist, 'persist', shared.persist, 'each of the `models` one of its own')
  const streams = new Map(
    names.map((name) => [name, messageStream(over((own as Record<string, MessageStreamOptions>)[name] ?? {}, shared))]),
  )
  return { streams, request }
}
