import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { StreamError } from '../errors'
import { type Clocks, readClocks, watch } from './clocks'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function begin(clocks: Partial<Clocks> = {}, totalLeft = Infinity) {
  const expired: StreamError[] = []
  const clock = watch(readClocks(clocks), totalLeft, (error) => expired.push(error))
  const reasons = () => expired.map((error) => error.reason)
  return { clock, expired, reasons }
}

describe('each clock runs out by itself', () => {
  test('connect: the head of the response is late', () => {
    const { clock, expired } = begin()
    vi.advanceTimersByTime(14_999)
    expect(expired).toEqual([])
    vi.advanceTimersByTime(1)
    expect(expired).toMatchObject([{ code: 'timeout', reason: 'connect', retryable: true }])
    expect(expired[0]!.message).toContain('15 s')
    clock.close()
  })

  test('firstEvent: the head came and no part', () => {
    const { clock, reasons } = begin()
    vi.advanceTimersByTime(10_000)
    clock.opened()
    vi.advanceTimersByTime(59_999)
    expect(reasons()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(reasons()).toEqual(['firstEvent'])
  })

  test('stall: parts came and then none', () => {
    const { clock, reasons } = begin()
    clock.opened()
    for (let part = 0; part < 10; part++) {
      vi.advanceTimersByTime(59_000)
      clock.arrived(true)
    }
    expect(reasons()).toEqual([])
    vi.advanceTimersByTime(60_000)
    expect(reasons()).toEqual(['stall'])
  })

  test('heartbeats feed neither the first event nor the stall', () => {
    for (const [phase, expected] of [
      [false, 'firstEvent'],
      [true, 'stall'],
    ] as const) {
      const { clock, reasons } = begin()
      clock.opened()
      clock.promised(15_000)
      if (phase) clock.arrived(true)
      for (let beat = 0; beat < 4; beat++) {
        vi.advanceTimersByTime(15_000)
        clock.arrived(false)
      }
      expect(reasons()).toEqual([expected])
      clock.close()
    }
  })

  test('liveness: twice the promised heartbeat and five seconds more without a byte', () => {
    const { clock, expired } = begin()
    clock.opened()
    clock.promised(10_000)
    vi.advanceTimersByTime(24_000)
    clock.arrived(false)
    vi.advanceTimersByTime(24_999)
    expect(expired).toEqual([])
    vi.advanceTimersByTime(1)
    expect(expired).toMatchObject([{ reason: 'liveness', retryable: true }])
  })

  test('liveness counts from the promise, which proves life itself', () => {
    const { clock, reasons } = begin()
    clock.opened()
    vi.advanceTimersByTime(50_000)
    clock.promised(15_000)
    clock.arrived(true)
    vi.advanceTimersByTime(34_000)
    expect(reasons()).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect(reasons()).toEqual(['liveness'])
  })

  test('liveness is off where nothing was promised, and a setting of its own wins over a promise', () => {
    const without = begin({ stall: Infinity, firstEvent: Infinity })
    without.clock.opened()
    vi.advanceTimersByTime(86_400_000)
    expect(without.reasons()).toEqual([])
    without.clock.close()

    const own = begin({ liveness: 3_000 })
    own.clock.opened()
    own.clock.promised(60_000)
    vi.advanceTimersByTime(3_000)
    expect(own.reasons()).toEqual(['liveness'])

    const off = begin({ liveness: Infinity, firstEvent: Infinity })
    off.clock.opened()
    off.clock.promised(1_000)
    vi.advanceTimersByTime(86_400_000)
    expect(off.reasons()).toEqual([])
    off.clock.close()
  })

  test.each([Number.NaN, -60_000, 'soon', {}])('a promise of %s is none, and stops no other clock', (interval) => {
    const { clock, reasons } = begin()
    clock.opened()
    clock.promised(interval as number)
    clock.arrived(true)
    vi.advanceTimersByTime(59_999)
    expect(reasons()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(reasons()).toEqual(['stall'])
  })

  test('total: whatever arrives, and not worth another attempt', () => {
    const { clock, expired } = begin({ total: 90_000 }, 30_000)
    clock.opened()
    for (let second = 0; second < 30; second++) {
      vi.advanceTimersByTime(1_000)
      clock.arrived(true)
    }
    expect(expired).toMatchObject([{ reason: 'total', retryable: false }])
    expect(expired[0]!.message).toContain('90 s')
  })

  test('total: nothing left runs out at once', () => {
    const { reasons } = begin({}, -5)
    expect(reasons()).toEqual(['total'])
  })
})

describe('whoever stood still for longer than a clock', () => {
  function standStill() {
    let still = 0
    const expired: StreamError[] = []
    const clock = watch(
      readClocks(),
      Infinity,
      (error) => expired.push(error),
      () => performance.now() + still,
    )
    clock.opened()
    clock.arrived(true)
    vi.advanceTimersByTime(10_000)
    still = 120_000
    vi.advanceTimersByTime(50_000) // When the timer is due, and long over.
    return { clock, reasons: () => expired.map((error) => error.reason) }
  }

  test('hears first what has come meanwhile', () => {
    const { clock, reasons } = standStill()
    expect(reasons()).toEqual([])
    clock.arrived(true)
    vi.advanceTimersByTime(59_999)
    expect(reasons()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(reasons()).toEqual(['stall'])
  })

  test('does not wait long for what has not', () => {
    const { reasons } = standStill()
    vi.advanceTimersByTime(999)
    expect(reasons()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(reasons()).toEqual(['stall'])
  })
})

describe('a consumer that takes its time', () => {
  test('is neither a stall nor a silence', () => {
    const { clock, reasons } = begin()
    clock.opened()
    clock.promised(10_000)
    clock.arrived(true)
    clock.held()
    vi.advanceTimersByTime(3_600_000)
    expect(reasons()).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
    clock.pulled()
    vi.advanceTimersByTime(24_999)
    expect(reasons()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(reasons()).toEqual(['liveness'])
  })

  test('loses no time that the server had left', () => {
    const { clock, reasons } = begin()
    clock.opened()
    clock.arrived(true)
    vi.advanceTimersByTime(50_000)
    clock.held()
    vi.advanceTimersByTime(40_000)
    clock.pulled()
    vi.advanceTimersByTime(9_999)
    expect(reasons()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(reasons()).toEqual(['stall'])
  })

  test('still counts for the total', () => {
    const { clock, reasons } = begin({}, 100_000)
    clock.opened()
    clock.arrived(true)
    clock.held()
    vi.advanceTimersByTime(100_000)
    clock.pulled()
    expect(reasons()).toEqual(['total'])
  })
})

test('closing stops every clock, in every phase', () => {
  for (const phase of [() => {}, 'opened', 'arrived'] as const) {
    const { clock, reasons } = begin({ total: 5_000 }, 5_000)
    if (phase === 'opened' || phase === 'arrived') clock.opened()
    if (phase === 'arrived') clock.arrived(true)
    clock.close()
    vi.advanceTimersByTime(86_400_000)
    expect(reasons()).toEqual([])
  }
})

test('a part costs no timer: arrivals only write a time down', () => {
  const { clock } = begin()
  clock.opened()
  clock.arrived(true)
  const set = vi.spyOn(globalThis, 'setTimeout')
  for (let part = 0; part < 10_000; part++) {
    clock.arrived(true)
    clock.held()
    clock.pulled()
  }
  expect(set).not.toHaveBeenCalled()
  set.mockRestore()
  clock.close()
})

test('limits above what a timer counts do not run out at once', () => {
  const { clock, reasons } = begin({ connect: 1e12 })
  vi.advanceTimersByTime(60_000)
  expect(reasons()).toEqual([])
  clock.close()
})

test('a jump of the wall clock expires nothing', () => {
  const { clock, reasons } = begin()
  vi.setSystemTime(Date.now() + 86_400_000)
  vi.advanceTimersByTime(1_000)
  clock.opened()
  expect(reasons()).toEqual([])
  clock.close()
})

describe('readClocks', () => {
  test('gives the defaults, and undefined stands for them', () => {
    const defaults = { connect: 15_000, firstEvent: 60_000, stall: 60_000, liveness: 0, total: Infinity }
    expect(readClocks()).toEqual(defaults)
    expect(readClocks({ stall: undefined } as object)).toEqual(defaults)
  })

  test.each([
    [{ stall: 0 }, 'clocks.stall'],
    [{ connect: -1 }, 'clocks.connect'],
    [{ total: Number.NaN }, 'clocks.total'],
    [{ firstEvent: '5' }, 'clocks.firstEvent'],
    [{ idle: 5 }, 'clocks.idle'],
  ])('refuses %j with a sentence', (clocks, name) => {
    expect(() => readClocks(clocks as Partial<Clocks>)).toThrow(
      expect.objectContaining({ code: 'option', message: expect.stringContaining(`\`${name}\``) }),
    )
  })
})
