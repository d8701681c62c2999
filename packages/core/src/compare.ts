import { call } from './inspect'
import type { Message, MessagePart } from './message'
import { type Meter, measure, nothing, type Statistics } from './meter'
import { check, settings } from './option'
import { isActive, type Snapshot } from './session/transition'
import { createStream, type Stream } from './stream'
import type { StreamOptions } from './stream-options'

export interface CompareOptions {
  /** The options of a stream for each model, by the name that a page shows. Through one pool they wait their turn. */
  readonly models: Readonly<Record<string, StreamOptions<MessagePart, Message>>>
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

/** Several models answer one prompt side by side. */
export function createCompare(options: CompareOptions): Comparison {
  settings<Record<string, unknown>>('', { models: undefined, request: ask }, options && { ...options })
  const { models, request = ask } = options
  const names = Object.keys(models ?? {})
  const some = names.length > 0 && names.length <= most
  check(some, 'models', models, `the options of a stream for each of 1 to ${most} models`)
  const lanes = names.map((model): Lane => ({ model, stream: createStream(models[model]!), meter: undefined }))
  const listeners = new Set<() => void>()
  let leaves: readonly (() => void)[] = []
  let shownOf: readonly unknown[] = []
  let shown = show(lanes.map(({ stream }) => stream.getInitial()))
  const initial = shown

  function changed(): void {
    for (const { stream, meter } of lanes) if (!isActive(stream.get().status)) meter?.leave()
    for (const listener of [...listeners]) {
      // One of those before it may have taken it away.
      if (listeners.has(listener)) call(listener)
    }
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
      const entry = () => listener()
      listeners.add(entry)
      if (listeners.size === 1) leaves = lanes.map(({ stream }) => stream.subscribe(changed))
      return () => {
        if (!listeners.delete(entry) || listeners.size > 0) return
        for (const leave of leaves) leave()
      }
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
      for (const lane of lanes) {
        lane.meter?.leave()
        lane.meter = undefined
        lane.stream.reset()
      }
    },
  }
}
