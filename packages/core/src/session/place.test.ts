import { expect, test } from 'vitest'
import { beginning, canContinue } from './place'

const start = { input: 'question', key: 'key' }

test('a beginning knows nothing but what is to be started', () => {
  const place = beginning(start)
  expect(place).toMatchObject({ start, opened: false, received: false, failures: 0, restarts: 0 })
  expect([place.location, place.cursor, place.hint]).toEqual([undefined, undefined, undefined])
  expect(beginning(undefined)).not.toBe(beginning(undefined))
})

test.each([
  ['a server that keeps the stream', true, { ...beginning(start), opened: true, received: true }, true],
  ['a start that nobody has answered', false, beginning(start), true],
  ['a start that a bare endpoint has answered', false, { ...beginning(start), opened: true }, false],
  ['one of which parts have arrived', false, { ...beginning(start), opened: true, received: true, cursor: '7' }, false],
  ['a reading that nobody has answered', false, beginning(undefined), true],
  ['a reading of which nothing has arrived', false, { ...beginning(undefined), opened: true }, true],
  ['a reading with a cursor', false, { ...beginning(undefined), opened: true, received: true, cursor: '7' }, true],
  [
    'a reading without one, of which parts have arrived',
    false,
    { ...beginning(undefined), opened: true, received: true },
    false,
  ],
])('%s can be gone on with: %s', (_, durable, place, expected) => {
  expect(canContinue({ durable }, place)).toBe(expected)
})
