import { StreamError } from '@keepstream/core'
import { checkCount, checkDuration, checkNames } from '../option'

/** How long a provider may take, in milliseconds. */
export interface RelayTimeouts {
  /** Until the head of its answer. Default 60,000. */
  readonly head: number
  /** From there to the first token. Default 60,000. */
  readonly firstToken: number
  /** Between two tokens. Default 60,000. */
  readonly idle: number
}

/** What holds for one model, or for a family of models. */
export interface ModelOptions {
  /**
   * How many answers of it run at once: a number, or `[low, high]`, between which the relay finds out what the provider
   * takes. The others wait in line. Default: no bound.
   */
  readonly concurrency?: number | readonly [low: number, high: number]
  /** How many wait; one more ends with `upstream_queue_full`. Default 100. */
  readonly maxQueued?: number
  /** How long they wait, in milliseconds; then they end with `upstream_queue_timeout`. Default 60,000. */
  readonly queueTimeout?: number
  /** In place of `relay.timeouts`. */
  readonly timeouts?: Partial<RelayTimeouts>
  /** In place of `relay.maxRetries`. */
  readonly maxRetries?: number
}

export interface ModelSettings {
  readonly concurrency: readonly [low: number, high: number] | undefined
  readonly maxQueued: number
  readonly queueTimeout: number
  readonly timeouts: RelayTimeouts
  readonly maxRetries: number
}

const family = (low: number, high: number, timeout: number): ModelOptions => ({
  concurrency: [low, high],
  timeouts: { head: timeout, firstToken: timeout, idle: timeout },
})

/**
 * Where to begin with well-known families of models, for the option `perModel`. They are no promise of their providers: your
 * account has limits of its own.
 */
export const presets: Readonly<Record<'gpt-' | 'claude-' | 'gemini-' | 'deepseek-', ModelOptions>> = {
  'gpt-': family(5, 10, 60_000),
  'claude-': family(3, 8, 90_000),
  'gemini-': family(10, 20, 30_000),
  'deepseek-': family(8, 15, 45_000),
}

export const timeoutDefaults: RelayTimeouts = { head: 60_000, firstToken: 60_000, idle: 60_000 }

/** Two at most by the protocol; more only where an application wants it. */
export const retryDefault = 2

export function checkTimeouts(option: string, timeouts: Partial<RelayTimeouts> = {}): void {
  checkNames(option, timeouts, Object.keys(timeoutDefaults))
  for (const [name, value] of Object.entries(timeouts)) checkDuration(`${option}.${name}`, value)
}

export function checkModelOptions(perModel: Readonly<Record<string, ModelOptions>>): void {
  for (const [model, options] of Object.entries(perModel)) {
    const option = `relay.perModel.${model}`
    if (typeof options !== 'object' || options === null) {
      throw new StreamError('option', `The option ${option} is no object. Give { concurrency, timeouts, … }.`)
    }
    checkNames(option, options, ['concurrency', 'maxQueued', 'queueTimeout', 'timeouts', 'maxRetries'])
    const { concurrency, maxQueued, queueTimeout, timeouts, maxRetries } = options
    if (concurrency !== undefined) {
      const [low, high] = pairOf(concurrency)
      checkCount(`${option}.concurrency`, low, 1)
      checkCount(`${option}.concurrency`, high, low)
    }
    if (maxQueued !== undefined) checkCount(`${option}.maxQueued`, maxQueued, 0)
    if (queueTimeout !== undefined) checkDuration(`${option}.queueTimeout`, queueTimeout)
    if (maxRetries !== undefined) checkCount(`${option}.maxRetries`, maxRetries, 0)
    checkTimeouts(`${option}.timeouts`, timeouts)
  }
}

/** What holds for `model`: its own entry before the longest beginning of its name, and both before the defaults. */
export function settingsOf(
  model: string,
  perModel: Readonly<Record<string, ModelOptions>>,
  defaults: { readonly timeouts: RelayTimeouts; readonly maxRetries: number },
): ModelSettings {
  const names = Object.keys(perModel).filter((name) => model.startsWith(name))
  const [name] = names.sort((one, other) => other.length - one.length)
  const { concurrency, maxQueued = 100, queueTimeout = 60_000, ...own } = name === undefined ? {} : perModel[name]!
  return {
    concurrency: concurrency === undefined ? undefined : pairOf(concurrency),
    maxQueued,
    queueTimeout,
    timeouts: { ...defaults.timeouts, ...own.timeouts },
    maxRetries: own.maxRetries ?? defaults.maxRetries,
  }
}

const pairOf = (concurrency: number | readonly [number, number]) =>
  typeof concurrency === 'number' ? ([concurrency, concurrency] as const) : concurrency
