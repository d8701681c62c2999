import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prose } from './prose'
import { english } from './prose-english'
import { korean } from './prose-korean'
import { tokens } from './tokens'

describe('tokens', () => {
  it('are words with the space before them, long words in pieces', () => {
    expect(tokens('Streams survive, reconnecting.')).toEqual(['Streams', ' survive', ',', ' reconnec', 'ting', '.'])
  })

  it('are groups of two syllables in Korean', () => {
    expect(tokens('연결이 끊어져도')).toEqual(['연결', '이', ' 끊어', '져도'])
  })

  it('keep an emoji and all that is joined to it in one piece', () => {
    expect(tokens('가족 👩‍👩‍👧‍👦 ☕️👍🏽')).toEqual(['가족', ' 👩‍👩‍👧‍👦', ' ☕️', '👍🏽'])
  })

  it('are the text when joined, whatever it is', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(text, (text) => tokens(text).join('') === text),
      { numRuns: 50 },
    )
  })

  it('never split a pair of surrogates', () => {
    const lone = /\p{Surrogate}/u
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => lone.test(text) || !tokens(text).some((piece) => lone.test(piece)),
      ),
    )
  })
})

describe('prose', () => {
  const hangul = /\p{Script=Hangul}/u

  it('is Korean for a prompt with Hangul, else English', () => {
    expect(prose('안녕하세요?', 0)).toMatch(hangul)
    expect(prose('Hello?', 0)).not.toMatch(hangul)
  })

  it('depends on the prompt and the seed alone', () => {
    const answers = () => Array.from({ length: 50 }, (_, seed) => prose(`Question ${seed % 7}?`, seed))
    expect(answers()).toEqual(answers())
    expect(new Set(Array.from({ length: 50 }, (_, seed) => prose('Hello?', seed))).size).toBeGreaterThan(5)
  })

  it('is about what was asked', () => {
    expect(prose('How do I retry after a 503?', 3)).toContain('Retry-After')
    expect(prose('재시도는 어떻게 하나요?', 3)).toContain('Retry-After')
    expect(prose('My connection was cut, how do I resume?', 3)).toContain('Last-Event-ID')
    expect(prose('느린 독자는 어떻게 하나요?', 3)).toContain('drain')
  })

  it.each([english, korean])(
    'has paragraphs, a list, one block of code and an emoji, whatever the topic',
    ({ openings, topics, closings }) => {
      expect(openings.length).toBeGreaterThan(1)
      for (const closing of closings) expect(closing).toMatch(/\p{Extended_Pictographic}/u)
      for (const { paragraphs } of topics) {
        expect(paragraphs.length).toBeGreaterThanOrEqual(4)
        expect(paragraphs.filter((paragraph) => paragraph.startsWith('```'))).toHaveLength(1)
        expect(paragraphs.some((paragraph) => /^(?:- |1\. )/m.test(paragraph))).toBe(true)
      }
    },
  )

  it('holds no text that nobody can reach: each topic answers to each of its words', () => {
    for (const { topics } of [english, korean]) {
      for (const { words, paragraphs } of topics) {
        const answers = words.flatMap((word) => Array.from({ length: 20 }, (_, seed) => prose(word, seed)))
        expect(answers.some((answer) => answer.includes(paragraphs[0]!))).toBe(true)
      }
    }
  })
})
