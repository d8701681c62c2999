import fc from 'fast-check'
import type { Token } from 'marked'
import { expect, test } from 'vitest'
import { createSplitter, lex } from './split'

const raws = (tokens: readonly Token[]) => tokens.map(({ type, raw }) => `${type} ${raw}`)

// What stands at the beginning of lines, and what a line may hold: where blocks begin and end depends on the next character.
const start = fc.constantFrom(
  '',
  '# ',
  '#',
  '- ',
  '-',
  '1. ',
  '2) ',
  '> ',
  '```',
  '~~~',
  '    ',
  '  ',
  '| ',
  '***',
  '<b>',
)
const rest = fc.constantFrom(
  '',
  'word',
  '한글 🌊',
  '`code`',
  '**strong**',
  '===',
  '---',
  'a | b |',
  '[x]: /y',
  '[x]',
  '\r',
)
const line = fc.tuple(start, rest).map((parts) => parts.join(''))
const document = fc.array(line, { maxLength: 14 }).map((lines) => lines.join('\n'))
const cuts = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 8 })

test('however a text arrives, its blocks are those of the whole, and what is settled is never told again', () => {
  fc.assert(
    fc.property(document, cuts, (text, sizes) => {
      const splitter = createSplitter()
      const settled: Token[] = []
      let open: readonly Token[] = []
      for (let end = 0, index = 0; end < text.length; index++) {
        end = Math.min(text.length, end + 1 + sizes[index % sizes.length]!)
        const update = splitter.update(text.slice(0, end))
        settled.push(...update.settled)
        open = update.open
      }
      expect(raws([...settled, ...open])).toEqual(raws(lex(text.replaceAll(/\r\n?/g, '\n'))))
    }),
    { numRuns: 2_000 },
  )
})

test('what is parsed again is the last block, and not the text', () => {
  const splitter = createSplitter()
  const paragraph = `${'word '.repeat(60)}\n\n`
  for (let count = 1; count <= 50; count++) {
    const { open } = splitter.update(paragraph.repeat(count))
    expect(open.reduce((sum, { raw }) => sum + raw.length, 0)).toBeLessThanOrEqual(2 * paragraph.length)
  }
})

test('a line that is being written settles nothing before it', () => {
  const splitter = createSplitter()
  expect(raws(splitter.update('one\n#').settled)).toEqual([])
  expect(raws(splitter.update('one\n#two\n\n').open)[0]).toBe('paragraph one\n#two')
})

test('a text that begins anew is told as such', () => {
  const splitter = createSplitter()
  splitter.update('one\n\ntwo\n\nthree')
  expect(splitter.update('one\n\ntwo\n\nthree\n').restarted).toBe(false)
  expect(splitter.update('else').restarted).toBe(true)
  expect(raws(splitter.update('else').open)).toEqual(['paragraph else'])
})

test('a link that was defined before is known later', () => {
  const splitter = createSplitter()
  splitter.update('[a]: https://example.com\n\nword\n\n')
  const { open } = splitter.update('[a]: https://example.com\n\nword\n\nsee [a]\n')
  expect(JSON.stringify(open)).toContain('"href":"https://example.com"')
})
