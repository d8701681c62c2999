import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSeats, personOf } from './seats'

it('is full for a key whose places are taken, and for nobody else', () => {
  const seats = createSeats(2)
  seats.take('ann', 1)
  seats.take('ann', 2)
  expect([seats.full('ann', 3), seats.full('ann', 2), seats.full('bob', 3)]).toEqual([true, false, false])
  seats.leave('ann', 1)
  expect(seats.full('ann', 3)).toBe(false)
})

it('has room for nobody in particular, however many there are', () => {
  const seats = createSeats(1)
  for (let index = 0; index < 100; index++) seats.take(undefined, index)
  expect(seats.full(undefined)).toBe(false)
})

it('agrees with a model that keeps a list for each key, whatever the history', () => {
  const act = fc.record({ key: fc.constantFrom('a', 'b', undefined), holder: fc.nat(4), leaves: fc.boolean() })
  fc.assert(
    fc.property(fc.array(act), fc.integer({ min: 1, max: 4 }), (history, limit) => {
      const seats = createSeats(limit)
      const held: Record<string, number[]> = { a: [], b: [] }
      for (const { key, holder, leaves } of history) {
        if (leaves) seats.leave(key, holder)
        else seats.take(key, holder)
        const list = key === undefined ? [] : held[key]!
        if (!leaves) list.push(holder)
        else if (list.includes(holder)) list.splice(list.indexOf(holder), 1)
        for (const name of ['a', 'b']) {
          const model = new Set(held[name])
          expect(seats.full(name, 9)).toBe(model.size >= limit)
          expect(seats.full(name, holder)).toBe(model.size >= limit && !model.has(holder))
        }
      }
    }),
  )
})

it('tells people of different tenants apart, and nobody from a tenant', () => {
  const people = [{ user: 'ann' }, { user: 'ann', tenant: 'x' }, { user: 'ann', tenant: 'y' }, { user: '["x","ann"]' }]
  expect(new Set(people.map(personOf)).size).toBe(4)
  expect([personOf({ tenant: 'x' }), personOf({})]).toEqual([undefined, undefined])
})
