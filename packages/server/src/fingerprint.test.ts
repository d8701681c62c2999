import { expect, it } from 'vitest'
import { fingerprintOf } from './fingerprint'

it('is the same whatever the order of the fields', async () => {
  const one = await fingerprintOf(['POST', { a: 1, b: { c: [1, 2], d: null } }])
  expect(await fingerprintOf(['POST', { b: { d: null, c: [1, 2] }, a: 1 }])).toBe(one)
})

it.each([
  ['another value', ['POST', { a: 2 }]],
  ['another type', ['POST', { a: '1' }]],
  ['another field', ['POST', { a: 1, b: undefined, c: 1 }]],
  ['another method', ['PUT', { a: 1 }]],
  ['an array for an object', ['POST', [1]]],
  ['a field called __proto__', ['POST', JSON.parse('{"a":1,"__proto__":{"b":2}}')]],
])('differs for %s', async (_, parts) => {
  expect(await fingerprintOf(parts)).not.toBe(await fingerprintOf(['POST', { a: 1 }]))
})

it('tells the order of an array', async () => {
  expect(await fingerprintOf([[1, 2]])).not.toBe(await fingerprintOf([[2, 1]]))
})
