import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createBlocks } from './blocks'

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

it('reads back every entry once and in order, in slices of whole entries', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3000 }), { maxLength: 80 })
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 5000 }), fc.nat(80), (entries, maxBytes, from) => {
      const blocks = createBlocks()
      for (const text of entries) blocks.append(text)
      const after = Math.min(from, entries.length)
      let read = ''
      let position = after
      while (position < entries.length) {
        const { bytes, last } = blocks.read(position, maxBytes)
        expect(last).toBeGreaterThan(position)
        expect(bytes.length <= maxBytes || last === position + 1).toBe(true)
        read += decode(bytes)
        position = last
      }
      // The encoder replaces lone surrogates, and so must the comparison.
      expect(read).toBe(decode(new TextEncoder().encode(entries.slice(after).join(''))))
      expect(blocks.read(position, maxBytes)).toMatchObject({ last: position, bytes: new Uint8Array(0) })
    }),
    { numRuns: 60 },
  )
})

it('gives readers at the same place the same bytes, not copies of them', () => {
  const blocks = createBlocks()
  blocks.append('one')
  expect(blocks.read(0, 100)).toBe(blocks.read(0, 100))
  blocks.append('two')
  const { bytes, last } = blocks.read(0, 100)
  expect([decode(bytes), last]).toEqual(['onetwo', 2])
  expect(blocks.read(1, 100).bytes.buffer).toBe(bytes.buffer)
})

it('leaves bytes that were handed out as they are while more is appended', () => {
  const blocks = createBlocks()
  blocks.append('first')
  const { bytes } = blocks.read(0, 100)
  for (let index = 0; index < 1000; index++) blocks.append(`later ${index}`)
  expect(decode(bytes)).toBe('first')
})

it('never grows by more than it said', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 40_000 }), { maxLength: 20 }), (entries) => {
      const blocks = createBlocks()
      for (const text of entries) {
        const most = blocks.capacity + blocks.growth(text)
        blocks.append(text)
        expect(blocks.capacity).toBeLessThanOrEqual(most)
      }
    }),
    { numRuns: 60 },
  )
})

it('drops its oldest block and keeps the one that is written to', () => {
  const blocks = createBlocks()
  while (blocks.capacity < 5000) blocks.append('x'.repeat(100))
  const { last } = blocks
  expect(blocks.first).toBe(1)
  expect(blocks.dropOldest()).toBe(true)
  expect(blocks.first).toBeGreaterThan(1)
  while (blocks.dropOldest());
  expect(blocks.last).toBe(last)
  expect(decode(blocks.read(blocks.first - 1, 1e6).bytes)).toBe('x'.repeat(100 * (last - blocks.first + 1)))
})
