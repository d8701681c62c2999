// Above 150 lines, a third of them its interface: the one place where producers, the log and deadlines meet.
import { type Attachments, createAttachments, type Readership } from './attachments'
import { boundAuthorize } from './authorization'
import { drain, shutDown } from './drain'
import type { End, Terminal } from './entry'
import { recordEvents } from './event-record'
import { closingError, httpError } from './exchange'
import { type Generation, type Producer, startGeneration } from './generation'
import { type HubEvent, type HubOptions, resolveHubOptions } from './hub-options'
import { createStreamId } from './ids'
import type { Limits } from './limits'
import type { Awaitable, Claim, Log, Owner, StreamLog } from './log'
import { createObservers } from './observers'
import { checkDuration, checkNames } from './option'
import type { ProducerReport } from './report'
import { createSeats, personOf } from './seats'
import { createVisitors, type Visitors } from './visitors'
import { createWheel } from './wheel'

export type { Visitor } from './visitors'

export interface StartRequest {
  readonly owner: Owner
  readonly key?: string | undefined
  readonly fingerprint?: string | undefined
  readonly input: unknown
  readonly produce: Producer
  /** Whether the producer appends the entries of a message, so that a state of it can be kept. Default false. */
  readonly snapshots?: boolean | undefined
  /** How long it may take, in milliseconds. Default: `generationTimeout` of the hub. */
  readonly timeout?: number | undefined
}

/** What a path produces. */
type Work = Pick<StartRequest, 'produce' | 'snapshots' | 'timeout'>

export interface CloseOptions {
  /** How long running producers may go on, in milliseconds. Default 10,000. */
  readonly drainTimeout?: number
}

/** All streams of a server: who produces them, who reads them, when they are over. */
export interface Hub extends Pick<Attachments, 'attach' | 'visit'> {
  /** `draining`: nothing new begins; `closed`: nothing is left. */
  readonly state: 'open' | 'draining' | 'closed'
  readonly limits: Limits
  readonly authorize: HubOptions['authorize']
  /** Whether other processes read, and produce, in the same log. */
  readonly shared: boolean
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
  /** Where topics are kept; absent where the log keeps none. */
  readonly topics: Log['topics']
  /** Rejects while the log cannot be reached. */
  readonly check: () => Promise<void>
  /** Says what a path produces, so that a stream of it whose process died can be produced again here. */
  readonly mount: (path: string, work: Work) => void
  /** Tells `listener` what happens, as the `onEvent` hook is told. Returns a function that forgets it. */
  readonly observe: (listener: (event: HubEvent) => void) => () => void
  /** Who may hold a connection. `attach` asks by itself; ask before the head of an answer is sent, to refuse with a status. */
  readonly visitors: Visitors
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

interface Running extends Generation, Readership {
  readonly timeout: number
}

/** Creates a hub, one for each server process. Throws a `StreamError` with the code `option` that names option and remedy. */
export function createHub(options: HubOptions): Hub {
  const settings = resolveHubOptions(options)
  const { log, limits, heartbeat, retention, now, random, onEvent } = settings
  const running = new Map<string, Running>()
  /** What each path produces. */
  const mounted = new Map<string, Work>()
  let state: Hub['state'] = 'open'
  let closed: Promise<void> | undefined
  const wheel = createWheel({ tick: settings.tick, now })
  let ticking = false
  const closing = new AbortController()

  /** An observer that throws ends the stream that it was told of, never the process. */
  const { tell: emit, observe } = createObservers((event) => {
    const message = 'The answer could not be completed.'
    if ('stream' in event) void running.get(event.stream)?.end({ state: 'error', code: 'hook_failed', message })
  })
  if (onEvent) observe(onEvent)
  if (settings.logger) observe(recordEvents(settings.logger))

  /** Begins with the first stream or reader: a timer may be what a module must not start. */
  function startTicking(): void {
    if (ticking) return
    ticking = true
    wheel.after(settings.tick, tick)
  }

  function tick(): number {
    for (const generation of running.values()) expire(generation, wheel.time)
    log.sweep()
    return settings.tick
  }

  function expire(generation: Running, time: number): void {
    const { stream, startedAt, end, timeout } = generation
    if (stream.readElsewhere) generation.unreadSince = time
    if (time - startedAt >= timeout) {
      void end({ state: 'timeout', code: 'generation_timeout', message: 'The answer took too long and was ended.' })
    } else if (generation.readers === 0 && time - generation.unreadSince >= settings.abandonAfter) {
      void end({ state: 'stopped', code: 'abandoned' })
    }
  }

  const retryDelay = () => Math.round(settings.retry.min + random() * (settings.retry.max - settings.retry.min))
  const visitors = createVisitors(limits, retryDelay)
  const starts = createSeats(limits.streamsPerUser)

  const { connectionAge } = settings
  const { readers, attach, visit } = createAttachments({
    running,
    visitors,
    wheel,
    heartbeat,
    connectionAge,
    retryDelay,
    now,
    random,
    report: emit,
    admit() {
      if (state !== 'closed') startTicking()
      return state !== 'closed'
    },
  })

  function produce(stream: StreamLog, work: Work & Pick<StartRequest, 'input'>): void {
    const { input, produce, snapshots = false, timeout = settings.generationTimeout } = work
    const about = { stream: stream.id, route: stream.owner.route }
    const onError = (error: unknown) => emit({ type: 'failed', stream: stream.id, error })
    const onBegun = () => emit({ type: 'begun', ...about, after: Math.round(now() - generation.startedAt) })
    const onReport = (report: ProducerReport) => emit({ ...report, ...about, owner: stream.owner })
    const told = { onError, onBegun, onReport }
    const generation = startGeneration({ stream, input, produce, snapshots, limits, retention, now, ...told })
    const { lose, summarize } = generation
    stream.own({ end: (end) => void generation.end(end), lose, summarize })
    running.set(stream.id, { ...generation, readers: 0, unreadSince: generation.startedAt, timeout })
    startTicking()
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
  log.observe?.((event) => emit({ type: 'log', event }))

  async function seal(stream: StreamLog, end: End): Promise<Terminal> {
    return stream.terminal ?? (await (running.get(stream.id)?.end(end) ?? stream.seal(end, retention)))
  }

  async function claim(request: Omit<Claim, 'id'>) {
    const claimed = await log.claim({ ...request, id: createStreamId() })
    if ('stream' in claimed) return { stream: claimed.stream, created: claimed.outcome === 'created' }
    if (claimed.outcome === 'absent') throw tooManyStreams(limits.streamsPerUser, retryDelay())
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

  async function begin(request: StartRequest, existing = false) {
    const { owner, key, fingerprint } = request
    const input = settings.onOwnerLost === 'regenerate' ? JSON.stringify(request.input) : undefined
    const claimed = await claim({ owner, key, fingerprint, input, existing })
    // It may have closed while the log answered. Then nobody would produce, nor end, what was claimed.
    if (state !== 'open') {
      if (claimed.created) await seal(claimed.stream, { state: 'lost', ...shutDown })
      throw closingError()
    }
    if (claimed.created && !claimed.stream.terminal) produce(claimed.stream, request)
    if (!claimed.created) emit({ type: 'replayed', stream: claimed.stream.id, route: owner.route })
    return claimed
  }

  async function shut(timeout: number): Promise<void> {
    const since = now()
    state = 'draining'
    closing.abort()
    emit({ type: 'draining', generations: running.size, readers: readers.size })
    const handOver = log.shared && settings.onOwnerLost === 'regenerate'
    const cut = await drain({ generations: running, readers, shared: log.shared, handOver, timeout, retryDelay })
    wheel.stop()
    state = 'closed'
    const over = (error?: unknown) =>
      emit({ type: 'closed', cut, duration: Math.round(now() - since), ...(error !== undefined && { error }) })
    try {
      await log.close?.()
    } catch (error) {
      over(error)
      throw error
    }
    over()
  }

  return {
    get state() {
      return state
    },
    limits,
    authorize: settings.authorize && boundAuthorize(settings.authorize, limits),
    shared: log.shared,
    heartbeat,
    retryDelay,
    closing: closing.signal,
    counts: () => ({ generations: running.size, readers: readers.size }),
    find: log.find,
    list: log.list,
    topics: log.topics,
    check: async () => log.check?.(),
    mount: (path, work) => void mounted.set(path, work),
    observe,
    visitors,
    async start(request) {
      // By its key, so that a start that is repeated takes no second place.
      const seat = request.key ?? {}
      const person = personOf(request.owner)
      // Where all are taken it finds its stream all the same, also one that is over or was begun elsewhere.
      if (starts.full(person, seat)) return begin(request, true)
      starts.take(person, seat)
      const free = () => starts.leave(person, seat)
      const begun = await begin(request).catch((error: unknown) => {
        free()
        throw error
      })
      const work = begun.created ? running.get(begun.stream.id) : undefined
      if (work) void work.done.then(free, free)
      else free()
      return begun
    },
    attach,
    visit,
    stop: (stream) => seal(stream, { state: 'stopped' }),
    async stopKey(request) {
      const { stream, created } = await claim(request)
      return { terminal: await seal(stream, { state: 'stopped' }), early: created }
    },
    report: emit,
    close(given = {}) {
      checkNames('close', given, ['drainTimeout'])
      const { drainTimeout: timeout = 10_000 } = given
      checkDuration('close.drainTimeout', timeout, 0)
      closed ??= shut(timeout)
      return closed
    },
  }
}

const tooManyStreams = (most: number, after: number) =>
  httpError(
    429,
    'too_many_streams',
    `You have ${most} answers under way, and may have no more. Try again later.`,
    after,
  )
