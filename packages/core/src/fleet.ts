import { StreamError } from './errors'
import { type Inspected, inspect } from './inspect'
import { check, settings } from './option'
import { isActive } from './session/transition'
import { type AsyncDispose, createStream, type Stream } from './stream'
import { checkOptions, type StreamOptions } from './stream-options'
import type { OpenRequest, Wrapper } from './transports/transport'
import { longest } from './wait'

export interface ManagerOptions {
  /**
   * How old an answer may get, in milliseconds from its start, time away included; then it is stopped, at the model too.
   * Default `Infinity`; what is above 24.8 days, the longest that a timer takes, counts as that.
   */
  readonly maxAge?: number
  /** The most answers under way at once; one above it ends as `failed`, and asks for nothing. Default `Infinity`. */
  readonly maxStreams?: number
}

/** An answer under way. */
export interface ActiveStream {
  readonly stream: Stream<unknown, unknown>
  readonly key: string | undefined
  /** When it began, a time of `Date.now()`. */
  readonly startedAt: number
}

/** Owns the streams that it creates: for servers, workers and tests, where no component comes and goes. */
export interface Manager extends Readonly<Record<AsyncDispose, () => Promise<void>>> {
  /** As `createStream`, but listed, aged and shut down with the others. */
  readonly createStream: <TPart, TData>(options: StreamOptions<TPart, TData>) => Stream<TPart, TData>
  /** The answers under way, in the order in which they were begun or resumed. */
  readonly get: () => readonly ActiveStream[]
  /**
   * Ends all answers and refuses new ones. `detach` leaves those that a server keeps running there; `stop` ends them at the
   * model too. Default `detach`. Resolves once every stop was acknowledged or given up.
   */
  readonly shutdown: (how?: 'detach' | 'stop') => Promise<void>
}

interface Owned {
  readonly stream: Stream<unknown, unknown>
  startedAt: number
}

interface Entry extends ActiveStream {
  readonly timer: ReturnType<typeof setTimeout> | undefined
}

const unlimited = { maxAge: Number.POSITIVE_INFINITY, maxStreams: Number.POSITIVE_INFINITY }

/** Creates a manager. Throws a `StreamError` with the code `option` that names the option and the remedy. */
export function createManager(options: ManagerOptions = {}): Manager {
  const { maxAge, maxStreams } = settings('', unlimited, options, 1)
  // By `get`, which is the same function for everybody who holds the stream. Weak: who drops a stream drops its entry.
  const owned = new WeakMap<Inspected['get'], Owned>()
  const active = new Map<Inspected['get'], Entry>()
  let over = false

  const leave = inspect(({ stream: { get }, key, signal, snapshot }) => {
    const own = owned.get(get)
    if (!own) return
    if (signal.type === 'started') {
      // Going on is not beginning anew: the answer is as old as it was.
      if (signal.fresh) own.startedAt = Date.now()
      if (signal.fresh || !active.has(get)) list(own, key)
    } else if (!isActive(snapshot.status) || signal.type === 'detached') unlist(get)
  })

  function list({ stream, startedAt }: Owned, key: string | undefined): void {
    unlist(stream.get)
    if (active.size >= maxStreams) return
    const left = Math.min(startedAt + maxAge - Date.now(), longest)
    const timer = maxAge < Infinity ? setTimeout(() => void stream.stop(), left) : undefined
    active.set(stream.get, { stream, key, startedAt, timer })
  }

  function unlist(get: Inspected['get']): void {
    clearTimeout(active.get(get)?.timer)
    active.delete(get)
  }

  /** Refuses what is not listed, at the one place where all connect: subscribers and resumes begin answers too. */
  function guard<TPart, TData>(given: StreamOptions<TPart, TData>, get: () => Inspected['get']) {
    const wrapper: Wrapper = (transport) => {
      const open = async (request: OpenRequest) => {
        if (!over && active.has(get())) return transport(request)
        throw new StreamError('option', over ? shut : `${maxStreams} answers are under way: raise \`maxStreams\`.`)
      }
      return Object.assign(open, transport.stop && { stop: transport.stop })
    }
    return { ...given, via: [wrapper, ...(given.via ?? [])] }
  }

  async function shutdown(how: 'detach' | 'stop' = 'detach'): Promise<void> {
    check(/^(detach|stop)$/.test(how), 'how', how, "'detach' or 'stop'")
    over = true
    const streams = [...active.values()].map(({ stream }) => stream)
    if (how === 'stop') await Promise.all(streams.map((stream) => stream.stop()))
    else for (const stream of streams) stream.detach()
    for (const get of [...active.keys()]) unlist(get)
    leave()
  }

  return {
    createStream<TPart, TData>(given: StreamOptions<TPart, TData>) {
      if (over) throw new StreamError('option', shut)
      checkOptions(given)
      const inner: Stream<TPart, TData> = createStream(guard(given, () => inner.get))
      const stream = { ...inner, update: (next: typeof given) => inner.update(guard(next, () => inner.get)) }
      owned.set(inner.get, { stream: stream as Stream<unknown, unknown>, startedAt: 0 })
      return stream
    },
    get: () => [...active.values()].map(({ timer: _, ...entry }) => entry),
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(),
  }
}

const shut = 'The manager was shut down. Create another one.'
