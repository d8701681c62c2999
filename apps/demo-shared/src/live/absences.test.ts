import { expect, test } from 'vitest'
import { type Absence, noteConnection, wasMissed } from './absences'

type State = Parameters<typeof noteConnection>[1]['state']

function after(...seen: readonly (readonly [state: State, count: number, now: number])[]) {
  let absences: readonly Absence[] = []
  for (const [state, count, now] of seen) absences = noteConnection(absences, { state }, count, now)
  return absences
}

test('an absence lasts from the loss of a connection to the next one', () => {
  const first = [
    ['connecting', 0, 0],
    ['open', 0, 10],
    ['open', 3, 20],
  ] as const
  expect(after(...first)).toEqual([])
  expect(after(...first, ['waiting', 3, 30], ['connecting', 3, 40], ['waiting', 3, 50])).toEqual([{ after: 3 }])
  const back = after(...first, ['offline', 3, 30], ['connecting', 3, 40], ['open', 3, 50])
  expect(back).toEqual([{ after: 3, until: 50 }])
  expect(noteConnection(back, { state: 'open' }, 9, 60)).toBe(back)
})

test('what was published meanwhile was missed, and neither what came before nor what comes after', () => {
  const absences = after(['open', 2, 0], ['waiting', 2, 100], ['open', 2, 200])
  expect(wasMissed(absences, 2, 90)).toBe(false)
  expect(wasMissed(absences, 3, 150)).toBe(true)
  expect(wasMissed(absences, 4, 210)).toBe(false)
  expect(wasMissed([], 1, 0)).toBe(false)
})

test('no more than fifty are kept', () => {
  const flaps = Array.from({ length: 80 }, (_, index) => [index % 2 ? 'open' : 'waiting', index, index] as const)
  expect(after(...flaps, ...flaps)).toHaveLength(50)
})
