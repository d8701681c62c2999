import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createCounter } from './tally'

const sentences = ['What is there twice is seen at once.', 'What is missing leaves a hole.', 'Both are counted here.']
const line = (_: unknown, index: number) =>
  `Line ${String(index + 1).padStart(2, '0')} of 10. ${sentences[index % 3]}\n\n`
const whole = Array.from({ length: 10 }, line).join('')
const place = fc.nat({ max: whole.length })
const few = { numRuns: 30 }

function count(received: string, over: boolean) {
  const counter = createCounter(whole)
  counter.feed(received)
  return counter.get(over)
}

it('finds nothing wrong with any beginning, and the rest missing once it is over', () => {
  fc.assert(
    fc.property(place, (length) => {
      const received = whole.slice(0, length)
      expect(count(received, false)).toEqual({ correct: length, missing: 0, extra: 0 })
      expect(count(received, true)).toEqual({ correct: length, missing: whole.length - length, extra: 0 })
    }),
    few,
  )
})

it('counts what is begun again as there twice, as far as it has come', () => {
  fc.assert(
    fc.property(place, place, (one, other) => {
      const { correct, missing, extra } = count(whole.slice(0, one) + whole.slice(0, other), false)
      expect(correct + extra).toBe(one + other)
      // Of the first letters after the jump nobody can say yet what they are; nor of a line that is the one that would come
      // next but for its number. All pairs of places were tried: 58 is the most, of missing ones 1.
      expect(missing).toBeLessThanOrEqual(1)
      expect(Math.abs(correct - Math.max(one, other))).toBeLessThanOrEqual(58)
    }),
    few,
  )
})

it('counts a hole as missing and nothing else, wherever it is', () => {
  fc.assert(
    fc.property(fc.nat({ max: whole.length - 90 }), fc.integer({ min: 1, max: 30 }), (at, length) => {
      const { correct, missing, extra } = count(whole.slice(0, at) + whole.slice(at + length), true)
      expect(correct + missing).toBe(whole.length)
      expect(missing - extra).toBe(length)
      expect(extra).toBeLessThanOrEqual(length)
    }),
    few,
  )
})

it('counts what was never said as foreign, and finds back from it', () => {
  const page = '<!doctype html><title>Welcome</title><p>Please sign in to use this network.</p>'
  for (const at of [0, 100, 300]) {
    const { correct, missing, extra } = count(whole.slice(0, at) + page + whole.slice(at), true)
    expect({ correct, missing, extra }).toEqual({ correct: whole.length, missing: 0, extra: page.length })
  }
})

it('counts what comes in pieces, each of them twice, as there twice and nothing as missing', () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(pieces, fc.nat({ max: 100 }), (lengths, before) => {
      let received = whole.slice(0, before)
      let at = before
      for (const length of lengths) {
        const piece = whole.slice(at, at + length)
        received += piece.repeat(2)
        at += piece.length
      }
      const { correct, missing, extra } = count(received + whole.slice(at), true)
      // Whether the first or the second of two letters that are alike is the one too many, nobody can say.
      expect(missing).toBeLessThanOrEqual(30)
      expect(correct + missing).toBe(whole.length)
      expect(extra - missing).toBe(at - before)
    }),
    few,
  )
})

it('counts the same however it is cut up', () => {
  const received = whole.slice(0, 200) + whole.slice(210, 300) + whole.slice(0, 50)
  const counter = createCounter(whole)
  for (const letter of received) counter.feed(letter)
  expect(counter.get(true)).toEqual(count(received, true))
})
