// Above 150 lines: a third is documentation of the public surface, and the actions share one run.
import type { Address } from './address'
import { StreamError } from './errors'
import { createHandover, type Handover } from './handover'
import { report } from './inspect'
import { mintKey } from './key'
import { type Listeners, tell } from './listeners'
import { backoff } from './retry/backoff'
import { hostBudget } from './retry/budget'
import { frame } from './schedule'
import { readClocks } from './session/clocks'
import { insist } from './session/insist'
import { beginning, canContinue, type Place } from './session/place'
import { type Again, reconnect } from './session/reconnect'
import { initialSnapshot, isActive, type Signal, type Snapshot, type Status, transition } from './session/transition'
import { wake } from './session/wake'
import { checkOptions, hostOf, type StreamOptions, transportOf } from './stream-options'
import type { StartRequest } from './transports/transport'
import { longest, wait } from './wait'

/** What `stop()` found out. */
export interface StopResult {
  /** Whether the server confirmed that nothing is generated any more. */
  readonly acknowledged: boolean
}

/**
 * One answer under way. Await it for the snapshot in which it settles (it never rejects: look at `status`), or iterate
 * over its parts, at once, for the loop sees none that have gone by. The loop throws a `StreamError` where the answer is
 * not complete. A slow loop slows the connection. To leave the loop is to leave only the loop: the stream goes on for its
 * subscribers, and lingers where there are none.
 */
export interface Run<TPart, TData> extends Promise<Snapshot<TData>>, AsyncIterable<TPart> {}

/** The key of what `await using` calls; no key at all for those who compile without the library `esnext.disposable`. */
export type AsyncDispose = SymbolConstructor['asyncDispose' & keyof SymbolConstructor]

/** A stream: its snapshot, whoever watches it, and what a person can do. The functions need no `this`. `await using` detaches. */
export interface Stream<TPart, TData>
  extends AsyncIterable<TPart>,
    Readonly<Record<AsyncDispose, () => Promise<void>>> {
  /** The snapshot as last published; the same object until something changes. */
  readonly get: () => Snapshot<TData>
  /** The snapshot before anything happened, for a render on a server. Its data is that of `get` until a part arrives. */
  readonly getInitial: () => Snapshot<TData>
  /**
   * Calls `listener` after each change; returns how to leave. The first subscriber of a `GET` stream connects it. When
   * the last one has left, the stream lingers and then detaches; a subscriber who comes later goes on from there.
   */
  readonly subscribe: (listener: () => void) => () => void
  /** Begins anew. The start carries an idempotency key: however often it has to be sent, the model is asked once. */
  readonly start: (input?: unknown) => Run<TPart, TData>
  /** Ends the answer, at the model too. Resolves with what the server confirmed; never rejects. */
  readonly stop: () => Promise<StopResult>
  /** Closes the connection and leaves the answer running on the server. */
  readonly detach: () => void
  /** Goes on after `detach`, an interruption or a failure, from the cursor. Without a place to go on from it changes nothing. */
  readonly resume: () => Run<TPart, TData>
  /** Detaches and forgets everything: `idle` again. */
  readonly reset: () => void
  /** Hands over the options of the next start, which checks them; the protocol stays. Whoever calls it last wins. */
  readonly update: (options: StreamOptions<TPart, TData>) => void
}

// What a server has already is shown once all of it is there, which takes a few reads; where it takes longer, so often.
const catchUp = 100

// How long a stopped stream listens for the last words of its server (protocol.md: a stop takes 3 s at most).
const lastWords = 3_000

/** What one start or resume holds until it is over. */
interface Running<TPart, TData> {
  readonly controller: AbortController
  readonly loops: Set<Handover<TPart>>
  readonly settled: Promise<void>
  /** Whether parts have gone by, so that a loop that begins now would miss them. */
  passed: boolean
  /** Whether somebody has asked for its end, so that nothing may be asked again. */
  stopping: boolean
  /** What there was when another run began, also where this one had been left before that. */
  last: Snapshot<TData> | undefined
}

/**
 * Creates a stream. Nothing connects before `start`, or before a `GET` stream has a subscriber.
 * Throws a `StreamError` with the code `option` that names the option and the remedy.
 */
export function createStream<TPart, TData>(options: StreamOptions<TPart, TData>): Stream<TPart, TData> {
  const { protocol } = checkOptions(options)
  let latest = options
  let given = options
  const initial = initialSnapshot(protocol)
  // One object for all starts, so that whoever waits for the first part can tell by it that none has arrived.
  const fold = { initial: () => initial.data, reduce: protocol.reduce }
  const listeners: Listeners = new Set()
  let snapshot = initial
  let published = initial
  let scheduled = false
  let catchingUp: ReturnType<typeof setTimeout> | undefined
  let running: Running<TPart, TData> | undefined
  let latestRun: Running<TPart, TData> | undefined
  let place: Place | undefined
  let kept: Address | undefined
  let lingering: ReturnType<typeof setTimeout> | undefined
  let leftBehind = false
  /** Where nothing is generated any more, as its server has said. */
  let confirmed: Place | undefined
  /** The start that another page sent, of which this one may not know the input. */
  let rejoined: StartRequest | undefined
  let unwatch: (() => void) | undefined

  function apply(signal: Signal<TPart>): void {
    const before = snapshot
    snapshot = transition(before, signal, fold)
    report(() => ({ stream, key: options.key, signal, snapshot, at: performance.now() }))
    if (snapshot === before) return
    if (signal.type !== 'received') keep(snapshot.status)
    const behind = signal.type === 'received' && signal.behind
    const waitedFor = !behind && (snapshot.status !== before.status || snapshot.connection !== before.connection)
    if (waitedFor || listeners.size === 0) publish()
    else if (behind) catchingUp ??= setTimeout(publish, catchUp)
    else if (!scheduled) {
      scheduled = true
      const { schedule = frame } = latest
      schedule(() => {
        scheduled = false
        publish()
      })
    }
  }

  /** Writes down where the answer lives, for as long as there is something to rejoin. */
  function keep(status: Status): void {
    const { persist, interruption } = given
    if (!persist || !protocol.durable) return
    const over = !isActive(status) && status !== 'interrupted'
    const { start, location } = place ?? {}
    if (over || !start) {
      // Another stream may have begun another answer since.
      if (kept && persist.load()?.start.key === kept.start.key) persist.save(undefined)
      kept = undefined
    } else if (start.key !== kept?.start.key || location !== kept.location) {
      // The input may be large, and is of no use once the server has it; unless it may have to be asked again.
      const input = location === undefined || interruption === 'restart' ? start.input : undefined
      kept = { start: { key: start.key, input }, location }
      persist.save(kept)
    }
  }

  /** Goes over to the answer that another page began. */
  function rejoin(address: Address | undefined): void {
    if (!address || address.start.key === place?.start?.key) return
    rejoined = address.start
    run(beginning(rejoined, address.location), true)
  }

  function publish(): void {
    clearTimeout(catchingUp)
    catchingUp = undefined
    if (published === snapshot) return
    published = snapshot
    tell(listeners)
  }

  function run(from: Place, fresh: boolean): Run<TPart, TData> {
    given = checkOptions(latest)
    if (latestRun) latestRun.last = snapshot
    leave()
    place = from
    leftBehind = false
    const controller = new AbortController()
    const retry = backoff(given.retry)
    const host = hostOf(given, from.location)
    const signals = reconnect({
      transport: transportOf({ ...given, protocol }),
      protocol,
      retry,
      clocks: readClocks(given.clocks, protocol.durable),
      place: from,
      again: () => (current.stopping ? undefined : again(from, given.interruption)),
      wake,
      host: host === undefined ? undefined : hostBudget(host),
      random: given.retry?.random,
      signal: controller.signal,
    })
    const loops = new Set<Handover<TPart>>()
    // The connection begins in a later microtask, so that a listener who stops the run at its first signal is in time.
    const settled = Promise.resolve().then(drive)
    const current: Running<TPart, TData> = {
      controller,
      loops,
      passed: false,
      stopping: false,
      last: undefined,
      settled,
    }
    running = latestRun = current
    apply({ type: 'started', fresh })
    return handle(current)

    async function drive(): Promise<void> {
      try {
        for await (const signal of signals) {
          if (controller.signal.aborted) break // A stale run never writes.
          apply(signal)
          if (signal.type === 'stopped') confirmed = from
          if (signal.type === 'received' && signal.parts.length > 0) {
            current.passed = true
            if (loops.size > 0) await Promise.all([...loops].map((loop) => loop.offer(signal.parts)))
          } else if (signal.type === 'reset') {
            current.passed ||= signal.data !== undefined
            if (!current.passed) continue
            const sentence = 'What this loop was given is void. Watch the snapshots instead.'
            for (const loop of loops) loop.finish(new StreamError('interrupted', sentence, { reason: signal.reason }))
          }
        }
      } catch (cause) {
        if (!controller.signal.aborted) apply({ type: 'failed', error: StreamError.from(cause, 'decode') })
      }
      if (running === current) {
        clearTimeout(lingering)
        running = undefined
      }
      for (const loop of loops) loop.finish(controller.signal.aborted ? undefined : snapshot.error)
    }
  }

  /** What to ask in place of an answer that is lost. */
  function again({ start }: Place, policy = 'fail'): Again | undefined {
    // What nobody knows cannot be asked again.
    if (!start || policy === 'fail' || (start === rejoined && start.input === undefined)) return undefined
    const keeps = policy === 'continue'
    const input = keeps ? protocol.continue?.(start.input, snapshot.data) : start.input
    return keeps && input === undefined ? undefined : { start: { input, key: mintKey() }, keeps }
  }

  /** Ends the run without a word about what the answer is. `asked`: a person wanted it to end here. */
  function leave(asked = false): void {
    clearTimeout(lingering)
    running?.controller.abort()
    const sentence = 'The stream was left, or began anew, before the answer was complete.'
    for (const loop of running?.loops ?? []) loop.finish(asked ? undefined : new StreamError('interrupted', sentence))
    running = undefined
  }

  /** Detaches in a while, when nobody watches. */
  function rest(): void {
    if (!running || listeners.size > 0 || running.loops.size > 0) return
    clearTimeout(lingering)
    lingering = setTimeout(
      () => {
        leftBehind = isActive(snapshot.status)
        detach()
      },
      Math.min(latest.linger ?? 5_000, longest),
    )
  }

  function handle(current: Running<TPart, TData> | undefined): Run<TPart, TData> {
    const settled = (current?.settled ?? Promise.resolve()).then(() => current?.last ?? snapshot)
    return Object.assign(settled, {
      [Symbol.asyncIterator]() {
        if (!current?.passed) return loopOver(current)
        throw new StreamError(
          'option',
          'Parts have gone by already. Begin the loop at once: `for await (const part of stream.start(input))`.',
        )
      },
    })
  }

  function loopOver(current: Running<TPart, TData> | undefined): AsyncGenerator<TPart, void> {
    const loop = createHandover<TPart>(() => {
      current?.loops.delete(loop)
      if (current === running) rest()
    })
    if (current && current === running) {
      clearTimeout(lingering)
      current.loops.add(loop)
    } else loop.finish(snapshot.error)
    return loop.items
  }

  function start(input?: unknown): Run<TPart, TData> {
    if (latest.method === 'GET') return run(beginning(undefined), true)
    return run(beginning({ input: protocol.body ? protocol.body(input) : input, key: mintKey() }), true)
  }

  function detach(): void {
    if (!isActive(snapshot.status)) return
    leave()
    if (place && canContinue(protocol, place)) {
      apply({ type: 'detached' })
      return
    }
    const sentence = 'The connection was closed, and this endpoint cannot go on from there. What has arrived is kept.'
    apply({ type: 'interrupted', error: new StreamError('interrupted', sentence) })
  }

  function resume(): Run<TPart, TData> {
    if (running) return handle(running)
    const { status } = snapshot
    if (status === 'idle') return latest.method === 'GET' ? start() : handle(undefined)
    const over = status === 'done' || status === 'stopped'
    if (over || !place || !canContinue(protocol, place)) return handle(undefined)
    // The cursor of the snapshot is the one that its data has reached. A copy, because an aborted run may still hold the place,
    // and may have seen more than it could show.
    const { cursor } = snapshot
    const seen = cursor === undefined ? [] : place.seen.slice(0, place.seen.lastIndexOf(cursor) + 1 || undefined)
    return run({ ...place, cursor, seen, failures: 0 }, false)
  }

  async function stop(): Promise<StopResult> {
    const { status, connection } = snapshot
    if (!place || status === 'done' || place === confirmed) return { acknowledged: !!place }
    const tell = transportOf(latest).stop
    const stopped = running
    const from = place
    if (stopped) stopped.stopping = true
    const { start: request, location, cursor } = from
    const { connect } = readClocks(latest.clocks, protocol.durable)
    const told =
      tell && (protocol.durable || (cursor !== undefined && protocol.stored?.has(cursor)))
        ? insist((signal) => tell({ start: request, location, cursor, signal }), connect, backoff(latest.retry))
        : undefined
    // An open connection brings the last words and the server's own end. On any other one nothing is to be waited for, nor
    // where a loop, which may be what stops here, would have to take them first.
    if (told && stopped && stopped.loops.size === 0 && connection.state === 'open') {
      await Promise.race([stopped.settled, wait(lastWords, stopped.controller.signal)])
      stopped.controller.abort() // Ends the wait too, where the words came first.
    }
    if (running === stopped) {
      leave(true)
      apply({ type: 'stopped' })
    }
    const acknowledged = (await told) ?? false
    if (acknowledged) confirmed = from
    // Whoever left in the meantime finds what the server confirmed, and no answer that seems to be under way.
    if (acknowledged && place === from) apply({ type: 'stopped' })
    return { acknowledged }
  }

  function subscribe(listener: () => void): () => void {
    const entry = () => listener() // One entry for each call, so that a listener may subscribe twice.
    listeners.add(entry)
    clearTimeout(lingering)
    if (listeners.size === 1) unwatch = latest.persist?.watch?.(rejoin)
    const idle = snapshot.status === 'idle'
    try {
      if (!running && (leftBehind || (idle && latest.method === 'GET'))) resume()
      else if (idle && protocol.durable) rejoin(latest.persist?.load())
    } catch (error) {
      unsubscribe() // Who was refused cannot leave.
      throw error
    }
    return unsubscribe

    function unsubscribe(): void {
      if (!listeners.delete(entry)) return
      if (listeners.size === 0) unwatch?.()
      rest()
    }
  }

  function reset(): void {
    leave()
    place = undefined
    leftBehind = false
    apply({ type: 'cleared' })
  }

  const stream: Stream<TPart, TData> = {
    get: () => published,
    getInitial: () => initial,
    subscribe,
    start,
    stop,
    detach,
    resume,
    reset,
    update(next) {
      latest = next
    },
    [Symbol.asyncIterator]() {
      const current = resume()
      if (snapshot.status !== 'idle') return current[Symbol.asyncIterator]()
      throw new StreamError('option', 'There is nothing to iterate over yet. Iterate over what `start(input)` returns.')
    },
    async [Symbol.asyncDispose]() {
      detach()
    },
  }
  return stream
}
