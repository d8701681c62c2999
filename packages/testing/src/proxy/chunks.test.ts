import fc from 'fast-check'
import { expect, it } from 'vitest'
import { areChunks } from './chunks'

const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const texts = fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 5 })

it('takes whole chunks for whole, and none of the parts that they can be cut into', () => {
  fc.assert(
    fc.property(texts, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (list, place) => {
      const bytes = Buffer.from(list.map(chunk).join(''))
      expect(areChunks(bytes)).toBe(true)
      // Within the last chunk: what is before that may well be whole.
      const last = Buffer.byteLength(chunk(list.at(-1)!))
      const cut = bytes.length - last + 1 + Math.floor(place * (last - 1))
      expect(areChunks(bytes.subarray(0, cut))).toBe(false)
    }),
  )
})

it.each(['', '0\r\n\r\n', '2\r\nok\r\n0\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', 'xyz'])(
  'does not take %j for chunks',
  (text) => {
    expect(areChunks(Buffer.from(text))).toBe(false)
  },
)
