import { initialMessage, type Status } from '@keepstream/core'
import type { Compared } from '@keepstream/core/compare'
import { expect, test } from 'vitest'
import { english } from '../copy/english'
import { describeLegs, readRace } from './race'
import type { Times } from './stopwatch'

const compared = (status: Status, statistics: Partial<Compared['statistics']> = {}, model = 'steady'): Compared => ({
  model,
  rank: undefined,
  snapshot: { status, data: initialMessage() } as Compared['snapshot'],
  statistics: { timeToFirstPart: undefined, duration: 0, ...statistics } as Compared['statistics'],
})
const race = (answer: Compared, times: Times | undefined, now: number) => readRace([answer], () => times, now)
const legs = (...given: Parameters<typeof race>) =>
  race(...given).racers[0]!.legs.map(({ leg, duration }) => [leg, duration])

test('a bar grows from the moment of the question: in line, until its first token, and while it writes', () => {
  const asked = { askedAt: 1_000, admittedAt: undefined }
  const admitted = { askedAt: 1_000, admittedAt: 1_700 }
  expect(legs(compared('pending'), asked, 1_500)).toEqual([['queued', 500]])
  expect(legs(compared('pending'), admitted, 2_000)).toEqual([
    ['queued', 700],
    ['waiting', 300],
  ])
  expect(legs(compared('streaming', { timeToFirstPart: 1_100 }), admitted, 3_000)).toEqual([
    ['queued', 700],
    ['waiting', 400],
    ['writing', 900],
  ])
})

test('who is over keeps the times that were measured, whatever the clock says', () => {
  const done = compared('done', { timeToFirstPart: 1_100, duration: 2_500 })
  const admitted = { askedAt: 1_000, admittedAt: 1_700 }
  expect(legs(done, admitted, 99_000)).toEqual(legs(done, admitted, 0))
  expect(race(done, admitted, 99_000)).toMatchObject({ span: 4_000, racers: [{ duration: 2_500 }] })
  const stopped = compared('stopped', { duration: 600 })
  expect(legs(stopped, { askedAt: 0, admittedAt: undefined }, 9_000)).toEqual([['queued', 600]])
})

test('a line that was empty is no leg, and neither is a clock that is behind', () => {
  expect(legs(compared('pending'), { askedAt: 0, admittedAt: 3 }, 200)).toEqual([['waiting', 197]])
  expect(legs(compared('pending'), { askedAt: 100, admittedAt: 100 }, 90)).toEqual([])
})

test('who was not asked has no bar', () => {
  expect(race(compared('idle'), undefined, 5_000).racers[0]).toMatchObject({ legs: [], duration: 0 })
})

test('all share one axis, which is as long as the longest needs, in quarters', () => {
  const times = { askedAt: 0, admittedAt: 0 }
  expect(race(compared('pending'), times, 0)).toMatchObject({ span: 2_000, marks: [0, 500, 1_000, 1_500, 2_000] })
  expect(race(compared('pending'), times, 2_001).span).toBe(4_000)
  expect(race(compared('pending'), times, 500_000).span).toBe(720_000)
  const both = [compared('done', { duration: 700 }, 'swift'), compared('done', { duration: 7_000 }, 'steady')]
  expect(readRace(both, () => times, 0).span).toBe(8_000)
  expect(readRace([], () => times, 0).span).toBe(2_000)
})

test('a bar is told in words', () => {
  const [racer] = race(compared('pending'), { askedAt: 0, admittedAt: 700 }, 1_000).racers
  expect(describeLegs(racer!, english)).toBe('In line: 0.70 s, Until the first token: 0.30 s')
  expect(describeLegs(race(compared('idle'), undefined, 0).racers[0]!, english)).toBe('Not asked yet')
})
