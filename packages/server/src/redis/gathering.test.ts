import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCache } from './cache'
import { createGroupCommit } from './group-commit'
import { createPending } from './pending'
import { createRoom } from './room'
import { createTrimPoints } from './trim-points'

const entry = (data: string) => ({ event: 'text', data })

describe('the group commit', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('[R91] flushes what is urgent in this turn, and the rest together within the interval, each once', async () => {
    const { soon, later, stop } = createGroupCommit(50)
    const flushed: string[] = []
    const flush = ['a', 'b', 'c'].map((name) => () => void flushed.push(name))
    later(flush[0]!)
    later(flush[1]!)
    later(flush[1]!)
    later(flush[2]!)
    soon(flush[2]!)
    await new Promise(setImmediate)
    expect(flushed).toEqual(['c'])
    vi.advanceTimersByTime(50)
    expect(flushed).toEqual(['c', 'a', 'b'])
    later(flush[0]!)
    stop()
    vi.advanceTimersByTime(100)
    expect(flushed).toHaveLength(3)
  })
})

describe('what is pending', () => {
  it('[R91] leaves in order, in batches of a bounded size, whatever is restored and added between', () => {
    const action = fc.oneof(fc.record({ add: fc.integer({ min: 0, max: 100_000 }) }), fc.constant({ flush: true }))
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), fc.array(fc.string(), { maxLength: 5 }), (actions, restored) => {
        const pending = createPending()
        const added: string[] = []
        const written: string[] = []
        const flush = () => {
          const { entries } = pending.batch()
          expect(entries.slice(0, -1).reduce((sum, { data }) => sum + data.length, 0)).toBeLessThan(64 * 1024)
          written.push(...entries.map(({ data }) => data))
          pending.remove(entries.length)
        }
        for (const [index, act] of actions.entries()) {
          if ('flush' in act) flush()
          else {
            added.push(`${index}`.padEnd(act.add, '.'))
            pending.add(entry(added.at(-1)!), index)
          }
        }
        const rest = added.slice(written.length)
        expect(pending.bytes).toBe(rest.reduce((sum, data) => sum + data.length + 4, 0))
        written.length = 0
        pending.restore(restored.map(entry), 0)
        while (pending.length > 0) flush()
        expect([written, pending.bytes]).toEqual([[...restored, ...rest], 0])
      }),
    )
  })
})

it('a writer waits above the bound until half of it is gone', async () => {
  const room = createRoom(100)
  expect(room.after(100)).toBeUndefined()
  const waiting = room.after(101)!
  let waited = true
  void waiting.then(() => {
    waited = false
  })
  room.left(51)
  await Promise.resolve()
  expect([waited, room.after(101)]).toEqual([true, waiting])
  room.left(50)
  await waiting
  const refused = room.after(200)
  room.refuse(new Error('full'))
  await expect(refused).rejects.toThrow('full')
})

it('[R98] a stream is cut to about half of what it may hold, and to nothing else', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 100, maxLength: 600 })
  fc.assert(
    fc.property(sizes, (entries) => {
      const most = 64 * 1024
      const points = createTrimPoints(most)
      const ends = [0]
      let earliest = 1
      for (const [index, bytes] of entries.entries()) {
        const size = ends.at(-1)! + bytes
        ends.push(size)
        points.passed(index + 1, size)
        const first = points.due(earliest, size)
        if (first === undefined) continue
        expect(first).toBeGreaterThan(earliest)
        const kept = size - ends[first - 1]!
        expect(kept).toBeGreaterThanOrEqual(most / 2)
        expect(kept).toBeLessThanOrEqual((most * 5) / 8 + 2 * 3000)
        earliest = first
        points.trimmed(first)
      }
      expect(ends.at(-1)! - ends[earliest - 1]!).toBeLessThanOrEqual(most + (most * 1) / 8 + 2 * 3000)
    }),
  )
})

it('[R98] the count of the memory is that of what is held, and never above its bound where something can go', () => {
  const cache = createCache(100_000)
  const parts = [1, 2, 3].map(() => {
    let capacity = 0
    const cached = {
      get capacity() {
        return capacity
      },
      dropOldest: () => {
        if (capacity < 1000) return false
        capacity -= 1000
        return true
      },
    }
    cache.hold(cached)
    const add = (bytes: number) => {
      capacity += bytes
    }
    return { cached, grow: (bytes: number) => cache.counted(cached, () => add(bytes)) }
  })
  for (let index = 0; index < 300; index++) {
    expect(cache.makeRoom(1000)).toBe(true)
    parts[index % 3]!.grow(1000)
  }
  expect(parts.reduce((sum, { cached }) => sum + cached.capacity, 0)).toBeLessThanOrEqual(100_000)
  expect(cache.makeRoom(100_000)).toBe(false)
  for (const { cached } of parts) cache.release(cached)
  expect(cache.makeRoom(100_000)).toBe(true)
})
