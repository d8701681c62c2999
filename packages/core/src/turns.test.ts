import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTurns } from './turns'

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A signal that counts who listens to it. */
function countedSignal() {
  const controller = new AbortController()
  const { signal } = controller
  const listening = new Set<unknown>()
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (type: string, listener: never) => {
    listening.add(listener)
    add(type, listener)
  }
  signal.removeEventListener = (type: string, listener: never) => {
    listening.delete(listener)
    remove(type, listener)
  }
  return { signal, listening, abort: () => controller.abort(new Error('left')) }
}

describe('turns', () => {
  test('whoever comes while there is room goes at once and is told no place', async () => {
    const turns = createTurns(() => 1)
    const told: unknown[] = []
    const { signal } = new AbortController()
    const release = await turns.take({ signal, waits: (position) => told.push(position) })
    expect(turns.count()).toEqual({ running: 1, queued: 0 })
    release()
    expect([turns.count(), told]).toEqual([{ running: 0, queued: 0 }, []])
  })

  test('a turn is given back once, however often it is', async () => {
    const turns = createTurns(() => 2)
    const { signal } = new AbortController()
    const release = await turns.take({ signal })
    await turns.take({ signal })
    release()
    release()
    expect(turns.count().running).toBe(1)
  })

  test('each is told its place when it changes, and that its turn has come', async () => {
    const turns = createTurns(() => 1)
    const { signal } = new AbortController()
    const told: [string, number | undefined][] = []
    const come = (name: string) => turns.take({ signal, waits: (position) => told.push([name, position]) })
    const release = await come('a')
    const b = come('b')
    void come('c')
    expect(told).toEqual([
      ['b', 1],
      ['c', 2],
    ])
    release()
    await b
    expect(told.slice(2)).toEqual([
      ['b', undefined],
      ['c', 1],
    ])
  })

  test('whoever has a higher priority goes before the others, behind its equals', async () => {
    const turns = createTurns(() => 1)
    const { signal } = new AbortController()
    const order: string[] = []
    const come = async (name: string, priority: number) => {
      const leave = await turns.take({ signal, priority })
      order.push(name)
      leave()
    }
    const release = await turns.take({ signal })
    const all = [come('a', 0), come('b', 1), come('c', -1), come('d', 1), come('e', 0.5)]
    release()
    await Promise.all(all)
    expect(order).toEqual(['b', 'd', 'e', 'a', 'c'])
  })

  test('an abort ends the wait at once with its reason, and lets the others move up', async () => {
    const turns = createTurns(() => 1)
    const { signal } = new AbortController()
    await turns.take({ signal })
    const leaver = countedSignal()
    const waiting = turns.take({ signal: leaver.signal })
    const told: unknown[] = []
    void turns.take({ signal, waits: (position) => told.push(position) })
    leaver.abort()
    await expect(waiting).rejects.toThrow('left')
    expect([told, turns.count().queued, leaver.listening.size]).toEqual([[2, 1], 1, 0])
  })

  test('an abort gives back a turn that nobody gives back', async () => {
    const turns = createTurns(() => 1)
    const { signal, abort, listening } = countedSignal()
    const release = await turns.take({ signal })
    abort()
    release()
    expect([turns.count().running, listening.size]).toEqual([0, 0])
  })

  test('a signal that is aborted already takes no turn and hears nothing', async () => {
    const turns = createTurns(() => 1)
    const { signal, abort, listening } = countedSignal()
    abort()
    await expect(turns.take({ signal })).rejects.toThrow('left')
    expect([turns.count(), listening.size]).toEqual([{ running: 0, queued: 0 }, 0])
  })

  test('one that leaves while it is told its place leaves the line whole', async () => {
    const turns = createTurns(() => 1)
    const { signal } = new AbortController()
    const release = await turns.take({ signal })
    const fickle = new AbortController()
    const gone = turns.take({
      signal: fickle.signal,
      waits: (position) => position === 1 && fickle.abort(new Error('left')),
    })
    await expect(gone).rejects.toThrow('left')
    const places: unknown[] = []
    const next = turns.take({ signal, waits: (position) => places.push(position) })
    release()
    await next
    expect([places, turns.count()]).toEqual([[1, undefined], { running: 1, queued: 0 }])
  })
})

type Step =
  | { readonly type: 'come'; readonly priority: number; readonly leavesAt: number }
  | { readonly type: 'release' | 'abort'; readonly who: number }
  | { readonly type: 'limit'; readonly limit: number }
  | { readonly type: 'settle' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('come' as const),
      priority: fc.integer({ min: -1, max: 1 }),
      // Leaves of its own accord when it is told this place: 0 for never.
      leavesAt: fc.constantFrom(0, 0, 0, 0, 1, 2, 3),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constantFrom('release' as const, 'abort' as const), who: fc.nat(40) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('limit' as const), limit: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.constant({ type: 'settle' as const }) },
)

interface Guest {
  readonly number: number
  readonly priority: number
  readonly leaver: ReturnType<typeof countedSignal>
  place: number | undefined
  state: 'waiting' | 'in' | 'out' | 'aborted'
  release?: () => void
}

test('in every history nobody goes above the limit, equals keep their order, places are true and no turn is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      let limit = 2
      const turns = createTurns(() => limit)
      const guests: Guest[] = []
      const entered: Guest[] = []
      // The line as it has to be, from the rules alone.
      const line = () =>
        guests
          .filter((guest) => guest.state === 'waiting')
          .sort((a, b) => b.priority - a.priority || a.number - b.number)

      function come(priority: number, leavesAt: number): void {
        const leaver = countedSignal()
        const guest: Guest = { number: guests.length, priority, leaver, place: undefined, state: 'waiting' }
        guests.push(guest)
        const waits = (position: number | undefined) => {
          guest.place = position
          if (position !== undefined && position === leavesAt) {
            guest.state = 'aborted'
            leaver.abort()
          }
        }
        turns.take({ signal: leaver.signal, priority, waits }).then(
          (release) => {
            if (guest.state === 'aborted') return
            guest.state = 'in'
            guest.release = release
            entered.push(guest)
          },
          () => expect(guest.state).toBe('aborted'),
        )
      }

      for (const { type, ...rest } of steps) {
        const [before, wereIn] = [line(), entered.length]
        const running = turns.count().running
        if (type === 'come') come((rest as Guest).priority, (rest as { leavesAt: number }).leavesAt)
        const guest = guests[(rest as { who: number }).who]
        if (type === 'release' && guest?.state === 'in') {
          guest.state = 'out'
          guest.release!()
        }
        if (type === 'abort' && (guest?.state === 'in' || guest?.state === 'waiting')) {
          guest.state = 'aborted'
          guest.leaver.abort()
        }
        if (type === 'limit') {
          limit = (rest as { limit: number }).limit
          turns.poke()
        }
        await settle()
        const count = turns.count()
        expect(count.running).toBe(guests.filter(({ state }) => state === 'in').length)
        expect(count.queued).toBe(line().length)
        // Above the limit only where it was lowered: nobody new went then.
        expect(count.running).toBeLessThanOrEqual(Math.max(limit, running))
        if (count.running > limit) expect(entered.length).toBe(wereIn)
        // No lost wake-up: nobody waits where there is room.
        if (count.queued > 0) expect(count.running).toBeGreaterThanOrEqual(limit)
        // In the order of the line: those who went were its first.
        const went = entered.slice(wereIn).filter((one) => before.includes(one))
        const stayed = before.filter((one) => one.state === 'waiting')
        for (const one of went)
          for (const other of stayed) expect(before.indexOf(one)).toBeLessThan(before.indexOf(other))
        expect(line().map(({ place }) => place)).toEqual(line().map((_, index) => index + 1))
      }

      limit = 1
      turns.poke()
      for (let rounds = 0; turns.count().running + turns.count().queued > 0; rounds++) {
        expect(rounds).toBeLessThan(200)
        for (const guest of guests.filter(({ state }) => state === 'in')) {
          guest.state = 'out'
          guest.release!()
        }
        await settle()
      }
      // Without a trace.
      expect(guests.map(({ leaver }) => leaver.listening.size)).toEqual(guests.map(() => 0))
    }),
    { numRuns: 150 },
  )
})
