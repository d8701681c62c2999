import { StreamError } from './errors'
import { type Inspected, inspect } from './inspect'
import { check, settings } from './option'
import { isActive } from './session/transition'
import { createStream, type Stream } from './stream'
import type { StreamOptions } from './stream-options'
import { longest } from './wait'

export interface ManagerOptions {
  /** How old an answer may get, in milliseconds from its start; then it is stopped, at the model too. Default `Infinity`. */
  readonly maxAge?: number
  /** The most answers under way at once; a start above it fails. Default `Infinity`. */
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
export interface Manager {
  /** As `createStream`, but listed, aged and shut down with the others. */
  readonly createStream: <TPart, TData>(options: StreamOptions<TPart, TData>) => Stream<TPart, TData>
  /** The answers under way, oldest first. */
  readonly get: () => readonly ActiveStream[]
  /**
   * Ends all answers and refuses new ones. `detach` leaves those that a server keeps running there; `stop` ends them at the
   * model too. Default `detach`. Resolves once every stop was acknowledged or given up.
   */
  readonly shutdown: (how?: 'detach' | 'stop') => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

interface Entry extends ActiveStream {
  readonly timer: ReturnType<typeof setTimeout> | undefined
}

const unlimited = { maxAge: Number.POSITIVE_INFINITY, maxStreams: Number.POSITIVE_INFINITY }

/** Creates a manager. Throws a `StreamError` with the code `option` that names the option and the remedy. */
export function createManager(options: ManagerOptions = {}): Manager {
  const { maxAge, maxStreams } = settings('', unlimited, options, 1)
  // By `get`, which is the same function for everybody who holds the stream. Weak: who drops a stream drops its entry.
  const owned = new WeakMap<Inspected['get'], Stream<unknown, unknown>>()
  const active = new Map<Inspected['get'], Entry>()
  let over = false

  const leave = inspect(({ stream: { get }, key, signal, snapshot }) => {
    const stream = owned.get(get)
    if (!stream) return
    // Going on is not beginning anew: the answer is as old as it was.
    if (signal.type === 'started') {
      if (signal.fresh || !active.has(get)) list(stream, key)
    } else if (!isActive(snapshot.status) || signal.type === 'detached') unlist(get)
  })

  function list(stream: Stream<unknown, unknown>, key: string | undefined): void {
    unlist(stream.get)
    const timer = maxAge < Infinity ? setTimeout(() => void stream.stop(), Math.min(maxAge, longest)) : undefined
    active.set(stream.get, { stream, key, startedAt: Date.now(), timer })
  }

  function unlist(get: Inspected['get']): void {
    clearTimeout(active.get(get)?.timer)
    active.delete(get)
  }

  /** A stream whose starts are refused where there are too many, or none any more. */
  function guard<TPart, TData>(stream: Stream<TPart, TData>): Stream<TPart, TData> {
    const admit = () => {
      checkOpen()
      if (active.size < maxStreams || active.has(stream.get)) return
      throw new StreamError('option', `${maxStreams} answers are under way, as many as \`maxStreams\` allows.`)
    }
    return {
      ...stream,
      start(input) {
        admit()
        return stream.start(input)
      },
      resume() {
        admit()
        return stream.resume()
      },
    }
  }

  function checkOpen(): void {
    if (over) throw new StreamError('option', 'The manager was shut down. Create another one.')
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
      checkOpen()
      const stream = createStream(given)
      owned.set(stream.get, stream as Stream<unknown, unknown>)
      return guard(stream)
    },
    get: () => [...active.values()].map(({ timer: _, ...entry }) => entry),
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(),
  }
}
