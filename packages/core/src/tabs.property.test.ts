import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { type ScriptedAttempt, scriptedTransport } from '../test/scripted-transport'
import { type SimulatedTab, simulateBrowser } from '../test/simulated-tabs'
import { StreamError } from './errors'
import type { Frame } from './frame'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'
import { tabs } from './tabs'

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

const length = 24
const piece = (seq: number) => String.fromCharCode(0xac00 + seq)
const whole = Array.from({ length }, (_, index) => piece(index + 1)).join('')

type Step =
  | { readonly type: 'open' | 'restart' }
  | { readonly type: 'leave' | 'crash' | 'freeze' | 'thaw' | 'cut'; readonly tab: number }
  | { readonly type: 'deliver'; readonly choices: readonly number[] }
  | { readonly type: 'serve'; readonly tab: number; readonly count: number }
  | { readonly type: 'wait'; readonly milliseconds: number }

const tab = fc.nat({ max: 7 })
const disturbance = (...types: ('leave' | 'crash' | 'freeze' | 'thaw' | 'cut')[]) =>
  fc.record({ type: fc.constantFrom(...types), tab })
const calm: readonly { weight: number; arbitrary: fc.Arbitrary<Step> }[] = [
  { weight: 3, arbitrary: fc.constant({ type: 'open' as const }) },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant('deliver' as const), choices: fc.array(fc.nat(), { maxLength: 12 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant('serve' as const), tab, count: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('wait' as const), milliseconds: fc.constantFrom(1, 100, 900, 4_000) }),
  },
]
const stepsWith = (...types: Parameters<typeof disturbance>) =>
  fc.array(fc.oneof(...calm, { weight: 3, arbitrary: disturbance(...types) }), { minLength: 20, maxLength: 80 })

interface Page {
  readonly tab: SimulatedTab
  readonly stream: ReturnType<typeof createStream<never, { readonly text: string }>>
  readonly transport: ReturnType<typeof scriptedTransport>
  readonly leave: () => void
  present: boolean
  /** Whether it came while there was something to come to. */
  readonly inTime: boolean
}

/** Pages of one conversation in one browser, and the server of its answer. */
function createWorld({ window = 1_000_000, joins = false } = {}) {
  const browser = simulateBrowser()
  const pages: Page[] = []
  const rest = new Map<ScriptedAttempt, Frame[]>()
  let most = 0

  function open(): Page {
    const tab = browser.openTab()
    const transport = scriptedTransport({ stop: async () => {} })
    const { locks, channel, memory } = tab
    const stream = createStream({
      protocol: keepstream(),
      transport,
      retry: { jitterFactor: 0, maxRetries: Infinity },
      clocks: { connect: Infinity, firstEvent: Infinity, stall: Infinity },
      linger: 0,
      ...tabs('chat', { locks, channel, memory, window, random: () => 0.5 }),
    })
    const inTime = !pages.some((other) => other.stream.get().status === 'done')
    const page = {
      inTime,
      tab,
      stream: stream as unknown as Page['stream'],
      transport,
      leave: stream.subscribe(() => {}),
      present: true,
    }
    pages.push(page)
    return page
  }

  /** The connections of pages that run: what a frozen page holds, its server may have closed long ago. */
  const held = () =>
    pages.reduce((sum, { tab, transport }) => sum + (tab.state() === 'alive' ? transport.held() : 0), 0)

  /** An honest server: from the place that was asked for to the end; what is old in joined events, where it joins. */
  function frames(cursor: string | undefined): Frame[] {
    const from = Number(cursor?.split('-')[1]?.split('..').at(-1) ?? 0)
    const sent = [hello(from)]
    for (let seq = from + 1; seq <= length; seq++) {
      const joined = joins && seq % 3 === 0 && seq + 2 <= length
      if (joined) sent.push(text(`e-${seq}..${seq + 2}`, piece(seq) + piece(seq + 1) + piece(seq + 2)))
      else sent.push(text(seq, piece(seq)))
      if (joined) seq += 2
    }
    return [...sent, end(length + 1)]
  }

  function serve({ tab, transport }: Page, count: number): void {
    if (tab.state() !== 'alive') return
    for (const attempt of transport.attempts) {
      if (attempt.closed) continue
      if (!rest.has(attempt)) {
        rest.set(attempt, frames(attempt.request.cursor))
        attempt.accept({ location: '/streams/1' })
      }
      const more = rest.get(attempt)!.splice(0, count)
      if (more.length > 0) attempt.send(...more)
    }
  }

  function play(step: Step): void {
    const page = 'tab' in step ? pages[step.tab % Math.max(1, pages.length)] : undefined
    if (step.type === 'open' && pages.length < 8) open()
    if (step.type === 'deliver') for (const choice of step.choices) browser.deliver(choice)
    if (step.type === 'serve' && page) serve(page, step.count)
    if (step.type === 'freeze') page?.tab.freeze()
    if (step.type === 'thaw') page?.tab.thaw()
    if (step.type === 'cut' && page?.tab.state() === 'alive') {
      for (const attempt of page.transport.attempts)
        if (!attempt.closed) attempt.cut(new StreamError('network', 'Cut.'))
    }
    if (step.type === 'leave' && page?.tab.state() === 'alive') {
      page.present = false
      page.stream.detach()
      page.leave()
    }
    if (step.type === 'crash' && page) {
      page.present = false
      page.tab.crash()
      page.stream.detach()
      page.leave()
    }
  }

  return {
    browser,
    pages,
    open,
    play,
    most: () => most,
    async run(steps: readonly Step[]) {
      for (const step of steps) {
        play(step)
        await settle(step.type === 'wait' ? step.milliseconds : 0)
        most = Math.max(most, held())
        for (const { stream } of pages) expect(whole.startsWith(stream.get().data.text)).toBe(true)
      }
    },
    /** Everybody behaves until all is over. */
    async calm() {
      for (const { tab } of pages) tab.thaw()
      for (let round = 0; round < 60; round++) {
        for (const page of pages) if (page.present) serve(page, 100)
        await settle()
        for (let turn = 0; turn < 200 && browser.deliver(turn); turn++) await settle()
        await settle(1_000)
        most = Math.max(most, held())
      }
    },
    async close() {
      for (const { stream, leave } of pages) {
        stream.detach()
        leave()
      }
      await settle(60_000)
    },
  }
}

async function holds(steps: readonly Step[], options?: Parameters<typeof createWorld>[0]) {
  vi.clearAllTimers()
  const world = createWorld(options)
  void world.open().stream.start('Tell me')
  await settle()
  await world.run(steps)
  await world.calm()
  const present = world.pages.filter((page) => page.present)
  for (const { stream, inTime } of present) {
    const { status, data, error } = stream.get()
    if (status === 'idle' && !inTime) continue
    expect([status, error, data.text]).toEqual(['done', undefined, whole])
  }
  await world.close()
  expect(world.browser.left()).toEqual({ locks: 0, channels: 0 })
  expect(vi.getTimerCount()).toBe(0)
  for (const { transport } of world.pages) expect(transport.held()).toBe(0)
  expect(unhandled.splice(0)).toEqual([])
  return world
}

const refusals = (said: readonly unknown[]) =>
  said.filter((message) => /^(far|later)$/.test((message as { why?: string }).why ?? '')).length

test('whoever joins, leaves, crashes or is cut, and however late messages are, all show the whole answer over one connection', async () => {
  await fc.assert(
    fc.asyncProperty(stepsWith('leave', 'crash', 'cut'), async (steps) => {
      const { most, browser } = await holds(steps)
      if (browser.steals() === 0 && refusals(browser.said) === 0) expect(most()).toBeLessThanOrEqual(1)
    }),
    { numRuns: 300 },
  )
})

test('a page that freezes while it reads for the others is replaced, and none misses or repeats anything', async () => {
  await fc.assert(
    fc.asyncProperty(stepsWith('leave', 'crash', 'cut', 'freeze', 'freeze', 'thaw'), async (steps) => {
      await holds(steps)
    }),
    { numRuns: 300 },
  )
})

test('what a window or a place does not give, a page reads for itself', async () => {
  const options = fc.record({ window: fc.constantFrom(1, 200, 600), joins: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(stepsWith('leave', 'crash', 'freeze', 'thaw', 'cut'), options, async (steps, given) => {
      await holds(steps, given)
    }),
    { numRuns: 300 },
  )
})
