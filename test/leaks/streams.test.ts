import { getEventListeners } from 'node:events'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { close, cycles, held } from './cycles'
import { slope, survey } from './survey'

// In bytes: a stream weighs some 5,000 while it lives, and a closure that is left in a set of listeners more than 100. Of these here each leaves less than one.
const plan = { cycles: 200, atOnce: 20, bound: 20 }

// A page around the streams, whose listeners can be counted: Node has none.
const page = new EventTarget()
const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
const pageEvents = ['online', 'pagehide', 'pageshow']
const documentEvents = ['freeze', 'resume', 'visibilitychange']

const listening = () =>
  pageEvents.flatMap((name) => getEventListeners(page, name)).length +
  documentEvents.flatMap((name) => getEventListeners(document, name)).length

beforeAll(() => {
  vi.stubGlobal('document', document)
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
})

afterAll(async () => {
  await close()
  vi.unstubAllGlobals()
})

describe('10,000 starts, stops and cuts leave nothing behind', () => {
  let total = 0

  test.each(Object.entries(cycles))('%s', async (_, cycle) => {
    const before = held()
    const remains = await survey(cycle, plan)
    total += remains.cycles
    expect(remains).toMatchObject({ survivors: 0, resources: {} })
    expect(remains.growth).toBeLessThan(plan.bound)
    expect(listening()).toBe(0)
    expect(held()).toEqual(before)
  })

  test('of them there were so many', () => {
    expect(total).toBeGreaterThan(10_000)
  })
})

describe('the survey', () => {
  test('finds a closure that each cycle leaves in a set', async () => {
    const listeners = new Set<() => void>()
    const { growth } = await survey(async (number) => {
      listeners.add(() => void number)
      return []
    }, plan)
    expect(growth).toBeGreaterThan(plan.bound)
    expect(listeners.size).toBeGreaterThan(plan.cycles)
  })

  test('finds timers, and objects that somebody holds', async () => {
    const timers: NodeJS.Timeout[] = []
    const hold = async () => {
      const object = {}
      timers.push(setTimeout(() => object, 60_000))
      return [object]
    }
    const { survivors, resources } = await survey(hold, { cycles: 10, atOnce: 1, bound: Number.POSITIVE_INFINITY })
    for (const timer of timers) clearTimeout(timer)
    expect(survivors).toBe(60)
    expect(resources.Timeout).toBeGreaterThan(50)
  })

  test('is not misled by one round that was disturbed', () => {
    expect(slope([10, 10, 10, 500, 10, 10])).toBe(0)
    expect(slope([10, 20, 30, 500, 50, 60])).toBe(10)
  })
})
