import { expect, it, vi } from 'vitest'
import { createTimeline } from './timeline'

function timed() {
  let time = 0
  const timeline = createTimeline(() => time)
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { timeline, pass }
}

const reached = (keepstream: number) => ({ keepstream, events: 0, loop: 0 })

it('takes down where each is, a quarter of what it is told where it is told a hundred times a second, and always where they are now', () => {
  const { timeline, pass } = timed()
  for (let count = 1; count <= 100; count++) {
    pass(10)
    timeline.sample(reached(count))
  }
  const [times, keepstream] = timeline.rows()
  expect(times.length).toBeLessThanOrEqual(25)
  expect([times[0], times.at(-1)]).toEqual([0, 1])
  expect([keepstream![0], keepstream!.at(-1)]).toEqual([0, 100])
  expect([...times]).toEqual([...times].sort((one, other) => one - other))
})

it('forgets every other row rather than grow without end', () => {
  const { timeline, pass } = timed()
  for (let count = 1; count <= 20_000; count++) {
    pass(100)
    timeline.sample(reached(count))
  }
  const [times, ...values] = timeline.rows()
  expect(times.length).toBeLessThanOrEqual(2_400)
  expect(new Set(values.map(({ length }) => length))).toEqual(new Set([times.length]))
  expect(times.at(-1)).toBeCloseTo(2_000, -1)
})

it('notes what happened with its time and how far that reader was, and begins anew', () => {
  const { timeline, pass } = timed()
  const listener = vi.fn()
  const leave = timeline.subscribe(listener)
  pass(500)
  timeline.sample(reached(42))
  timeline.note('lost', 'keepstream', 'network')
  timeline.note('fault', undefined, 'cut')
  expect(timeline.notes()).toEqual([
    { id: 0, at: 0.5, kind: 'lost', runner: 'keepstream', reached: 42, detail: 'network' },
    { id: 1, at: 0.5, kind: 'fault', reached: 0, detail: 'cut' },
  ])
  expect(listener).toHaveBeenCalledTimes(3)
  leave()
  timeline.begin()
  expect(listener).toHaveBeenCalledTimes(3)
  expect(timeline.notes()).toEqual([])
  expect(timeline.rows()).toEqual([[0], [0], [0], [0]])
})

it('adds up repeats that nothing comes between', () => {
  const { timeline } = timed()
  timeline.note('duplicates', 'keepstream', '3')
  timeline.note('duplicates', 'keepstream', '4')
  timeline.note('lost', 'keepstream')
  timeline.note('duplicates', 'keepstream', '1')
  expect(timeline.notes().map(({ kind, detail }) => [kind, detail])).toEqual([
    ['duplicates', '7'],
    ['lost', undefined],
    ['duplicates', '1'],
  ])
})
