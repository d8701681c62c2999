import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPace } from './pace'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A counter, and what was written of it. */
function counter(room?: () => Promise<void>) {
  const written: number[] = []
  const state = {
    value: 0,
    written,
    write() {
      written.push(state.value)
      return room?.()
    },
  }
  return state
}

const create = () => createPace({ interval: 50, now: () => performance.now() })

describe('the pace', () => {
  it('writes the first state at once, and the latest one an interval later', () => {
    const pace = create()
    const one = counter()
    for (one.value = 1; one.value <= 10; one.value++) void pace.offer(one)
    one.value = 10
    expect(one.written).toEqual([1])
    vi.advanceTimersByTime(49)
    expect(one.written).toEqual([1])
    vi.advanceTimersByTime(1)
    expect(one.written).toEqual([1, 10])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps its pace in a loop that lets no timer come', () => {
    let time = 0
    const pace = createPace({ interval: 50, now: () => time })
    const one = counter()
    for (one.value = 1; one.value <= 1_000_000; one.value++) {
      time += 0.001
      void pace.offer(one)
    }
    expect(one.written.length).toBeGreaterThanOrEqual(20)
    expect(one.written.length).toBeLessThanOrEqual(21)
  })

  it('writes ever less often: a job of a day adds no ten thousand entries', () => {
    let time = 0
    const pace = createPace({ interval: 50, now: () => time })
    const one = counter()
    for (; time < 24 * 3_600_000; time += 50) void pace.offer(one)
    // 1,000 in the first 50 s, then 1,000 for each time that what has passed grows by e: ln(86,400 / 50) is 7.5.
    expect(one.written.length).toBeGreaterThan(8_000)
    expect(one.written.length).toBeLessThan(9_000)
    pace.flush()
  })

  it('gives each its turn, at one pace for all', () => {
    const pace = create()
    const all = [counter(), counter(), counter()]
    for (const one of all) void pace.offer(one)
    expect(all.map(({ written }) => written.length)).toEqual([1, 0, 0])
    void pace.offer(all[0]!)
    vi.advanceTimersByTime(100)
    expect(all.map(({ written }) => written.length)).toEqual([1, 1, 1])
    vi.advanceTimersByTime(50)
    expect(all.map(({ written }) => written.length)).toEqual([2, 1, 1])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('adds nothing to what waits while the log asks for time', async () => {
    const pace = create()
    let open: (() => void) | undefined
    const one = counter(
      () =>
        new Promise((resolve) => {
          open = resolve
        }),
    )
    const room = pace.offer(one)
    expect(room).toBeInstanceOf(Promise)
    one.value = 5
    expect(pace.offer(one)).toBe(room)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(one.written).toEqual([0])
    open?.()
    await vi.advanceTimersByTimeAsync(0)
    expect(one.written).toEqual([0, 5])
  })

  it('writes what waits at once when asked to, and leaves no timer', () => {
    const pace = create()
    const [one, two] = [counter(), counter()]
    void pace.offer(one)
    one.value = 2
    void pace.offer(one)
    void pace.offer(two)
    pace.flush(two)
    expect([one.written, two.written]).toEqual([[0], [0]])
    pace.flush()
    expect(one.written).toEqual([0, 2])
    pace.flush()
    expect([one.written.length, vi.getTimerCount()]).toEqual([2, 0])
  })

  it('forgets what waits where it can no longer be written', () => {
    const pace = create()
    let over = false
    const one = {
      write() {
        if (over) throw new Error('over')
      },
    }
    void pace.offer(one)
    void pace.offer(one)
    over = true
    vi.advanceTimersByTime(50)
    expect(vi.getTimerCount()).toBe(0)
  })
})
