// Longer than most: the one place where what three readers do, what is broken and what is counted comes together.
import type { Message, MessagePart, Snapshot, Stream } from '@keepstream/core'
import { inspect } from '@keepstream/core'
import { type Meter, measure, type Statistics, watchEvents } from '@keepstream/core/statistics'
import { readLedger } from './ledger'
import { offline } from './offline'
import { inputOf, type Race, type Runner, type RunOptions, runEvents, runLoop, runners } from './run'
import { type Counter, createCounter, type Tally } from './tally'
import { createTimeline, type Note, type Timeline } from './timeline'

/** How one of those who read is. `gone`: the server said that it has it no longer. `lost`: it ended with the page that began it. */
export type LaneState = 'idle' | 'running' | 'waiting' | 'finished' | 'failed' | 'gone' | 'stopped' | 'lost'

export interface Lane {
  readonly state: LaneState
  readonly text: string
  /** Absent before the whole text is known. */
  readonly tally: Tally | undefined
  /** How often the model was asked for it; absent where nobody knows. */
  readonly calls: number | undefined
  /** For how many seconds nothing has come, while something should. */
  readonly silence: number
}

export interface LabSnapshot {
  readonly running: boolean
  readonly lanes: Readonly<Record<Runner, Lane>>
  /** How long the whole text is, once it is known. */
  readonly length: number | undefined
  readonly statistics: Statistics | undefined
  /** What happened, oldest first. */
  readonly notes: readonly Note[]
}

type LabStream = Stream<MessagePart, Message>

export interface Lab {
  readonly get: () => LabSnapshot
  readonly subscribe: (listener: () => void) => () => void
  readonly timeline: Timeline
  /** Whether nobody has said yet how long the whole text is. */
  readonly learning: () => boolean
  /** Follows the stream of the page, until the returned function is called. */
  readonly watch: (stream: LabStream) => () => void
  readonly start: (stream: LabStream, question: string) => Promise<void>
  readonly stop: (stream: LabStream) => Promise<void>
}

interface Reader {
  state: LaneState
  text: string
  heardAt: number
  calls: number | undefined
  /** What of the text was counted, and by what. */
  counted: string
  counter: Counter | undefined
}

const tick = 250
const rivals = { events: runEvents, loop: runLoop } as const
const isActive = (state: LaneState) => state === 'running' || state === 'waiting'

const fresh = (state: LaneState = 'idle'): Reader => ({
  state,
  text: '',
  heardAt: performance.now(),
  calls: undefined,
  counted: '',
  counter: undefined,
})

/** Runs the three beside each other, and counts. */
export function createLab(): Lab {
  const timeline = createTimeline()
  const listeners = new Set<() => void>()
  const readers: Record<Runner, Reader> = { keepstream: fresh(), events: fresh(), loop: fresh() }
  let race = findRace()
  let whole: string | undefined
  let learning = false
  let meter: Meter | undefined
  let leaving = new AbortController()
  let timer: ReturnType<typeof setInterval> | undefined
  let frame: number | undefined
  let snapshot = look()
  timeline.subscribe(() => {
    if (timeline.notes() !== snapshot.notes) change()
  })

  function look(): LabSnapshot {
    const now = performance.now()
    const lane = (runner: Runner): Lane => {
      const reader = readers[runner]
      const { state, text, heardAt, calls } = reader
      const over = !isActive(state)
      const tally = state === 'idle' || state === 'lost' ? undefined : countText(reader, over)
      return { state, text, calls, tally, silence: over ? 0 : Math.floor((now - heardAt) / 1_000) }
    }
    const lanes = { keepstream: lane('keepstream'), events: lane('events'), loop: lane('loop') }
    const running = runners.some((runner) => isActive(lanes[runner].state))
    return { running, lanes, length: whole?.length, statistics: meter?.get(), notes: timeline.notes() }
  }

  /** Goes on with what was counted before, unless the text has begun anew. */
  function countText(reader: Reader, over: boolean): Tally | undefined {
    if (whole === undefined) return undefined
    if (!reader.counter || !reader.text.startsWith(reader.counted)) {
      reader.counter = createCounter(whole)
      reader.counted = ''
    }
    reader.counter.feed(reader.text.slice(reader.counted.length))
    reader.counted = reader.text
    return reader.counter.get(over)
  }

  function publish(): void {
    if (frame !== undefined) cancelAnimationFrame(frame)
    frame = undefined
    const reached = (runner: Runner) => readers[runner].text.length
    if (snapshot.running) {
      timeline.sample({ keepstream: reached('keepstream'), events: reached('events'), loop: reached('loop') })
    }
    snapshot = look()
    for (const listener of [...listeners]) listener()
    if (!snapshot.running) endTicking()
  }

  /** Once a frame at most, however much comes. The tick is for pages that nobody sees, which have no frames. */
  function change(): void {
    frame ??= requestAnimationFrame(publish)
  }

  function beginTicking(): void {
    timer ??= setInterval(() => {
      publish()
      void count()
    }, tick)
  }

  function endTicking(): void {
    if (timer === undefined) return
    clearInterval(timer)
    timer = undefined
    // What was asked last is in the ledger by now. A look at it that is under way may have come before.
    void Promise.resolve(counting).then(count).then(change)
  }

  let counting: Promise<void> | undefined
  function count(): Promise<void> {
    counting ??= ask().finally(() => {
      counting = undefined
    })
    return counting
  }

  async function ask(): Promise<void> {
    const asked = race
    const calls = asked && (await readLedger(asked))
    if (!calls || asked !== race) return
    for (const runner of runners) readers[runner].calls = calls[runner]
  }

  function settle(runner: Runner, state: LaneState): void {
    readers[runner].state = state
    if (state === 'finished' || state === 'failed') timeline.note(state, runner)
    change()
  }

  async function run(runner: 'events' | 'loop', race: Race, signal: AbortSignal): Promise<void> {
    const reader = readers[runner]
    const options: RunOptions = {
      race,
      fetch: offline.fetch,
      signal,
      onText(text) {
        if (signal.aborted) return
        reader.text += text
        reader.heardAt = performance.now()
        change()
      },
      onEvent(event) {
        if (signal.aborted) return
        reader.state = event === 'lost' ? 'waiting' : 'running'
        if (event !== 'open') timeline.note(event, runner)
        change()
      },
    }
    try {
      await rivals[runner](options)
      if (!signal.aborted) settle(runner, 'finished')
    } catch {
      if (!signal.aborted) settle(runner, 'failed')
    }
  }

  function follow(answer: Snapshot<Message>): void {
    const reader = readers.keepstream
    const { status, connection, data, error } = answer
    if (data.text !== reader.text) reader.heardAt = performance.now()
    reader.text = data.text
    reader.state = error?.code === 'gone' ? 'gone' : stateOf(status, connection.state)
    if (isActive(reader.state)) beginTicking()
    change()
  }

  async function learn(): Promise<void> {
    const asked = race
    learning = true
    const text = asked && (await readWhole(asked.question))
    if (asked !== race) return
    learning = false
    whole = text
    change()
  }

  return {
    get: () => snapshot,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    timeline,
    learning: () => learning,
    watch(stream) {
      meter = measure(stream)
      const own = meter
      const leaveEvents = watchEvents(stream, (event) => {
        if (event.type === 'retry-scheduled')
          timeline.note('lost', 'keepstream', event.error.reason ?? event.error.code)
        if (event.type === 'resumed') timeline.note('resumed', 'keepstream')
        if (event.type === 'reset') timeline.note('reset', 'keepstream', event.reason)
        if (event.type !== 'end') return
        timeline.note(
          event.status === 'done' ? 'finished' : 'failed',
          'keepstream',
          event.error?.reason ?? event.error?.code,
        )
      })
      const leaveSignals = inspect(({ stream: { get }, signal }) => {
        if (get !== stream.get || signal.type !== 'received' || !signal.duplicates) return
        timeline.note('duplicates', 'keepstream', String(signal.duplicates))
      })
      const leaveStream = stream.subscribe(() => follow(stream.get()))
      const { status } = stream.get()
      if (race && (status === 'pending' || status === 'streaming') && readers.events.state === 'idle') {
        // The page was loaded again: what it read by other means is gone with it.
        readers.events = fresh('lost')
        readers.loop = fresh('lost')
      }
      follow(stream.get())
      if (race && whole === undefined) void learn()
      return () => {
        leaveStream()
        leaveSignals()
        leaveEvents()
        own.leave()
      }
    },
    async start(stream, question) {
      leaving.abort()
      leaving = new AbortController()
      const { signal } = leaving
      race = { id: crypto.randomUUID().slice(0, 8), question }
      keepRace(race)
      whole = undefined
      readers.events = fresh('running')
      readers.loop = fresh('running')
      readers.keepstream = fresh('running')
      timeline.begin()
      beginTicking()
      const asked = race
      await learn()
      // Begun anew meanwhile.
      if (signal.aborted) return
      void stream.start(inputOf(asked, 'keepstream'))
      // Without the whole text there is no endpoint of our own either: a real provider answers.
      if (whole === undefined) {
        readers.events = fresh()
        readers.loop = fresh()
        return change()
      }
      void run('events', asked, signal)
      void run('loop', asked, signal)
    },
    async stop(stream) {
      leaving.abort()
      for (const runner of ['events', 'loop'] as const) {
        if (isActive(readers[runner].state)) readers[runner].state = 'stopped'
      }
      change()
      await stream.stop()
    },
  }
}

function stateOf(status: Snapshot<Message>['status'], connection: Snapshot<Message>['connection']['state']): LaneState {
  switch (status) {
    case 'idle':
    case 'stopped':
      return status
    case 'done':
      return 'finished'
    case 'failed':
    case 'interrupted':
      return 'failed'
    default:
      return connection === 'waiting' || connection === 'offline' ? 'waiting' : 'running'
  }
}

/** Everything that the model will say; nothing where that is not known before. */
async function readWhole(question: string): Promise<string | undefined> {
  try {
    const response = await fetch(`/lab/raw/answer?question=${encodeURIComponent(question)}`)
    if (!response.ok) return undefined
    return ((await response.json()) as { text: string }).text
  } catch {
    return undefined
  }
}

const name = 'lab-race'

/** Remembers what was asked, so that a page that is loaded again knows what it rejoins. */
function keepRace(race: Race): void {
  try {
    sessionStorage.setItem(name, JSON.stringify(race))
  } catch {
    // Full, or forbidden: the page works without.
  }
}

function findRace(): Race | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

let own: Lab | undefined

/** The one of the page: it goes on while another page is shown. */
export function labOfPage(): Lab {
  own ??= createLab()
  return own
}
