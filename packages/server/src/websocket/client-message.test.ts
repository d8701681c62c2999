import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readClientMessage } from './client-message'

it('[R55] reads any text without an error, and makes no operation of one without its fields', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean(), fc.jsonValue({ maxDepth: 1 }))
  const field = fc.option(value, { nil: undefined })
  const type = fc.oneof(fc.constantFrom('start', 'read', 'stop', 'leave', 'auth', 'ping', '__proto__'), value)
  const message = fc.record({
    type,
    id: field,
    route: field,
    location: field,
    key: field,
    after: field,
    token: field,
    input: field,
  })
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    message.map((record) => JSON.stringify(record)),
  )
  fc.assert(
    fc.property(text, (given) => {
      const read = readClientMessage(given)
      if (read === undefined || read.type === 'ping') return
      if (read.type === 'auth') expect(read.token).toMatch(/^[\x21-\x7e]+$/)
      else expect(Number.isSafeInteger(read.id)).toBe(true)
      if (read.type === 'start') expect([typeof read.route, read.input === undefined]).toEqual(['string', false])
      if (read.type === 'read') expect(typeof read.location).toBe('string')
      if (read.type === 'stop') {
        const addressed = 'location' in read ? [read.location] : [read.route, read.key]
        for (const name of addressed) expect(typeof name).toBe('string')
      }
    }),
    { numRuns: 200 },
  )
})
