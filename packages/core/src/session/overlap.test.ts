import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Frame } from '../frame'
import { overlap, remember } from './overlap'

const frame = (id: string | undefined, event = 'message'): Frame => ({
  event,
  data: '',
  ...(id !== undefined && { id }),
})

/** What is left of a connection on which `ids` come, after those of `before`. */
function fresh(before: readonly string[], ids: readonly (string | undefined)[]): readonly (string | undefined)[] {
  const seen: string[] = []
  for (const id of before) remember(seen, frame(id))
  const repeated = overlap(seen)
  return ids.filter((id) => !repeated(frame(id)))
}

test('what a server sends again from somewhere before the cursor is dropped', () => {
  expect(fresh(['a', 'b', 'c'], ['b', 'c', 'd', 'e'])).toEqual(['d', 'e'])
  expect(fresh(['a', 'b', 'c'], ['c', 'd'])).toEqual(['d'])
  expect(fresh(['a', 'b', 'c'], ['a', 'b', 'c', 'd'])).toEqual(['d'])
})

test('what goes on after the cursor is not touched, nor what comes again later', () => {
  expect(fresh(['a', 'b'], ['c', 'a', 'b'])).toEqual(['c', 'a', 'b'])
  expect(fresh([], ['a'])).toEqual(['a'])
})

test('an event without an id ends the replay', () => {
  expect(fresh(['a', 'b'], [undefined, 'b'])).toEqual([undefined, 'b'])
})

test('of events that share an id only as many are dropped as have been seen', () => {
  expect(fresh(['a', 'a'], ['a', 'a', 'a', 'b'])).toEqual(['a', 'b'])
})

test('a frame that carries no event is neither remembered nor dropped', () => {
  const seen: string[] = []
  remember(seen, frame('a', ''))
  remember(seen, frame(''))
  expect(seen).toEqual([])
  expect(overlap(['a'])(frame('a', ''))).toBe(false)
})

test('property: distinct ids, cut anywhere and replayed from anywhere in the window, come once and in order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), fc.nat(), fc.nat(), (count, cutAt, from) => {
      const ids = Array.from({ length: count }, (_, index) => `id-${index}`)
      const cut = 1 + (cutAt % count)
      const again = Math.max(0, cut - 1 - (from % 256))
      expect([...ids.slice(0, cut), ...fresh(ids.slice(0, cut), ids.slice(again))]).toEqual(ids)
    }),
  )
})

test('the memory is bounded', () => {
  const seen: string[] = []
  for (let number = 0; number < 10_000; number++) remember(seen, frame(`${number}`))
  expect([seen.length, seen.at(-1)]).toEqual([256, '9999'])
})
