import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatArguments } from './arguments'

test('arguments are shown a line each', () => {
  expect(formatArguments('{"title":"A: {b}, \\"c\\"","when":[1,2],"none":{}}')).toBe(
    '{\n  "title": "A: {b}, \\"c\\"",\n  "when": [\n    1,\n    2\n  ],\n  "none": {}\n}',
  )
})

test('what is shown stays where it is while more arrives, and all of it says the same', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (json, cut) => {
      const whole = formatArguments(json)
      expect(JSON.parse(whole)).toEqual(JSON.parse(json))
      expect(whole.startsWith(formatArguments(json.slice(0, cut % (json.length + 1))).trimEnd())).toBe(true)
    }),
  )
})
