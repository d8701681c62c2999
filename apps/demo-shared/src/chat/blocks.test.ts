import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Block, type Inline, readBlocks } from './blocks'

const text = (...words: string[]): Inline[] => words.map((word) => ({ type: 'text', text: word }))
const paragraph = (...words: string[]): Block => ({ type: 'paragraph', inlines: text(...words) })

describe('blocks', () => {
  test('paragraphs are parted by empty lines and keep their own line ends', () => {
    expect(readBlocks('one\ntwo\n\nthree')).toEqual([paragraph('one\ntwo'), paragraph('three')])
  })

  test('headings, lists and fences are known without empty lines around them', () => {
    expect(readBlocks('## Head\nText\n- a\n- b\n1. c\n```ts\nlet x\n\ny\n```\nEnd')).toEqual([
      { type: 'heading', inlines: text('Head') },
      paragraph('Text'),
      { type: 'list', ordered: false, items: [text('a'), text('b')] },
      { type: 'list', ordered: true, items: [text('c')] },
      { type: 'code', text: 'let x\n\ny' },
      paragraph('End'),
    ])
  })

  test('code and strong words are told apart, and what is not closed yet stays as it is', () => {
    expect(readBlocks('a `b` **c** `d')).toEqual([
      {
        type: 'paragraph',
        inlines: [
          { type: 'text', text: 'a ' },
          { type: 'code', text: 'b' },
          { type: 'text', text: ' ' },
          { type: 'strong', text: 'c' },
          { type: 'text', text: ' `d' },
        ],
      },
    ])
  })

  test('a fence that is still open is code to the end', () => {
    expect(readBlocks('```\nlet x')).toEqual([{ type: 'code', text: 'let x' }])
  })

  test('as a text grows, all blocks but the last stay as they are', () => {
    const line = fc.constantFrom('word', '- item', '1. item', '## head', '```', '', '한글', '`code`')
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.string({ maxLength: 5 }), (lines, more) => {
        const before = readBlocks(lines.join('\n'))
        const after = readBlocks(lines.join('\n') + more)
        expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1))
      }),
    )
  })
})
