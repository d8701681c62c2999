// Above 150 lines: the server, the page and the deeds of one world are read together.
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bye, end, hello, text } from '../test/keepstream-frames'
import { StreamError } from './errors'
import type { Frame } from './frame'
import type { Message, MessagePart } from './message'
import { persistent } from './persist'
import { keepstream } from './protocols/keepstream'
import { createStream, type Stream } from './stream'
import type { Connection, OpenRequest, StopRequest, Transport } from './transports/transport'

const unhandled: unknown[] = []
const hear = (reason: unknown) => unhandled.push(reason)

beforeEach(() => {
  vi.useFakeTimers()
  process.on('unhandledRejection', hear)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  process.off('unhandledRejection', hear)
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

interface Answer {
  readonly question: unknown
  readonly location: string
  readonly frames: Frame[]
  text: string
  over: boolean
}

type Fate = 'refuse' | 'rewind' | 'lose' | 'busy' | 'unauthorized' | 'hang'

interface Link {
  /** Ends it with an error, or makes it silent. */
  readonly cut: (error: StreamError) => void
  readonly deaden: () => void
  readonly say: (frame: Frame) => void
}

/** A server that keeps its answers. Nothing here knows of the client; a bill is written when a key is seen first. */
function createServer() {
  const answers = new Map<string, Answer>()
  const links = new Set<Link>()
  const fates: Fate[] = []
  const asked: number[] = []
  let reachable = true
  let wished = 0
  const moved = new EventTarget()
  const tell = () => moved.dispatchEvent(new Event('moved'))

  function append(answer: Answer, state?: string): void {
    if (answer.over) return
    const position = answer.frames.length + 1
    if (state) answer.frames.push(end(position, state))
    else {
      const letter = String.fromCharCode(97 + (answer.text.length % 26))
      answer.frames.push(text(position, letter))
      answer.text += letter
    }
    answer.over = state !== undefined
    tell()
  }

  /** To be left alone for so long, and for half a second that is drawn. */
  function wish(milliseconds: number): void {
    wished = Date.now() + milliseconds + 500
  }

  const lost = () => new StreamError('network', 'There is no connection.')

  function find({ start, location }: StopRequest): Answer | undefined {
    for (const [key, answer] of answers) {
      if (location === undefined ? key === start?.key : answer.location === location) return answer
    }
    return undefined
  }

  const transport: Transport = async (request: OpenRequest) => {
    const { start, cursor, signal, location } = request
    signal.throwIfAborted()
    asked.push(Date.now())
    const fate = reachable ? fates.shift() : 'refuse'
    await new Promise<void>((resolve, reject) => {
      const abort = () => reject(signal.reason)
      signal.addEventListener('abort', abort)
      if (fate !== 'hang') queueMicrotask(resolve)
    })
    if (fate === 'refuse') throw lost()
    if (fate === 'busy') wish(2_000)
    if (fate === 'busy') throw new StreamError('http', 'Busy.', { status: 503, retryAfter: 2_000 })
    if (fate === 'unauthorized') throw new StreamError('http', 'Sign in.', { status: 401 })
    let answer = find(request)
    if (!answer) {
      if (location !== undefined || !start) throw new StreamError('gone', 'Unknown.', { status: 404 })
      answer = { question: start.input, location: `/streams/${answers.size}`, frames: [], text: '', over: false }
      answers.set(start.key, answer)
    }
    if (fate === 'lose') throw lost()
    const from = Number(cursor?.split('-')[1] ?? 0)
    return connect(answer, fate === 'rewind' ? Math.max(0, from - 2) : from, signal)
  }

  function connect(answer: Answer, from: number, signal: AbortSignal): Connection {
    let position = from
    let failure: StreamError | undefined
    let silent = false
    const extra: Frame[] = [hello(from, 1_000, true)]
    const link: Link = {
      cut(error) {
        failure = error
        tell()
      },
      deaden() {
        silent = true
      },
      say(frame) {
        extra.push(frame)
        tell()
      },
    }
    async function* read(): AsyncGenerator<readonly Frame[]> {
      links.add(link)
      try {
        for (;;) {
          signal.throwIfAborted()
          if (failure) throw failure
          const frames = silent ? [] : [...extra.splice(0), ...answer.frames.slice(position)]
          if (frames.length > 0) {
            position = answer.frames.length
            yield frames
            continue
          }
          await new Promise<void>((resolve) => {
            const go = () => {
              clearTimeout(beat)
              moved.removeEventListener('moved', go)
              signal.removeEventListener('abort', go)
              resolve()
            }
            const beat = setTimeout(go, 1_000)
            moved.addEventListener('moved', go)
            signal.addEventListener('abort', go)
          })
          if (!silent) yield []
        }
      } finally {
        links.delete(link)
      }
    }
    return { location: answer.location, [Symbol.asyncIterator]: read }
  }

  const stop = async (request: StopRequest) => {
    if (!reachable) throw lost()
    const answer = find(request)
    if (answer) append(answer, 'stopped')
  }

  return {
    transport: Object.assign(transport, { stop }),
    answers,
    links,
    wish,
    wished: () => wished,
    fates,
    asked,
    append,
    tell,
    reach(now: boolean) {
      reachable = now
      if (!now) for (const link of links) link.deaden()
    },
    latest: () => [...answers.values()].at(-1),
  }
}

/** A page as browsers make them: what does not run hears nothing and moves no timer. */
function createPage() {
  const listening = { count: 0 }
  const target = () => {
    const events = new EventTarget()
    return {
      dispatch: (name: string, persisted?: boolean) =>
        events.dispatchEvent(Object.assign(new Event(name), { persisted })),
      addEventListener(name: string, listener: EventListener) {
        listening.count++
        events.addEventListener(name, listener)
      },
      removeEventListener(name: string, listener: EventListener) {
        listening.count--
        events.removeEventListener(name, listener)
      },
    }
  }
  const window = target()
  const document = { ...target(), visibilityState: 'visible' }
  const navigator = { onLine: true }
  vi.stubGlobal('addEventListener', window.addEventListener)
  vi.stubGlobal('removeEventListener', window.removeEventListener)
  vi.stubGlobal('document', document)
  vi.stubGlobal('navigator', navigator)
  let kept: 'frozen' | 'cached' | undefined

  return {
    listening,
    runs: () => kept === undefined,
    hidden: () => document.visibilityState === 'hidden',
    show(visible: boolean) {
      const visibilityState = visible ? 'visible' : 'hidden'
      if (document.visibilityState === visibilityState) return
      document.visibilityState = visibilityState
      document.dispatch('visibilitychange')
    },
    network(onLine: boolean) {
      if (navigator.onLine === onLine) return
      navigator.onLine = onLine
      if (!kept) window.dispatch(onLine ? 'online' : 'offline')
    },
    put(how: 'frozen' | 'cached') {
      if (kept) return
      kept = how
      if (how === 'cached') window.dispatch('pagehide', true)
      this.show(false)
      document.dispatch('freeze')
    },
    take() {
      if (!kept) return
      const cached = kept === 'cached'
      kept = undefined
      document.dispatch('resume')
      if (cached) window.dispatch('pageshow', true)
      this.show(true)
    },
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('produce' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('wait' as const), count: fc.integer({ min: 1, max: 20_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('sleep' as const), count: fc.integer({ min: 1, max: 9e6 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom(
        ...(['refuse', 'rewind', 'lose', 'busy', 'unauthorized', 'hang'] as const),
        ...(['cut', 'deaden', 'drain', 'unreachable', 'reachable'] as const),
        ...(['offline', 'online', 'hide', 'show', 'freeze', 'cache', 'take'] as const),
        ...(['start', 'detach', 'resume', 'stop', 'leave', 'watch', 'reload'] as const),
      ),
      count: fc.constant(1),
    }),
  },
)

function createWorld() {
  const server = createServer()
  const page = createPage()
  const stored = new Map<string, string>()
  const memory = persistent('chat', {
    getItem: (name) => stored.get(name) ?? null,
    setItem: (name, value) => void stored.set(name, value),
    removeItem: (name) => void stored.delete(name),
  })
  let starts = 0
  let renewals = 0
  let draws = 0
  let stream: Stream<MessagePart, Message>
  let leave: (() => void) | undefined

  function load(): void {
    stream = createStream({
      protocol: keepstream(),
      transport: server.transport,
      persist: memory,
      schedule: (notify) => notify(),
      retry: { random: () => (draws++ * 0.618) % 1 },
      async onUnauthorized() {
        renewals++
      },
    })
    leave = stream.subscribe(() => {})
  }
  load()

  /** What a person or the page's own code does happens only where the page runs. */
  function play({ type, count }: { type: string; count: number }): Promise<unknown> | undefined {
    const answer = server.latest()
    switch (type) {
      case 'produce':
        for (let times = 0; answer && times < count; times++) server.append(answer)
        return undefined
      case 'wait':
        if (page.runs()) return settle(count)
        vi.setSystemTime(Date.now() + count)
        return undefined
      case 'sleep':
        vi.setSystemTime(Date.now() + count)
        for (const link of server.links) link.deaden()
        return undefined
      case 'refuse':
      case 'rewind':
      case 'lose':
      case 'busy':
      case 'unauthorized':
      case 'hang':
        server.fates.push(type)
        return undefined
      case 'cut':
        for (const link of server.links) link.cut(new StreamError('network', 'The connection broke.'))
        return undefined
      case 'deaden':
        for (const link of server.links) link.deaden()
        return undefined
      case 'drain':
        for (const link of server.links) link.say(bye(1_000))
        server.wish(1_000)
        return undefined
      case 'unreachable':
      case 'reachable':
        server.reach(type === 'reachable')
        return undefined
      case 'offline':
        server.reach(false)
        page.network(false)
        return undefined
      case 'online':
        server.reach(true)
        page.network(true)
        return undefined
      case 'hide':
      case 'show':
        if (page.runs()) page.show(type === 'show')
        return undefined
      case 'freeze':
      case 'cache':
        page.put(type === 'freeze' ? 'frozen' : 'cached')
        return undefined
      case 'take':
        page.take()
        return undefined
      default:
        if (page.runs()) act(type)
        return undefined
    }
  }

  function act(type: string): void {
    if (type === 'start') {
      starts++
      stream.start(`question ${starts}`)
    } else if (type === 'detach') stream.detach()
    else if (type === 'resume') stream.resume()
    else if (type === 'stop') void stream.stop()
    else if (type === 'leave') {
      leave?.()
      leave = undefined
    } else if (type === 'watch') leave ??= stream.subscribe(() => {})
    else if (type === 'reload') {
      leave?.()
      stream.detach()
      load()
    }
  }

  return { server, page, play, act, stream: () => stream, starts: () => starts, renewals: () => renewals }
}

test('P1 to P7 hold whatever the network, the page and a person do: whole, one bill, soon after coming back, nothing left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
      vi.clearAllTimers()
      const { server, page, play, act, stream, starts } = createWorld()
      try {
        act('start')
        await settle()
        for (const next of steps) {
          const before = stream().get().status
          const hidden = page.hidden()
          await play(next)
          await settle()
          const { status, data, error } = stream().get()
          const answer = server.latest()
          if (status === 'done' && data.text !== answer?.text) throw new Error(`Done with ${data.text}.`)
          if (answer && status !== 'pending' && !answer.text.startsWith(data.text) && server.answers.size === starts())
            throw new Error(`Shows ${data.text} of ${answer.text}.`)
          if (hidden && page.hidden() && before !== status && error && error.code !== 'http')
            throw new Error(`A hidden page has ${status}.`)
          if (!page.runs() && server.links.size > 0) throw new Error('A page that was put away holds a connection.')
          if (server.links.size > 1) throw new Error(`${server.links.size} connections.`)
        }

        // Everybody behaves from here on, and comes back.
        server.fates.length = 0
        server.reach(true)
        const { connection } = stream().get()
        const asked = server.asked.length
        const away = !page.runs()
        page.take()
        page.network(true)
        page.show(true)
        await settle(300)
        // P6. What the server asked for goes first.
        const hopes = /^(open|waiting|offline)$/.test(connection.state) && Date.now() > server.wished()
        if (away && hopes) expect(server.asked.length).toBeGreaterThan(asked)
        for (let seconds = 0; seconds < 60; seconds++) {
          const answer = server.latest()
          if (answer && seconds === 10) server.append(answer)
          if (answer && seconds === 20) server.append(answer, 'done')
          await settle(1_000)
          if (stream().get().connection.state !== 'open') act('resume')
        }
        const { status, data } = stream().get()
        // A page that was loaded again after its answer was over has nothing to show.
        expect(['done', 'stopped', 'idle']).toContain(status)
        if (status === 'done')
          expect(server.latest()).toMatchObject({ question: `question ${starts()}`, text: data.text })
        // P4.
        expect(server.answers.size).toBeLessThanOrEqual(starts())
        // P8: no storm, whatever happened.
        const most = Math.max(
          ...server.asked.map((from) => server.asked.filter((at) => at >= from && at < from + 1_000).length),
        )
        expect(most).toBeLessThanOrEqual(12)
      } finally {
        // What watches the page is one for all runs.
        page.take()
        act('leave')
        stream().reset()
        await settle(600_000)
      }
      expect([vi.getTimerCount(), page.listening.count, server.links.size]).toEqual([0, 0, 0])
      expect(unhandled.splice(0)).toEqual([])
    }),
    { numRuns: 300 },
  )
})
