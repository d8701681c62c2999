import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { type ScriptedAttempt, scriptedTransport } from '../test/scripted-transport'
import { StreamError } from './errors'
import type { Frame } from './frame'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'

const unhandled: unknown[] = []
const note = (cause: unknown) => unhandled.push(cause)

beforeEach(() => {
  vi.useFakeTimers()
  process.on('unhandledRejection', note)
})

afterEach(() => {
  process.off('unhandledRejection', note)
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

const length = 12
/** Each answer tells by every one of its characters which start it belongs to. */
const word = (answer: number) => String.fromCharCode(0xac00 + answer)
const whole = (answer: number) => word(answer).repeat(length)

type Deed = 'start' | 'stop' | 'detach' | 'resume' | 'reset'
type Step =
  | { readonly type: Deed | 'loop' | 'subscribe' | 'leave' | 'accept' | 'refuse' | 'cut' }
  | { readonly type: 'deliver'; readonly count: number }
  | { readonly type: 'wait'; readonly milliseconds: number }
  /** Does it inside the next notification. */
  | { readonly type: 'inside'; readonly deed: Deed }

const deed = fc.constantFrom<Deed>('start', 'stop', 'detach', 'resume', 'reset')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: deed.map((type) => ({ type })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('loop' as const, 'subscribe' as const, 'leave' as const).map((type) => ({ type })),
  },
  { weight: 2, arbitrary: fc.constantFrom('refuse' as const, 'cut' as const).map((type) => ({ type })) },
  { weight: 4, arbitrary: fc.constant({ type: 'accept' as const }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      milliseconds: fc.constantFrom(0, 0, 1, 500, 5_000, 40_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('inside' as const), deed }) },
)

/** A stream, its server and its user, all driven by steps. */
function createWorld() {
  const transport = scriptedTransport({ stop: async () => {} })
  const stream = createStream({ protocol: keepstream(), transport, retry: { jitterFactor: 0, maxRetries: Infinity } })
  const rest = new Map<ScriptedAttempt, Frame[]>()
  const left: (() => void)[] = []
  const runs = { begun: 0, settled: 0 }
  const loops = { begun: 0, settled: 0 }
  let started = 0
  let inside: Deed | undefined

  function act(type: Deed): void {
    if (type === 'start') started++
    const run = type === 'start' ? stream.start(started) : type === 'resume' ? stream.resume() : undefined
    if (type === 'stop') void stream.stop()
    if (type === 'detach' || type === 'reset') stream[type]()
    if (!run) return
    runs.begun++
    run.then(() => runs.settled++)
  }

  async function loop(): Promise<void> {
    started++
    const answer = started
    const run = stream.start(answer)
    loops.begun++
    try {
      let seen = ''
      for await (const part of run) {
        seen += part.type === 'text' ? part.text : ''
        if (!whole(answer).startsWith(seen)) throw new TypeError(`The loop was given ${seen}.`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    } catch (error) {
      if (!(error instanceof StreamError)) throw error
    } finally {
      loops.settled++
    }
  }

  /** An honest server accepts: from the place that was asked for to the end. */
  function accept(): void {
    const attempt = transport.attempts.at(-1)
    if (!attempt || attempt.closed || rest.has(attempt)) return
    const { cursor, start } = attempt.request
    const from = Number(cursor?.split('-')[1] ?? 0)
    const frames = [hello(from)]
    for (let seq = from + 1; seq <= length; seq++) frames.push(text(seq, word(start!.input as number)))
    rest.set(attempt, [...frames, end(length + 1)])
    attempt.accept({ location: `/streams/${start!.key}` })
  }

  function open(): readonly [ScriptedAttempt, Frame[]] | undefined {
    const attempt = transport.attempts.at(-1)
    const frames = attempt && rest.get(attempt)
    return attempt && frames && !attempt.closed ? [attempt, frames] : undefined
  }

  function play(step: Step): Promise<unknown> | undefined {
    switch (step.type) {
      case 'loop':
        void loop()
        return undefined
      case 'subscribe':
        left.push(
          stream.subscribe(() => {
            const now = inside
            inside = undefined
            if (now) act(now)
          }),
        )
        return undefined
      case 'leave':
        left.shift()?.()
        return undefined
      case 'accept':
        accept()
        return settle()
      case 'refuse':
        if (!open()) transport.attempts.at(-1)?.refuse(new StreamError('network', 'Lost.'))
        return settle()
      case 'cut':
        open()?.[0].cut()
        return settle()
      case 'deliver': {
        const [attempt, frames] = open() ?? []
        attempt?.send(...frames!.splice(0, step.count))
        return undefined
      }
      case 'wait':
        return settle(step.milliseconds)
      case 'inside':
        inside = step.deed
        return undefined
      default:
        act(step.type)
        return undefined
    }
  }

  /** What holds at every moment. */
  function look(): void {
    const { data, status, cursor, connection } = stream.get()
    if (!whole(started).startsWith(data.text)) throw new Error(`Answer ${started} shows ${data.text}.`)
    if (status === 'done' && data.text !== whole(started)) throw new Error(`Done with ${data.text}.`)
    const reached = Number(cursor?.split('-')[1] ?? 0)
    if (reached !== data.text.length) throw new Error(`The cursor ${cursor} does not stand behind ${data.text}.`)
    if (transport.held() > 1) throw new Error(`${transport.held()} connections are held.`)
    if (connection.state === 'closed' && transport.held() > 0) throw new Error('A closed connection is held.')
  }

  const calm = () => {
    inside = undefined
  }
  return { stream, transport, play, look, accept, open, left, runs, loops, act, calm, started: () => started }
}

test('whatever a person, a page and a network do in whatever order, no two answers mix and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      vi.clearAllTimers()
      const world = createWorld()
      const { stream, transport } = world
      for (const next of steps) {
        await world.play(next)
        await settle()
        world.look()
      }
      // In the end everybody behaves: what is under way comes to its end, exactly.
      world.calm()
      await settle(1_000)
      if (stream.get().status === 'pending' || stream.get().status === 'streaming') {
        world.act('resume')
        for (let second = 0; second < 60; second++) {
          world.accept()
          const [attempt, frames] = world.open() ?? []
          attempt?.send(...frames!.splice(0))
          await settle(1_000)
        }
        world.look()
        expect(['done', 'stopped']).toContain(stream.get().status)
        if (stream.get().status === 'done') expect(stream.get().data.text).toBe(whole(world.started()))
      }
      for (const leave of world.left) leave()
      stream.reset()
      await settle(60_000)
      expect(stream.get()).toEqual(stream.getInitial())
      expect(vi.getTimerCount()).toBe(0)
      expect(transport.held()).toBe(0)
      expect(world.runs.settled).toBe(world.runs.begun)
      expect(world.loops.settled).toBe(world.loops.begun)
      expect(unhandled.splice(0)).toEqual([])
    }),
    { numRuns: 500 },
  )
})
