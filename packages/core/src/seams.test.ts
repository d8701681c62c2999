import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOfBox, endOfPiece } from './seams'

function piecesOf(text: string): string[] {
  const pieces: string[] = []
  for (let start = 0; start < text.length; start += pieces.at(-1)!.length)
    pieces.push(text.slice(start, endOfPiece(text, start)))
  return pieces
}

describe('the seams of a text', () => {
  it('come after a space, and no piece is long', () => {
    const pieces = piecesOf('Some words of a text without a line break, '.repeat(200))
    for (const piece of pieces.slice(0, -1)) {
      expect(piece).toMatch(/ $/)
      expect(piece.length).toBeGreaterThanOrEqual(500)
      expect(piece.length).toBeLessThan(520)
    }
  })

  it.each([
    ['ideographs', '答案是一份只能追加的日志，每位读者都记住自己在其中的位置。'],
    ['Thai', 'คำตอบคือบันทึกที่เพิ่มได้เท่านั้น'],
    ['Thai and Lao letters that stand on the one before', 'กำกກຳ'],
    ['Korean in single letters, as macOS names files', '한국어'.normalize('NFD')],
    ['half-width kana with their marks', 'ｶﾞｷﾊﾟ'],
    ['one long word', 'abcdefghij'],
    ['letters beyond the basic plane', '𝒳𝓎𠀀'],
  ])('come between two letters in %s, and not within what is seen as one', (_, words) => {
    // Wherever in the words the seam would fall.
    for (const before of ['', 'a', 'ab', 'abc']) {
      const text = before + words.repeat(Math.ceil(6_200 / words.length))
      const whole = new Set(Array.from(new Intl.Segmenter().segment(text), ({ index }) => index))
      const pieces = piecesOf(text)
      expect(pieces.length).toBeGreaterThan(2)
      for (let at = 0, index = 0; index < pieces.length; at += pieces[index]!.length, index++) {
        expect(whole.has(at)).toBe(true)
        expect(pieces[index]!.length).toBeLessThan(2_020)
      }
    }
  })

  it('never divide marks or emoji that are joined', () => {
    const text = '👩‍👩‍👧‍👦🏳️‍🌈e\u0301'.repeat(400)
    expect(piecesOf(text)).toEqual([text])
  })

  it('stay where they are when the text goes on', () => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom('x'.repeat(1_400), '字'.repeat(700)),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), fc.nat(), (words, cut) => {
        const text = words.join(' ')
        const pieces = piecesOf(text)
        const early = piecesOf(text.slice(0, cut % (text.length + 1)))
        expect(early.slice(0, -1)).toEqual(pieces.slice(0, Math.max(0, early.length - 1)))
      }),
    )
  })

  it('of boxes come after a line feed, once there is enough text', () => {
    const text = `${'x'.repeat(1_990)}\n${'y'.repeat(500)}\n\nz`
    expect(endOfBox(text, 0, 0)).toBe(2_492)
    expect(endOfBox(text, 0, 2_492)).toBe(2_492)
    expect(endOfBox(text, 2_492, 2_492)).toBe(text.length)
  })
})
