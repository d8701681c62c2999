// A little above 150 lines: every option and every event of a hub, with what whoever runs one has to know of it.
import { StreamError } from '@keepstream/core'
import type { End } from './entry'
import { type Limits, resolveLimits } from './limits'
import type { Awaitable, Log, LogEvent, Owner } from './log'
import { checkLogger, type Logger } from './logger'
import { checkDuration, checkFunction, checkNames } from './option'
import type { Place } from './position'
import type { ProducerReport } from './report'

/** On whose behalf a request is made. A stream is only ever read and stopped by the principal that started it. */
export interface Principal {
  readonly tenant?: string | undefined
  readonly user?: string | undefined
  /**
   * How long the credential is still good, in milliseconds. Default `Infinity`. No connection outlives it by more than a
   * second: it ends with `bye` `auth`, and the client comes back with another credential. A WebSocket stays where the
   * client sends another one before.
   */
  readonly expires?: number | undefined
}

export interface AuthorizationRequest {
  /** The request without its body. */
  readonly request: Request
  /** `connect`: whether a WebSocket may be opened, asked before each of its requests is asked about like any other. `list`: which streams of this principal are live. */
  readonly verb: 'connect' | 'create' | 'list' | 'read' | 'stop'
  /** The path of the route; for `connect` that of the WebSocket. */
  readonly route: string
  /** The stream to be read or stopped, and to whom it belongs. Absent where there is none yet, and where a topic is read. */
  readonly stream?: { readonly id: string; readonly owner: Owner } | undefined
}

/**
 * Says who asks, or nothing where they may not. Asked at every operation, each reconnection included. To share a stream,
 * return its owner as the principal. Throw a `StreamError` of the code `http` with a `status` to answer otherwise.
 */
export type Authorize = (request: AuthorizationRequest) => Awaitable<Principal | undefined | false>

/** Of which stream an event tells, and on which route. */
interface OfStream {
  readonly stream: string
  readonly route: string
}

/** What happens in a hub, for logs and numbers. No event carries what people or models wrote. */
export type HubEvent =
  | { readonly type: 'created'; readonly stream: string; readonly owner: Owner }
  /** A start that was repeated, and was given the stream that its key has. */
  | ({ readonly type: 'replayed' } & OfStream)
  /** The first entry of a producer, `after` milliseconds. */
  | ({ readonly type: 'begun'; readonly after: number } & OfStream)
  /** `transport`: `http` or `websocket`. */
  | ({ readonly type: 'attached'; readonly transport: string } & OfStream & Place)
  /** What it was given in `duration` milliseconds. `full`: it left, or was cut off, while it had bytes to take. */
  | ({
      readonly type: 'detached'
      readonly transport: string
      readonly entries: number
      readonly bytes: number
      readonly duration: number
      readonly full: boolean
    } & OfStream)
  /** An error of a producer, in full, before the stream ends with what readers may know of it. */
  | { readonly type: 'failed'; readonly stream: string; readonly error: unknown }
  /** `n` entries and so many bytes within `duration` milliseconds. */
  | ({ readonly type: 'ended'; readonly n: number; readonly bytes: number; readonly duration: number } & OfStream & End)
  /** What a producer tells of its costs and upstreams, and whose stream it was. */
  | (ProducerReport & OfStream & { readonly owner: Owner })
  /** It is no longer produced here and has not ended here: another process has it, or the log could not be written. */
  | ({ readonly type: 'released' } & OfStream)
  /** A request that was answered with 500: a hook threw, or the log could not be reached. */
  | { readonly type: 'request-failed'; readonly method: string; readonly path: string; readonly error: unknown }
  /** A request that was answered with another status of 400 or more. `route` is absent where there is none at its address. */
  | { readonly type: 'refused'; readonly route?: string; readonly status: number; readonly code: string }
  | { readonly type: 'socket-opened' | 'socket-closed'; readonly path: string }
  /** What a log that processes share tells of itself. */
  | { readonly type: 'log'; readonly event: LogEvent }
  /** A shutdown begins, with so many answers under way and connections that read. */
  | { readonly type: 'draining'; readonly generations: number; readonly readers: number }
  /** It is over, after `duration` milliseconds: so many answers were cut. `error`: why the log could not be closed. */
  | { readonly type: 'closed'; readonly cut: number; readonly duration: number; readonly error?: unknown }

export interface HubOptions {
  /** Where the entries of all streams are kept, such as `memoryLog()`. */
  readonly log: Log
  /** Default: whoever knows the id of a stream may read and stop it. */
  readonly authorize?: Authorize | undefined
  /** The interval of heartbeats, in milliseconds. Default 15,000. */
  readonly heartbeat?: number
  /** How long clients shall wait before they come back, drawn for each connection, in milliseconds. Default 1,000 to 3,000. */
  readonly retry?: { readonly min: number; readonly max: number }
  /** How much of everything there may be. */
  readonly limits?: Partial<Limits>
  /** How long a finished stream can still be read, in milliseconds. Default 10 minutes. */
  readonly retention?: number
  /** How long one answer may take, in milliseconds. Default 10 minutes. Beyond it the stream ends with `timeout`. */
  readonly generationTimeout?: number
  /** Stop an answer that nobody has read for so long, in milliseconds. Default `Infinity`: leaving is not stopping. */
  readonly abandonAfter?: number
  /**
   * How long one connection may last, in milliseconds, give or take 20 %. Default 10 minutes. It is what finds
   * connections whose client vanished without a word; a client that lives comes back from its cursor.
   */
  readonly connectionAge?: number
  /**
   * What becomes of an answer whose process died, where another one shares its log. `lost` (the default): it ends so.
   * `regenerate`: it is produced again from its input, which asks the model, and bills, once more; readers discard what
   * they had. With `memoryLog()` nothing outlives the process.
   */
  readonly onOwnerLost?: 'lost' | 'regenerate'
  /** Told of what happens. Where it throws, the stream that it was told of ends with `hook_failed`. */
  readonly onEvent?: ((event: HubEvent) => void) | undefined
  /**
   * Writes what happens as structured lines: pino, or anything of its shape. Never what people or models said, nor whose
   * it is, nor messages of errors that are not our own: `onEvent` has those. Where it throws, nothing happens.
   */
  readonly logger?: Logger | undefined
  /** Milliseconds. Default `performance.now`: a jump of the wall clock ends nothing. */
  readonly now?: () => number
  /** Numbers from 0 up to 1. Default `Math.random`. */
  readonly random?: () => number
}

const minute = 60_000
const defaults = {
  authorize: undefined,
  heartbeat: 15_000,
  retry: { min: 1000, max: 3000 },
  retention: 10 * minute,
  generationTimeout: 10 * minute,
  abandonAfter: Number.POSITIVE_INFINITY,
  connectionAge: 10 * minute,
  onOwnerLost: 'lost' as const,
  onEvent: undefined,
  logger: undefined,
  now: () => performance.now(),
  random: Math.random,
}

/** The options with their defaults, checked. `tick`: how often to look at deadlines, which are found up to two ticks late. */
export function resolveHubOptions(options: HubOptions) {
  checkNames('createHub', options, ['log', 'limits', ...Object.keys(defaults)])
  const settings = { ...defaults, ...options, limits: resolveLimits(options.limits) }
  const { log, heartbeat, retry, retention, generationTimeout, abandonAfter, connectionAge } = settings
  if (typeof log?.claim !== 'function') {
    throw new StreamError('option', 'The option createHub.log is no log. Give memoryLog() or redisLog({ client }).')
  }
  for (const [name, value] of Object.entries({
    heartbeat,
    retention,
    generationTimeout,
    abandonAfter,
    connectionAge,
  })) {
    checkDuration(`createHub.${name}`, value)
  }
  if (!['lost', 'regenerate'].includes(settings.onOwnerLost)) {
    throw new StreamError(
      'option',
      `The option createHub.onOwnerLost is "${settings.onOwnerLost}". Give "lost" or "regenerate".`,
    )
  }
  if (typeof retry !== 'object' || retry === null) {
    throw new StreamError('option', `The option createHub.retry is ${retry}. Give { min, max } in milliseconds.`)
  }
  checkDuration('createHub.retry.min', retry.min, 0)
  checkDuration('createHub.retry.max', retry.max, retry.min)
  // No client can be told to wait for ever.
  if (!Number.isFinite(retry.max)) {
    throw new StreamError('option', 'The option createHub.retry.max is Infinity. Give milliseconds that end.')
  }
  for (const name of ['authorize', 'onEvent', 'now', 'random'] as const)
    checkFunction(`createHub.${name}`, settings[name])
  checkLogger('createHub.logger', settings.logger)
  const soonest = Math.min(heartbeat, retention, generationTimeout, abandonAfter, connectionAge) / 4
  return { ...settings, tick: Math.max(5, Math.min(500, soonest)) }
}
