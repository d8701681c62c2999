import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ScriptedAttempt, type ScriptedTransport, scriptedTransport } from '../test/scripted-transport'
import { StreamError } from './errors'
import { createPool, type Limits, type Pool, type PoolOptions, presets } from './pool'
import type { Connection, OpenRequest, Transport } from './transports/transport'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)
const refusal = (status: number, retryAfter?: number) =>
  new StreamError('http', `The server answered ${status}.`, { status, retryAfter })

const read = (attempt = 1): OpenRequest => {
  const { signal } = new AbortController()
  return { cursor: undefined, start: undefined, location: undefined, attempt, signal }
}

interface Visit {
  readonly abort: () => void
  readonly places: (number | undefined)[]
  /** The attempt that the transport saw, once it did. */
  readonly attempt: () => ScriptedAttempt
  readonly begun: () => boolean
  readonly result: Promise<Connection | StreamError>
}

/** A pool of one key in front of a transport that a test plays. */
function setup(limits: Limits, options: PoolOptions = {}) {
  const pool = createPool({ limits: { model: limits }, random: () => 0, ...options })
  const inner = scriptedTransport()
  const visit = (request: Partial<OpenRequest> = {}, priority = 0): Visit => visitBy(pool, inner, request, priority)
  const state = () => pool.get().model
  return { pool, inner, visit, state }
}

function visitBy(pool: Pool, inner: ScriptedTransport, request: Partial<OpenRequest>, priority: number): Visit {
  const controller = new AbortController()
  const { signal } = controller
  const places: (number | undefined)[] = []
  const nothing = { cursor: undefined, start: undefined, location: undefined }
  const transport = pool.for('model', { priority })(inner)
  const waits = (position: number | undefined) => void places.push(position)
  const result = transport({ ...nothing, attempt: 1, signal, waits, ...request }).catch((error: StreamError) => error)
  const find = () => inner.attempts.find((attempt) => attempt.request.signal === signal)
  return {
    abort: () => controller.abort(new Error('left')),
    places,
    attempt: () => find()!,
    begun: () => !!find(),
    result,
  }
}

async function drain(result: Visit['result']): Promise<void> {
  for await (const _ of (await result) as Connection);
}

async function abandon(visit: Visit): Promise<void> {
  visit.attempt().accept()
  await settle()
  visit.abort()
}

/** Numbers from 0 to 1 that are the same each time. */
const numbers = () => {
  let last = 0
  return () => {
    last = (last + 0.618_034) % 1
    return last
  }
}

describe('a pool', () => {
  test('opens as many as the low limit and tells the others their place', async () => {
    const { visit, state } = setup([2, 4])
    const visits = [visit(), visit(), visit(), visit()]
    await settle()
    expect(visits.map((one) => one.begun())).toEqual([true, true, false, false])
    expect(visits.map((one) => one.places)).toEqual([[], [], [1], [2]])
    expect(state()).toEqual({ running: 2, queued: 2, limit: 2, heldUntil: undefined })
  })

  test('gives the place on when a connection ends', async () => {
    const { visit } = setup([1, 1])
    const [first, second] = [visit(), visit()]
    await settle()
    const read = drain(first.result)
    first.attempt().accept().close()
    await read
    await settle()
    expect([second.begun(), second.places]).toEqual([true, [1, undefined]])
  })

  test.each([
    ['fails to open', (first: Visit) => first.attempt().refuse(refusal(500))],
    ['is aborted while it opens', (first: Visit) => first.abort()],
    ['has nothing left to read', (first: Visit) => void first.attempt().accept({ exhausted: true })],
    ['is aborted although nobody read it', abandon],
  ])('gives the place on when a connection %s', async (_, end) => {
    const { visit, state } = setup([1, 1])
    const [first, second] = [visit(), visit()]
    await settle()
    await end(first)
    await settle()
    expect([second.begun(), state()]).toMatchObject([true, { running: 1, queued: 0 }])
  })

  test('gives the place on when a reader leaves early, and closes the connection', async () => {
    const { visit } = setup([1, 1])
    const [first, second] = [visit(), visit()]
    await settle()
    first.attempt().accept().send({ event: 'message', data: 'x' })
    for await (const _ of (await first.result) as Connection) break
    await settle()
    expect([first.attempt().closed, second.begun()]).toEqual([true, true])
  })

  test('one that waits leaves at once with the reason of its signal, and is never opened', async () => {
    const { visit, state, inner } = setup([1, 1])
    const [, second, third] = [visit(), visit(), visit()]
    second.abort()
    expect(third.places).toEqual([2, 1])
    expect(await second.result).toEqual(new Error('left'))
    expect([state()?.queued, inner.attempts.length]).toEqual([1, 1])
  })

  test('one that is aborted already leaves no trace', async () => {
    const { visit, inner, state } = setup([1, 1])
    const { result } = visit({ signal: AbortSignal.abort(new Error('left')) })
    expect(await result).toEqual(new Error('left'))
    expect([inner.attempts.length, state()]).toMatchObject([0, { running: 0, queued: 0 }])
  })

  test('passes on what the connection says of itself, and the stop, which waits for nobody', async () => {
    const told: unknown[] = []
    const inner: Transport = Object.assign(
      async () => ({ location: 'http://host.test/1', carrier: 'test', async *[Symbol.asyncIterator]() {} }),
      { stop: async (request: unknown) => void told.push(request) },
    )
    const pool = createPool({ limits: { model: [1, 1] } })
    const transport = pool.for('model')(inner)
    expect(await transport(read())).toMatchObject({ location: 'http://host.test/1', carrier: 'test' })
    void transport(read())
    await transport.stop!(read())
    expect(told.length).toBe(1)
    expect('stop' in pool.for('model')(async () => ({ async *[Symbol.asyncIterator]() {} }))).toBe(false)
  })

  test('keys do not wait for each other', async () => {
    const pool = createPool({ limits: { a: [1, 1], b: [1, 1] } })
    const inner = scriptedTransport()
    for (const key of ['a', 'a', 'b', 'b']) void pool.for(key)(inner)(read())
    await settle()
    expect(pool.get()).toMatchObject({ a: { running: 1, queued: 1 }, b: { running: 1, queued: 1 } })
    expect(inner.attempts.length).toBe(2)
  })
})

describe('the order of a pool', () => {
  /** In which order `names` of visits are opened, one at a time. */
  async function order(visits: Record<string, Visit>): Promise<string[]> {
    const opened: string[] = []
    for (let rounds = 0; rounds < 20; rounds++) {
      await settle()
      for (const [name, one] of Object.entries(visits)) {
        if (!one.begun() || opened.includes(name)) continue
        opened.push(name)
        one.attempt().refuse(refusal(400))
      }
    }
    return opened
  }

  test('higher priorities go first, and equals as they came', async () => {
    const { visit } = setup([1, 1])
    const visits = { now: visit(), a: visit(), b: visit({}, 5), c: visit({}, -1), d: visit({}, 5), e: visit() }
    expect(await order(visits)).toEqual(['now', 'b', 'd', 'a', 'e', 'c'])
  })

  test('an answer that has begun goes before those of its priority that have not', async () => {
    const { visit } = setup([1, 1])
    const location = 'http://host.test/1'
    const visits = { now: visit(), a: visit(), b: visit({ cursor: '1-7', attempt: 2 }), c: visit({ location }, -1) }
    expect(await order(visits)).toEqual(['now', 'b', 'a', 'c'])
  })
})

describe('the bound of a queue', () => {
  test('one more than may wait fails with a sentence that names the option, and is not retried', async () => {
    const { visit, state } = setup([1, 1], { maxQueued: 2 })
    const [, , , refused] = [visit(), visit(), visit(), visit()]
    const error = (await refused.result) as StreamError
    expect(error).toMatchObject({ code: 'network', reason: 'queue-full', retryable: false })
    expect(error.message).toContain('`maxQueued`')
    expect(state()?.queued).toBe(2)
  })

  test('an answer that comes back is let in above it', async () => {
    const { visit, state } = setup([1, 1], { maxQueued: 1 })
    for (const attempt of [1, 1, 2]) visit({ attempt })
    expect(state()?.queued).toBe(2)
  })

  test('of nobody, it still lets run as many as may', async () => {
    const { visit, state } = setup([2, 2], { maxQueued: 0 })
    const [, , third] = [visit(), visit(), visit()]
    expect(state()?.running).toBe(2)
    expect(await third.result).toMatchObject({ reason: 'queue-full' })
  })
})

describe('a pool whose server refuses', () => {
  test.each([429, 503, 529])('%i stops all starts of the key until Retry-After is over', async (status) => {
    const { visit, state } = setup([2, 4])
    const visits = [visit(), visit(), visit()]
    await settle()
    visits[0]!.attempt().refuse(refusal(status, 5_000))
    await settle(4_990)
    expect(visits[2]!.begun()).toBe(false)
    expect(state()?.heldUntil).toBeGreaterThan(Date.now())
    await settle(20)
    expect([visits[2]!.begun(), state()?.heldUntil]).toEqual([true, undefined])
  })

  test('one that comes while starts are held waits for the end too', async () => {
    const { visit } = setup([2, 4])
    const first = visit()
    await settle()
    first.attempt().refuse(refusal(429, 5_000))
    await settle(1_000)
    const late = visit()
    await settle(3_990)
    expect([late.begun(), late.places]).toEqual([false, [1]])
    await settle(20)
    expect(late.begun()).toBe(true)
  })

  test('another failure holds nobody', async () => {
    const { visit } = setup([1, 4])
    const [first, second] = [visit(), visit()]
    await settle()
    first.attempt().refuse(refusal(500, 5_000))
    await settle()
    expect(second.begun()).toBe(true)
  })

  test('no timer is left when nobody waits', async () => {
    const { visit } = setup([1, 1])
    const [first, second] = [visit(), visit()]
    await settle()
    first.attempt().refuse(refusal(429, 5_000))
    await settle()
    expect(vi.getTimerCount()).toBe(1)
    second.abort()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('finds the limit of a server that takes six, from three upwards, without many refusals', async () => {
    const pool = createPool({ limits: { model: [3, 12] }, random: numbers() })
    const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
    let atServer = 0
    let most = 0
    let refused = 0
    const server: Transport = async () => {
      await pause(50)
      if (atServer >= 6) {
        refused++
        throw refusal(429)
      }
      most = Math.max(most, ++atServer)
      return {
        async *[Symbol.asyncIterator]() {
          await pause(1_000)
          yield []
          atServer--
        },
      }
    }
    const open = pool.for('model')(server)
    let served = 0
    async function client(): Promise<void> {
      for (let attempt = 1; ; attempt++) {
        try {
          for await (const _ of await open(read(attempt)));
          served++
          return
        } catch {
          await pause(500)
        }
      }
    }
    for (let count = 0; count < 200; count++) void client()
    await settle(90_000)
    // At the server's limit throughout they would be done in 200 / 6 rounds of 1.05 seconds, which is 35.
    expect([served, most]).toEqual([200, 6])
    // Without a pool 194 of the first 200 requests would be refused.
    expect(refused).toBeLessThanOrEqual(20)
  })
})

describe('the snapshot of a pool', () => {
  test('is the same object until something changes', async () => {
    const { pool, visit } = setup([1, 1])
    const empty = pool.get()
    expect(pool.get()).toBe(empty)
    visit()
    const busy = pool.get()
    expect([busy === empty, pool.get() === busy]).toEqual([false, true])
  })

  test('many changes at once are one notification, and one listener that throws takes nothing from the others', async () => {
    const { pool, visit } = setup([1, 1])
    const thrown: unknown[] = []
    const note = (error: unknown) => void thrown.push(error)
    process.on('uncaughtException', note)
    const heard: number[] = []
    pool.subscribe(() => {
      throw new Error('mine')
    })
    const leave = pool.subscribe(() => void heard.push(pool.get().model!.queued))
    for (let count = 0; count < 3; count++) visit()
    await settle()
    expect(heard).toEqual([2])
    leave()
    visit()
    await settle()
    process.off('uncaughtException', note)
    expect(heard).toEqual([2])
    expect(thrown).toEqual([new Error('mine'), new Error('mine')])
  })

  test('one that left while the notification was on its way is not called', async () => {
    const { pool, visit } = setup([1, 1])
    let calls = 0
    const leaves: (() => void)[] = []
    for (let count = 0; count < 2; count++) {
      pool.subscribe(() => leaves[count ? 0 : 1]?.())
      leaves.push(pool.subscribe(() => void calls++))
    }
    visit()
    await settle()
    expect(calls).toBe(1)
  })

  test('a key named like a member of objects is a key like others', async () => {
    const pool = createPool()
    const inner = scriptedTransport()
    for (const key of ['__proto__', 'constructor']) void pool.for(key)(inner)(read())
    expect(Object.entries(pool.get()).map(([key, { running }]) => [key, running])).toEqual([
      ['__proto__', 1],
      ['constructor', 1],
    ])
  })

  test('keys at rest are forgotten above a hundred, those in use are not', async () => {
    const pool = createPool()
    const inner = scriptedTransport()
    for (let count = 0; count < 250; count++) {
      const controller = new AbortController()
      const open = pool.for(`key ${count}`)(inner)
      open({ ...read(), signal: controller.signal }).catch(() => {})
      if (count > 0) controller.abort()
    }
    await settle()
    expect(Object.keys(pool.get()).length).toBeLessThanOrEqual(100)
    expect(pool.get()['key 0']?.running).toBe(1)
  })
})

describe('the presets', () => {
  test.each(Object.entries(presets))('%s gives a stream its retries, its clocks and its turn', (name, preset) => {
    const pool = createPool()
    const options = pool.preset(name as keyof typeof presets)
    const { timeout, maxRetries } = preset
    expect(options).toMatchObject({
      retry: { maxRetries },
      clocks: { connect: timeout, firstEvent: timeout, stall: timeout },
    })
    const inner = scriptedTransport()
    const open = options.via[0]!(inner)
    for (let count = 0; count < 30; count++) void open(read())
    const [low] = preset.limits
    expect(pool.get()[name]).toMatchObject({ limit: low, running: low, queued: 30 - low })
  })

  test('stand in the guide as they are here', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../docs/guides/concurrency.md'), 'utf8')
    for (const [name, { limits, timeout, maxRetries }] of Object.entries(presets)) {
      expect(guide).toContain(`| \`${name}\` | ${limits.join('–')} | ${timeout / 1_000} s | ${maxRetries} |`)
    }
  })

  test('limits that are given take the place of those of a preset', () => {
    const pool = createPool({ limits: { 'gpt-4.1': [1, 2] } })
    void pool.preset('gpt-4.1').via[0]!(scriptedTransport())(read())
    expect(pool.get()['gpt-4.1']?.limit).toBe(1)
  })
})

describe('wrong options', () => {
  test.each<[object, string]>([
    [{ limit: { a: [1, 2] } }, 'There is no option `limit`.'],
    [{ limits: 5 }, '`limits`'],
    [{ limits: { a: 5 } }, '`limits.a`'],
    [{ limits: { a: [0, 2] } }, '`limits.a`'],
    [{ limits: { a: [3, 2] } }, '`limits.a`'],
    [{ limits: { a: [1, 2.5] } }, '`limits.a`'],
    [{ limits: { a: [1, Infinity] } }, '`limits.a`'],
    [{ otherLimits: [1] }, '`otherLimits`'],
    [{ maxQueued: -1 }, '`maxQueued`'],
    [{ maxQueued: Number.NaN }, '`maxQueued`'],
    [{ random: 1 }, '`random`'],
    [{ now: 1 }, '`now`'],
  ])('%j is refused by name', (options, sentence) => {
    expect(() => createPool(options)).toThrow(sentence)
  })

  test('a key that is none, a priority that is none and a model without a preset are refused', () => {
    const pool = createPool()
    expect(() => pool.for('')).toThrow('`key`')
    expect(() => pool.for('a', { priority: 0.5 })).toThrow('`priority`')
    expect(() => pool.for('a', { priority: Infinity })).toThrow('`priority`')
    expect(() => pool.for('a', { urgency: 1 } as object)).toThrow('no option `urgency`')
    expect(() => pool.preset('toString' as never)).toThrow('gpt-4.1, claude-sonnet-4.5')
  })
})

type Step =
  | { readonly type: 'visit'; readonly priority: number; readonly attempt: number }
  | { readonly type: 'accept' | 'close' | 'cut' | 'abort' | 'refuse' | 'slow down'; readonly who: number }
  | { readonly type: 'wait'; readonly milliseconds: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('visit' as const),
      priority: fc.integer({ min: -1, max: 1 }),
      attempt: fc.constantFrom(1, 1, 2),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constantFrom('accept' as const, 'accept' as const, 'close', 'cut', 'abort', 'refuse', 'slow down'),
      who: fc.nat(30),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('wait' as const), milliseconds: fc.constantFrom(0, 100, 3_000) }),
  },
)

test('in every history a pool stays below its limit, holds what it has to, and serves everybody in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const maxQueued = 6
      const { visit, inner, state } = setup([2, 5], { maxQueued })
      const visits: { one: Visit; over: boolean; accepted: boolean; attempt: number }[] = []
      let held = 0
      const settled = async () => {
        const before = inner.attempts.length
        const wasHeld = Date.now() < held
        await settle()
        const { running, queued, limit } = state() ?? { running: 0, queued: 0, limit: 2 }
        expect(limit).toBeGreaterThanOrEqual(2)
        expect(limit).toBeLessThanOrEqual(5)
        expect(running).toBeLessThanOrEqual(5)
        expect(running).toBe(visits.filter(({ one, over }) => !over && one.begun()).length)
        if (inner.attempts.length > before) {
          expect(wasHeld).toBe(false)
          expect(running).toBeLessThanOrEqual(limit)
        }
        // No lost wake-up.
        if (queued > 0 && Date.now() >= held) expect(running).toBeGreaterThanOrEqual(limit)
        expect(queued).toBeLessThanOrEqual(maxQueued + visits.filter(({ attempt }) => attempt > 1).length)
        const places = visits.filter(({ one, over }) => !over && !one.begun()).map(({ one }) => one.places.at(-1))
        expect(places.toSorted()).toEqual(Array.from({ length: queued }, (_, index) => index + 1).toSorted())
      }

      for (const action of steps) {
        if (action.type === 'wait') {
          await settle(action.milliseconds)
        } else if (action.type === 'visit') {
          const one = visit({ attempt: action.attempt }, action.priority)
          const entry = { one, over: false, accepted: false, attempt: action.attempt }
          visits.push(entry)
          one.result.then((result) => {
            if (result instanceof StreamError && result.reason === 'queue-full') entry.over = true
          })
        } else {
          const entry = visits[action.who]
          if (!entry || entry.over) continue
          const { one, accepted } = entry
          if (action.type === 'abort') {
            entry.over = true
            one.abort()
          } else if (one.begun() && !accepted) {
            if (action.type === 'accept') {
              entry.accepted = true
              one.attempt().accept()
            } else if (action.type === 'refuse' || action.type === 'slow down') {
              entry.over = true
              if (action.type === 'slow down') held = Math.max(held, Date.now() + 2_000)
              one.attempt().refuse(action.type === 'refuse' ? refusal(500) : refusal(429, 2_000))
            }
          } else if (accepted && (action.type === 'close' || action.type === 'cut')) {
            entry.over = true
            const read = drain(one.result).catch(() => {})
            one.attempt()[action.type]()
            await read
          }
        }
        await settled()
      }

      for (let rounds = 0; visits.some(({ over }) => !over); rounds++) {
        expect(rounds).toBeLessThan(100)
        await settle(3_000)
        for (const entry of visits) {
          if (entry.over || !entry.one.begun()) continue
          entry.over = true
          entry.one.abort()
        }
      }
      await settle()
      if (visits.length > 0) expect(state()).toMatchObject({ running: 0, queued: 0 })
      expect([inner.held(), vi.getTimerCount()]).toEqual([0, 0])
    }),
    { numRuns: 100 },
  )
})
