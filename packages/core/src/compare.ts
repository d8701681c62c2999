import { StreamError } from './errors'
import { call } from './inspect'
import type { Message, MessagePart } from './message'
import { measure, type Statistics } from './meter'
import { check, settings } from './option'
import { isActive, type Snapshot } from './session/transition'
import { createStream } from './stream'
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
  readonly get: () => readonly Compared[]
  readonly subscribe: (listener: () => void) => () => void
  /** Asks all models the same. Resolves once each answer has settled. */
  readonly start: (input: unknown) => Promise<readonly Compared[]>
  /** Ends one answer, or all. */
  readonly stop: (model?: string) => Promise<void>
  readonly reset: () => void
}

// As many as a person can compare; each is a connection and a bill.
const most = 16

const ask = (input: unknown, model: string): unknown => ({ ...(input as object), model })

/** Several models answer one prompt side by side. */
export function createCompare(options: CompareOptions): Comparison {
  settings<Record<string, unknown>>('', { models: undefined, request: ask }, { ...options })
  const { models, request = ask } = options
  const names = Object.keys(models ?? {})
  check(
    names.length > 0 && names.length <= most,
    'models',
    models,
    `the options of a stream for each of 1 to ${most} models`,
  )
  const lanes = names.map((model) => {
    const stream = createStream(models[model]!)
    return { model, stream, meter: measure(stream) }
  })
  const listeners = new Set<() => void>()
  let leaves: readonly (() => void)[] = []
  let shown: readonly Compared[] | undefined
  let shownOf: readonly unknown[] = []

  function changed(): void {
    for (const listener of [...listeners]) call(listener)
  }

  function get(): readonly Compared[] {
    const snapshots = lanes.map(({ stream }) => stream.get())
    if (shown && snapshots.every((snapshot, index) => snapshot === shownOf[index])) return shown
    const measured = lanes.map(({ meter }) => meter.get())
    const times = measured.map(({ timeToFirstPart = Infinity }) => timeToFirstPart)
    shownOf = snapshots
    shown = lanes.map(({ model }, index) => {
      const rank = times[index]! < Infinity ? 1 + times.filter((time) => time < times[index]!).length : undefined
      return { model, snapshot: snapshots[index]!, statistics: measured[index]!, rank }
    })
    return shown
  }

  return {
    get,
    subscribe(listener) {
      const entry = () => listener()
      listeners.add(entry)
      if (listeners.size === 1) leaves = lanes.map(({ stream }) => stream.subscribe(changed))
      return () => {
        if (!listeners.delete(entry) || listeners.size > 0) return
        for (const leave of leaves) leave()
      }
    },
    async start(input) {
      await Promise.all(lanes.map(({ model, stream }) => stream.start(request(input, model))))
      return get()
    },
    async stop(model) {
      const chosen = lanes.filter((lane) => model === undefined || lane.model === model)
      if (chosen.length === 0) throw new StreamError('option', `There is no model "${model}" in this comparison.`)
      await Promise.all(chosen.filter(({ stream }) => isActive(stream.get().status)).map(({ stream }) => stream.stop()))
    },
    reset() {
      for (const { stream } of lanes) stream.reset()
    },
  }
}
