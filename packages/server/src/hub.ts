// A little longer than most: the one place where streams, readers and deadlines meet.
import { createReader, type Delivered, type Reader, type Sink } from './cursor-reader'
import { drain, shutDown } from './drain'
import type { End, Terminal } from './entry'
import { recordEvents } from './event-record'
import { closingError, httpError } from './exchange'
import { type Generation, type Producer, startGeneration } from './generation'
import { type HubEvent, type HubOptions, type Principal, resolveHubOptions } from './hub-options'
import { createStreamId } from './ids'
import type { Limits } from './limits'
import type { Awaitable, Claim, Log, Owner, StreamLog } from './log'
import { openingBytes } from './opening'
import { checkDuration } from './option'
import type { Place } from './position'
import { createTicker } from './ticker'

export interface StartRequest {
  readonly owner: Owner
  readonly key?: string | undefined
  readonly fingerprint?: string | undefined
  readonly input: unknown
  readonly produce: Producer
  /** Whether the producer appends the entries of a message, so that a state of it can be kept. Default false. */
  readonly snapshots?: boolean | undefined
}

/** Who reads, as far as the bounds on readers have to know. */
export interface Visitor extends Principal {
  /** The address that the connection comes from. */
  readonly address?: string | undefined
}

export interface CloseOptions {
  /** How long running producers may go on, in milliseconds. Default 10,000. */
  readonly drainTimeout?: number
}

/** All streams of a server: who produces them, who reads them, when they are over. */
export interface Hub {
  /** `draining`: nothing new begins; `closed`: nothing is left. */
  readonly state: 'open' | 'draining' | 'closed'
  readonly limits: Limits
  readonly authorize: HubOptions['authorize']
  /** The interval of heartbeats, in milliseconds. */
  readonly heartbeat: number
  /** How long one client shall wait before it comes back, in milliseconds: drawn at each call. */
  readonly retryDelay: () => number
  /** Aborted when `close` is first called, for whatever holds connections of its own. */
  readonly closing: AbortSignal
  /** Streams that are being produced, and connections that read. */
  readonly counts: () => { readonly generations: number; readonly readers: number }
  /** Creates a stream and starts its producer, or finds the stream that the key already has. */
  readonly start: (request: StartRequest) => Promise<{ readonly stream: StreamLog; readonly created: boolean }>
  readonly find: (id: string) => Awaitable<StreamLog | undefined>
  /** The streams of this tenant and user that are not over, the newest first. */
  readonly list: Log['list']
  /** Rejects while the log cannot be reached. */
  readonly check: () => Promise<void>
  /** Says what a path produces, so that a stream of it whose process died can be produced again here. */
  readonly mount: (path: string, work: Pick<StartRequest, 'produce' | 'snapshots'>) => void
  /** Tells `listener` what happens, as the `onEvent` hook is told. Returns a function that forgets it. */
  readonly observe: (listener: (event: HubEvent) => void) => () => void
  /** Lets a connection read from `place` on, at its own pace, to the end. To leave is not to stop. */
  readonly attach: (stream: StreamLog, place: Place, sink: Sink, visitor?: Visitor) => Reader
  /** Ends a stream, at its producer too, and resolves with its terminal entry. */
  readonly stop: (stream: StreamLog) => Promise<Terminal>
  /** Stops the stream of a key, also one that has not begun: whoever starts it later finds it stopped. */
  readonly stopKey: (
    claim: Omit<Claim, 'id' | 'fingerprint'>,
  ) => Promise<{ readonly terminal: Terminal; readonly early: boolean }>
  /** Tells the `onEvent` hook, and whoever observes, of what the hub itself does not see. */
  readonly report: (event: HubEvent) => void
  /** Lets running producers finish within the timeout, ends the others as `lost`, and closes every connection. */
  readonly close: (options?: CloseOptions) => Promise<void>
}

interface Running extends Generation {
  readers: number
  /** When the last reader left. */
  unreadSince: number
}

/** Creates a hub, one for each server process. Throws a `StreamError` with the code `option` that names option and remedy. */
export function createHub(options: HubOptions): Hub {
  const settings = resolveHubOptions(options)
  const { log, limits, heartbeat, retention, now, random, onEvent } = settings
  const running = new Map<string, Running>()
  /** Every reader, and when it has to leave. */
  const readers = new Map<Reader, number>()
  const observers = new Set<(event: HubEvent) => void>(onEvent && [onEvent])
  if (settings.logger) observers.add(recordEvents(settings.logger))
  /** What each path produces. */
  const mounted = new Map<string, Pick<StartRequest, 'produce' | 'snapshots'>>()
  let state: Hub['state'] = 'open'
  let closed: Promise<void> | undefined
  const ticker = createTicker(settings.tick, tick)
  const closing = new AbortController()

  /** An observer that throws, at once or later, ends the stream that it was told of, never the process. */
  function emit(event: HubEvent): void {
    const failed = () => {
      const message = 'The answer could not be completed.'
      if ('stream' in event) void running.get(event.stream)?.end({ state: 'error', code: 'hook_failed', message })
    }
    for (const observer of observers) {
      try {
        const told: unknown = observer(event)
        if (told instanceof Promise) told.catch(failed)
      } catch {
        failed()
      }
    }
  }

  function tick(): void {
    const time = now()
    for (const generation of running.values()) expire(generation, time)
    for (const [reader, leavesAt] of readers) {
      if (time >= leavesAt) reader.bye('age', retryDelay())
      else reader.beat(time, heartbeat)
    }
    log.sweep()
  }

  function expire({ startedAt, end, readers, unreadSince }: Running, time: number): void {
    if (time - startedAt >= settings.generationTimeout) {
      void end({ state: 'timeout', code: 'generation_timeout', message: 'The answer took too long and was ended.' })
    } else if (readers === 0 && time - unreadSince >= settings.abandonAfter) {
      void end({ state: 'stopped', code: 'abandoned' })
    }
  }

  const retryDelay = () => Math.round(settings.retry.min + random() * (settings.retry.max - settings.retry.min))

  function produce(
    stream: StreamLog,
    { input, produce, snapshots = false }: Pick<StartRequest, 'input' | 'produce' | 'snapshots'>,
  ): void {
    const about = { stream: stream.id, route: stream.owner.route }
    const onError = (error: unknown) => emit({ type: 'failed', stream: stream.id, error })
    const onBegun = () => emit({ type: 'begun', ...about, after: Math.round(now() - generation.startedAt) })
    const generation = startGeneration({ stream, input, produce, snapshots, limits, retention, now, onError, onBegun })
    const { lose, summarize } = generation
    stream.own({ end: (end) => void generation.end(end), lose, summarize })
    running.set(stream.id, { ...generation, readers: 0, unreadSince: generation.startedAt })
    ticker.start()
    const ended = ({ data }: Terminal) =>
      emit({ type: 'ended', ...about, ...data, bytes: stream.size, duration: Math.round(now() - generation.startedAt) })
    const released = (error: unknown) => {
      onError(error)
      emit({ type: 'released', ...about })
    }
    void generation.done.then(ended, released).finally(() => running.delete(stream.id))
    emit({ type: 'created', stream: stream.id, owner: stream.owner })
  }

  /** Whether a stream that another process left is begun again here. */
  function adopt(stream: StreamLog, input: unknown): boolean {
    const work = mounted.get(stream.owner.route)
    if (!work || state !== 'open') return false
    produce(stream, { ...work, input })
    return true
  }
  if (settings.onOwnerLost === 'regenerate') log.adopt?.(adopt)

  async function seal(stream: StreamLog, end: End): Promise<Terminal> {
    return stream.terminal ?? (await (running.get(stream.id)?.end(end) ?? stream.seal(end, retention)))
  }

  async function claim(request: Omit<Claim, 'id'>) {
    const claimed = await log.claim({ ...request, id: createStreamId() })
    if ('stream' in claimed) return { stream: claimed.stream, created: claimed.outcome === 'created' }
    if (claimed.outcome === 'gone')
      throw httpError(410, 'gone', 'The answer to this Idempotency-Key is over and no longer kept.')
    if (claimed.outcome === 'full')
      throw httpError(503, 'overloaded', 'The server holds too many answers. Try again shortly.', 1000)
    throw httpError(
      422,
      'key_reused',
      'This Idempotency-Key was used for another request. Use a new key for each action.',
    )
  }

  async function shut(timeout: number): Promise<void> {
    const since = now()
    state = 'draining'
    closing.abort()
    emit({ type: 'draining', generations: running.size, readers: readers.size })
    const handOver = log.shared && settings.onOwnerLost === 'regenerate'
    const cut = await drain({ generations: running, readers, shared: log.shared, handOver, timeout, retryDelay })
    ticker.stop()
    state = 'closed'
    await log.close?.()
    emit({ type: 'closed', cut, duration: Math.round(now() - since) })
  }

  return {
    get state() {
      return state
    },
    limits,
    authorize: settings.authorize,
    heartbeat,
    retryDelay,
    closing: closing.signal,
    counts: () => ({ generations: running.size, readers: readers.size }),
    find: log.find,
    list: log.list,
    check: async () => log.check?.(),
    mount: (path, work) => void mounted.set(path, work),
    observe(listener) {
      const observer = (event: HubEvent) => listener(event) // One entry per call, so that the same listener may observe twice.
      observers.add(observer)
      return () => observers.delete(observer)
    },
    async start(request) {
      const { owner, key, fingerprint } = request
      const input = settings.onOwnerLost === 'regenerate' ? JSON.stringify(request.input) : undefined
      const claimed = await claim({ owner, key, fingerprint, input })
      // It may have closed while the log answered. Then nobody would produce, nor end, what was claimed.
      if (state !== 'open') {
        if (claimed.created) await seal(claimed.stream, { state: 'lost', ...shutDown })
        throw closingError()
      }
      if (claimed.created && !claimed.stream.terminal) produce(claimed.stream, request)
      if (!claimed.created) emit({ type: 'replayed', stream: claimed.stream.id, route: owner.route })
      return claimed
    },
    attach(stream, place, sink, _visitor) {
      const work = running.get(stream.id)
      let left = false
      let reader: Reader | undefined
      const since = now()
      const about = { stream: stream.id, route: stream.owner.route, transport: sink.transport ?? 'http' }
      const onClose = (delivered: Delivered) => {
        left = true
        if (reader) readers.delete(reader)
        if (work && --work.readers === 0) work.unreadSince = now()
        // What was sent last may fill the connection of a reader that has all.
        const full = reader?.parked === true && !(stream.terminal && reader.position >= stream.terminal.seq)
        emit({ type: 'detached', ...about, ...delivered, full, duration: Math.round(now() - since) })
      }
      if (work) work.readers++
      emit({ type: 'attached', ...about, ...place })
      const opening = openingBytes(stream, place, { heartbeat, retry: retryDelay() })
      reader = createReader({ stream, sink, position: place.position, opening, now, onClose })
      // A client can be gone before it was attached.
      if (!left) readers.set(reader, now() + settings.connectionAge * (0.8 + 0.4 * random()))
      if (state === 'closed') reader.bye('drain', retryDelay())
      else ticker.start()
      return reader
    },
    stop: (stream) => seal(stream, { state: 'stopped' }),
    async stopKey(request) {
      const { stream, created } = await claim(request)
      return { terminal: await seal(stream, { state: 'stopped' }), early: created }
    },
    report: emit,
    close({ drainTimeout: timeout = 10_000 } = {}) {
      checkDuration('close.drainTimeout', timeout, 0)
      closed ??= shut(timeout)
      return closed
    },
  }
}
