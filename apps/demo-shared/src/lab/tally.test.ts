import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tally } from './tally'

const line = (number: number) =>
  `Line ${String(number).padStart(2, '0')} of 36. What is there twice is seen at once, and so is what is missing.\n\n`
const whole = Array.from({ length: 36 }, (_, index) => line(index + 1)).join('')
const place = fc.nat({ max: whole.length })

it('finds nothing wrong with any beginning, and the rest missing once it is over', () => {
  fc.assert(
    fc.property(place, (length) => {
      const received = whole.slice(0, length)
      expect(tally(received, whole, false)).toEqual({ correct: length, missing: 0, extra: 0 })
      expect(tally(received, whole, true)).toEqual({ correct: length, missing: whole.length - length, extra: 0 })
    }),
  )
})

it('counts what is begun again as there twice, whatever was there before', () => {
  fc.assert(
    fc.property(place, (length) => {
      const { correct, missing, extra } = tally(whole.slice(0, length) + whole, whole, true)
      expect({ correct, missing }).toEqual({ correct: whole.length, missing: 0 })
      expect(extra).toBe(length)
    }),
  )
})

it('counts a hole as missing and nothing else, wherever it is', () => {
  fc.assert(
    fc.property(place, fc.integer({ min: 1, max: 30 }), (at, length) => {
      const received = whole.slice(0, at) + whole.slice(at + length)
      const { correct, missing, extra } = tally(received, whole, true)
      expect(correct + missing).toBe(whole.length)
      expect(missing - extra).toBe(whole.length - received.length)
      // Letters that happen to be alike on both sides of the hole.
      expect(extra).toBeLessThan(anchorLength)
    }),
  )
})

it('counts what was never said', () => {
  const page = '<!doctype html><title>Welcome</title>'
  expect(tally(whole.slice(0, 100) + page, whole, false)).toEqual({ correct: 100, missing: 0, extra: page.length })
})

it('counts a piece that came twice once as right', () => {
  const twice = whole.slice(0, 200) + whole.slice(150, 200) + whole.slice(200, 300)
  expect(tally(twice, whole, false)).toEqual({ correct: 300, missing: 0, extra: 50 })
})

const anchorLength = 24
