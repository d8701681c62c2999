import { type Listeners, listen, tell } from './listeners'
import { check, settings } from './option'
import type { Limits } from './pool-limits'
import { createLine, type Line, type PoolKeySnapshot } from './pool-line'
import { type PresetName, presets } from './pool-presets'
import type { BackoffOptions } from './retry/backoff'
import type { Clocks } from './session/clocks'
import type { OpenRequest, Transport, Wrapper } from './transports/transport'

export type { Limits } from './pool-limits'
export type { PoolKeySnapshot } from './pool-line'
export { type Preset, type PresetName, presets } from './pool-presets'

export interface PoolOptions {
  /**
   * By key, how many streams may run at once: `[low, high]`, between which the pool finds out what the server takes.
   * Default: those of the preset of that name.
   */
  readonly limits?: Readonly<Record<string, Limits>>
  /** The limits of every other key. Default `[3, 8]`, the most careful of the presets. */
  readonly otherLimits?: Limits
  /** The most streams that wait for one key; one more fails with a `network` error, reason `queue-full`. Default 1,000. */
  readonly maxQueued?: number
  /** Numbers from 0 up to 1. Default `Math.random`. */
  readonly random?: () => number
  /** A monotonic clock, in milliseconds. Default `performance.now`. */
  readonly now?: () => number
}

export interface TurnOptions {
  /** Whoever has more goes first; a whole number. Default 0. */
  readonly priority?: number
}

/** What a preset gives to a stream. */
export interface PresetOptions {
  /** Its place in the pool. */
  readonly via: readonly Wrapper[]
  /** As many retries as the preset has. */
  readonly retry: BackoffOptions
  /** The timeout of the preset for `connect`, `firstEvent` and `stall`. */
  readonly clocks: Partial<Clocks>
}

/** Every key that is in use or has limits of its own, with what goes on there. */
export type PoolSnapshot = Readonly<Record<string, PoolKeySnapshot>>

/** Lets as many streams run at once as a model or a host takes; the others wait in line and say at which place. */
export interface Pool {
  /** For the option `via`: a stream waits for its turn at `key`, a model or a host, before each connection. */
  readonly for: (key: string, options?: TurnOptions) => Wrapper
  /** Options for a stream of that model: its place in the pool, its retries and its clocks. */
  readonly preset: (model: PresetName, options?: TurnOptions) => PresetOptions
  /** The same object until something changes. */
  readonly get: () => PoolSnapshot
  /** Calls `listener` after changes, once a turn of the event loop. Returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void
}

// Keys may be made of hosts or of people: above so many, those that rest are forgotten with what they have learnt.
const mostKeys = 100

/**
 * Creates a pool, to be shared by all streams to the same models or hosts: each pool counts only its own. Throws a
 * `StreamError` with the code `option` that names the option and the remedy.
 */
export function createPool(options: PoolOptions = {}): Pool {
  const defaults = {
    limits: {} as Readonly<Record<string, Limits>>,
    otherLimits: presets['claude-sonnet-4.5'].limits,
    maxQueued: 1_000,
    random: () => Math.random(),
    now: () => performance.now(),
  }
  const { limits, otherLimits, ...rest } = settings('', defaults, options)
  check(typeof limits === 'object' && limits, 'limits', limits, 'an object with a pair of limits for each key')
  for (const [key, pair] of Object.entries(limits)) checkLimits(`limits.${key}`, pair)
  checkLimits('otherLimits', otherLimits)

  const lines = new Map<string, Line>()
  const listeners: Listeners = new Set()
  let snapshot: PoolSnapshot | undefined
  let due = false

  function changed(): void {
    snapshot = undefined
    if (due || listeners.size === 0) return
    due = true
    queueMicrotask(() => {
      due = false
      tell(listeners)
    })
  }

  function lineOf(key: string): Line {
    const known = lines.get(key)
    if (known) return known
    if (lines.size >= mostKeys) forget()
    const own = Object.hasOwn(limits, key) ? limits[key] : undefined
    const line = createLine({ ...rest, key, limits: own ?? presetLimits(key) ?? otherLimits, changed })
    lines.set(key, line)
    return line
  }

  function forget(): void {
    for (const [key, line] of lines) {
      const { running, queued, heldUntil } = line.get()
      if (running + queued === 0 && heldUntil === undefined) lines.delete(key)
    }
  }

  function wrap(key: string, given: TurnOptions = {}): Wrapper {
    check(typeof key === 'string' && key, 'key', key, 'the name of a model or a host')
    const { priority } = settings('', { priority: 0 }, given, -Infinity)
    check(Number.isSafeInteger(priority), 'priority', priority, 'a whole number')
    return (transport: Transport) => {
      const open = (request: OpenRequest) => lineOf(key).open(transport, request, priority)
      // A stop waits for nobody.
      return Object.assign(open, transport.stop && { stop: transport.stop })
    }
  }

  return {
    for: wrap,
    preset(model, given) {
      check(Object.hasOwn(presets, model), 'model', model, `one of ${Object.keys(presets).join(', ')}`)
      const { timeout, maxRetries } = presets[model]
      const clocks = { connect: timeout, firstEvent: timeout, stall: timeout }
      return { via: [wrap(model, given)], retry: { maxRetries }, clocks }
    },
    get() {
      snapshot ??= Object.fromEntries([...lines].map(([key, line]) => [key, line.get()]))
      return snapshot
    },
    subscribe: (listener) => listen(listeners, listener),
  }
}

const presetLimits = (key: string) => (Object.hasOwn(presets, key) ? presets[key as PresetName].limits : undefined)

function checkLimits(option: string, pair: unknown): void {
  const [low, high] = Array.isArray(pair) ? pair : []
  const valid = Array.isArray(pair) && pair.length === 2 && pair.every((limit) => Number.isSafeInteger(limit))
  check(valid && low >= 1 && low <= high, option, pair, 'two whole numbers, the lower first, at least 1')
}
