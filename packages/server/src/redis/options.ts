import { StreamError } from '@keepstream/core'
import { checkCount, checkDuration, checkFunction, checkNames } from '../option'
import type { RedisClient } from './connect'
import type { OwnedEvent } from './owned-stream'

/** What happens between a log and its Redis, for logs and numbers. */
export type RedisLogEvent =
  | OwnedEvent
  /**
   * Commands fail, or connections do. Producers and their readers in this process go on. Told once until it is
   * `reachable`.
   */
  | { readonly type: 'unreachable'; readonly error: unknown }
  | { readonly type: 'reachable' }
  /** A stream whose process died was taken over: it is produced again here (`adopted`), or has ended as `lost`. */
  | { readonly type: 'taken-over'; readonly stream: string; readonly adopted: boolean }
  /** A connection broke, or something went wrong in the background that is tried again. */
  | { readonly type: 'failed'; readonly error: unknown }

export interface RedisLogOptions {
  /**
   * `new Redis(url)` of `ioredis`, or `createClient({ url })` of `redis`. It stays the application's, except that the
   * log connects a client of `redis` that is not connected when it is first needed, and then closes it too.
   */
  readonly client: RedisClient
  /** A second client, for subscribing. Default: `client.duplicate()`, which the log closes. */
  readonly subscriber?: RedisClient | undefined
  /** What all keys and channels begin with. Default `ks`. */
  readonly prefix?: string
  /** After so many milliseconds of silence the process that produces a stream is taken for dead. Default 10,000. */
  readonly leaseTimeout?: number
  /** How often a process says that it lives, in milliseconds. Default 3,000, at most a third of `leaseTimeout`. */
  readonly renewInterval?: number
  /**
   * How often it is checked where the streams stand that are read here, in milliseconds. Default 5,000. It finds lost
   * messages.
   */
  readonly checkInterval?: number
  /**
   * How long entries gather before they are written, in milliseconds. Default 50: at 50 tokens a second that is about
   * 0.35 commands per token, measured. The first entry and the last are written at once, and readers in this process
   * wait for nothing. 0: as soon as Redis has answered.
   */
  readonly flushInterval?: number
  /** How long a request waits for Redis, in milliseconds. Default 5,000. Beyond it: 503. */
  readonly commandTimeout?: number
  /** How long a stream is kept that this log had to end as `lost`, in milliseconds. Default 10 minutes. */
  readonly retention?: number
  /**
   * What one stream may have appended that Redis has not taken, in bytes. Default 1 MiB. Beyond it its producer is
   * made to wait.
   */
  readonly maxPendingBytes?: number
  /**
   * What one running stream may hold in Redis, in bytes, where its route keeps `snapshots`. Default 1 MiB, at least
   * 64 KiB. Beyond it the older half makes room for the state that it reduces to.
   */
  readonly maxStreamBytes?: number
  /**
   * How much of the newest entries of a stream is kept for its readers in another process, in bytes. Default 256 KiB.
   */
  readonly maxTailBytes?: number
  /**
   * What all streams may hold in the memory of this process, in bytes. Default 256 MiB, at least 256 KiB. Beyond it
   * goes what Redis holds too, and is read from there. Where Redis is away and nothing can go, a stream that grows
   * ends with `log_full`.
   */
  readonly maxLogBytes?: number
  /** Told of what happens. An error that it throws goes no further. */
  readonly onEvent?: ((event: RedisLogEvent) => void) | undefined
  /** Milliseconds. Default `performance.now`: a jump of the wall clock expires nothing. */
  readonly now?: () => number
  /** Numbers from 0 up to 1, which spread repeated attempts. Default `Math.random`. */
  readonly random?: () => number
}

const kibibyte = 1024
const defaults = {
  prefix: 'ks',
  leaseTimeout: 10_000,
  renewInterval: 3000,
  checkInterval: 5000,
  flushInterval: 50,
  commandTimeout: 5000,
  retention: 10 * 60_000,
  maxPendingBytes: 1024 * kibibyte,
  maxStreamBytes: 1024 * kibibyte,
  maxTailBytes: 256 * kibibyte,
  maxLogBytes: 256 * 1024 * kibibyte,
  onEvent: undefined,
  now: () => performance.now(),
  random: Math.random,
}

/** The options with their defaults, checked. */
export function resolveRedisLogOptions(options: RedisLogOptions) {
  if (typeof (options as { readonly duplicate?: unknown } | undefined)?.duplicate === 'function') {
    throw new StreamError('option', 'The options of redisLog are a client. Give redisLog({ client }).')
  }
  checkNames('redisLog', options, ['client', 'subscriber', ...Object.keys(defaults)])
  const settings = { ...defaults, ...options }
  const { prefix, leaseTimeout, renewInterval } = settings
  if (typeof prefix !== 'string' || !/^[A-Za-z0-9._:-]{1,64}$/.test(prefix)) {
    throw new StreamError(
      'option',
      `The option redisLog.prefix is ${JSON.stringify(prefix)}. Give up to 64 of A-Z a-z 0-9 . _ : - such as ks.`,
    )
  }
  for (const name of ['leaseTimeout', 'renewInterval', 'checkInterval', 'commandTimeout', 'retention'] as const) {
    checkDuration(`redisLog.${name}`, settings[name])
    if (settings[name] === Number.POSITIVE_INFINITY) {
      throw new StreamError('option', `The option redisLog.${name} is Infinity. Give milliseconds that end.`)
    }
  }
  checkCount('redisLog.flushInterval', settings.flushInterval, 0)
  if (renewInterval * 3 > leaseTimeout) {
    throw new StreamError(
      'option',
      `The option redisLog.renewInterval is ${renewInterval}. Give at most a third of leaseTimeout (${leaseTimeout}), so that one lost renewal loses no stream.`,
    )
  }
  checkCount('redisLog.maxPendingBytes', settings.maxPendingBytes, 1)
  checkCount('redisLog.maxStreamBytes', settings.maxStreamBytes, 64 * kibibyte)
  checkCount('redisLog.maxTailBytes', settings.maxTailBytes, kibibyte)
  checkCount('redisLog.maxLogBytes', settings.maxLogBytes, 256 * kibibyte)
  for (const name of ['onEvent', 'now', 'random'] as const) checkFunction(`redisLog.${name}`, settings[name])
  return settings
}
