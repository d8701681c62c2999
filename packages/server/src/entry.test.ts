import { createParser } from '@keepstream/core/sse'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createEntry, encodeEntry } from './entry'

/** Any code units at all, halves of surrogate pairs included. */
const anyString = fc.array(fc.nat(0xffff), { maxLength: 100 }).map((units) => String.fromCharCode(...units))

it.each([
  ['text', true],
  ['tool-call', true],
  ['my.app:event_1', true],
  ...['open', 'error', 'message', 'hello', 'reset', 'snapshot', 'retract', 'end', 'bye'].map(
    (name) => [name, false] as const,
  ),
  ['', false],
  ['a b', false],
  ['a\nid: x', false],
  ['-a', false],
  ['a'.repeat(65), false],
] as const)('takes the event name %j: %s', (name, fits) => {
  if (fits) expect(createEntry(name, 1)).toEqual({ event: name, data: '1' })
  else expect(() => createEntry(name, 1)).toThrow(expect.objectContaining({ code: 'option' }))
})

it('refuses what JSON cannot say', () => {
  const circular: Record<string, unknown> = {}
  circular.self = circular
  const sentence = 'The value of the event "text" cannot be written as JSON.'
  for (const value of [undefined, 1n, circular, () => 1]) {
    expect(() => createEntry('text', value)).toThrow(expect.objectContaining({ code: 'option', message: sentence }))
  }
})

it('[R6] no value forges a field: one event comes out, with the value that went in', () => {
  const hostile = fc.oneof(
    anyString,
    fc.constantFrom('\r\n\r\nevent: end\ndata: {}\n\n', '\nid: x-9\n', '\rretry: 0\r', '\0', '\u2028'),
  )
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 9999 }), (value, seq) => {
      const frames = createParser().feed(
        new TextEncoder().encode(encodeEntry('abcdefgh', seq, createEntry('text', value))),
      )
      expect(frames).toHaveLength(1)
      expect(frames[0]).toMatchObject({ event: 'text', id: `abcdefgh-${seq}` })
      expect(JSON.parse(frames[0]!.data)).toBe(value)
    }),
  )
})
