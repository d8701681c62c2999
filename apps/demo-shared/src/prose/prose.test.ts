// @vitest-environment jsdom
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createProse } from './prose'

const labels = { copy: 'Copy', copied: 'Copied' }

function show(text: string, growing = false, cut = false): HTMLElement {
  const element = document.createElement('div')
  createProse(element).update({ text, growing, cut, labels })
  return element
}

afterEach(() => void vi.useRealTimers())

describe('Markdown', () => {
  test('is shown as elements: headings, lists, tables, quotes, code', () => {
    const element = show(
      '## Head\n\nA **b** `c`\n\n- one\n- two\n\n| a |\n|---|\n| 1 |\n\n> said\n\n```ts\nlet x\n```\n',
    )
    expect([...element.children].map(({ firstElementChild }) => firstElementChild?.tagName)).toEqual([
      'H3',
      'P',
      'UL',
      'DIV',
      'BLOCKQUOTE',
      'DIV',
    ])
    expect(element.querySelector('td')?.textContent).toBe('1')
    expect(element.querySelector('pre code')?.textContent).toBe('let x')
    expect(element.querySelector('.code-head span')?.textContent).toBe('ts')
  })

  test.each([
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['a <script>alert(1)</script> b', 'a <script>alert(1)</script> b'],
    ['<div onclick="x()">hi</div>', '<div onclick="x()">hi</div>'],
  ])('that holds HTML shows it as text: %s', (text, expected) => {
    const element = show(text)
    expect(element.textContent).toBe(expected)
    expect(element.querySelector('img, script, [onclick]')).toBe(null)
  })

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '/local',
    '//example.com',
    'file:///etc',
  ])('links nowhere but to the Web: %s', (href) => {
    const link = show(`[go](${href})`).querySelector('a')
    expect([link?.textContent, link?.getAttribute('href')]).toEqual(['go', null])
  })

  test('gives a link to the Web a window of its own that knows nothing of this one', () => {
    const link = show('[go](https://example.com/a?b=1&c=2)').querySelector('a')!
    expect(link.href).toBe('https://example.com/a?b=1&c=2')
    expect([link.target, link.rel]).toEqual(['_blank', 'noopener noreferrer nofollow'])
  })

  test('loads no picture: it is a link to it', () => {
    const element = show('![a "cat"](https://example.com/a.png)')
    expect(element.querySelector('img')).toBe(null)
    expect(element.querySelector('a')?.getAttribute('href')).toBe('https://example.com/a.png')
    expect(element.textContent).toBe('a "cat"')
  })
})

describe('while it grows', () => {
  test.each([
    ['**bold', 'bold', 'strong'],
    ['a `code', 'a code', 'code'],
    ['see [the page](https://exa', 'see the page', undefined],
    ['see [the pa', 'see the pa', undefined],
    ['word\n-', 'word', undefined],
    ['word\n==', 'word', undefined],
    ['word\n``', 'word', undefined],
    ['word *', 'word', undefined],
    ['word **', 'word', undefined],
    ['a **bold*', 'a bold', 'strong'],
    ['word\n\n```ts\nlet x\n``', 'wordtslet x', 'pre'],
    ['word\n\n## **', 'word', undefined],
    ['word\n\n1. ', 'word', undefined],
    ['word\n\n|', 'word', undefined],
    ['word\n\n| a | b |\n| -', 'word', undefined],
    ['word\n\n```ts\nlet x', 'wordtslet x', 'pre'],
  ])('%j shows no marks that are about to go', (text, expected, tag) => {
    const element = show(text, true)
    expect(element.textContent!.trim()).toBe(expected)
    if (tag) expect(element.querySelector(tag)).not.toBe(null)
    expect(element.querySelector('h3, a, table')).toBe(null)
  })

  test('what is over is shown as it was written', () => {
    expect(show('a **b').textContent).toBe('a **b')
    expect(show('| a | b |').textContent).toBe('| a | b |')
  })

  test.each([
    ['an **answer', 'an answer', 'strong'],
    ['an **', 'an', 'p'],
    ['- one\n- `tw', 'onetw', 'li:last-child code'],
    ['see [the page](https://exa', 'see the page', 'p'],
    ['| a | b |', '| a | b |', 'p'],
    ['the answer is\n42', 'the answer is\n42', 'p'],
    ['```ts\nlet x\n``', 'tslet x', 'pre'],
  ])('%j that breaks off shows all of its words, and no mark that was not closed', (text, expected, tag) => {
    const element = show(text, false, true)
    expect(element.textContent!.trim()).toBe(expected)
    expect(element.querySelector(tag)).not.toBe(null)
  })

  test('what grew and then breaks off is closed up, though its text is the same', () => {
    const element = document.createElement('div')
    const prose = createProse(element)
    for (const cut of [false, true]) prose.update({ text: 'the answer is\n\n42', growing: !cut, cut, labels })
    expect(element.textContent!.trim()).toBe('the answer is42')
    prose.update({ text: 'a **b', growing: false, labels })
    prose.update({ text: 'a **b', growing: false, cut: true, labels })
    expect(element.textContent).toBe('a b')
  })

  test('the end is the same as of the whole, however it came', () => {
    const line = fc.constantFrom(
      'word **b**',
      '- item',
      '1. item',
      '## head',
      '```js',
      '```',
      '',
      '| a | b |',
      '|---|---|',
      '> q',
      '한글 `c` 🌊',
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.integer({ min: 3, max: 17 }), (lines, step) => {
        const text = lines.join('\n')
        const element = document.createElement('div')
        const prose = createProse(element)
        for (let end = 0; end < text.length; end += step)
          prose.update({ text: text.slice(0, end), growing: true, labels })
        prose.update({ text, growing: false, labels })
        expect(element.innerHTML).toBe(show(text).innerHTML)
      }),
      { numRuns: 25 },
    )
  })

  test('what stands is left alone: elements stay, and text is appended to its node', () => {
    const element = document.createElement('div')
    const prose = createProse(element)
    prose.update({ text: 'first\n\nsecond\n\nthird wo', growing: true, labels })
    const [first, , third] = element.children
    const node = third!.firstChild!.firstChild as Text
    const append = vi.spyOn(node, 'appendData')
    const before = first!.innerHTML
    prose.update({ text: 'first\n\nsecond\n\nthird word and more', growing: true, labels })
    expect(element.children[0]).toBe(first)
    expect(first!.innerHTML).toBe(before)
    expect(append.mock.calls).toEqual([['rd and more']])
  })

  test('a block that is long is shown less often, to its last character, and at once when it is over', () => {
    vi.useFakeTimers()
    const element = document.createElement('div')
    const prose = createProse(element)
    const long = 'word '.repeat(4_000)
    const grow = (more: string, growing = true) => prose.update({ text: `${long}${more}`, growing, labels })
    grow('')
    grow('one')
    grow('one two')
    expect(element.textContent).not.toContain('one')
    vi.advanceTimersByTime(100)
    expect(element.textContent).toContain('one two')
    grow('one two three')
    expect(element.textContent).not.toContain('three')
    grow('one two three', false)
    expect(element.textContent).toContain('three')
    expect(vi.getTimerCount()).toBe(0)

    prose.update({ text: long, growing: true, labels })
    prose.update({ text: 'other', growing: true, labels })
    expect(element.textContent).toBe('other')
    prose.update({ text: long, growing: true, labels })
    prose.update({ text: `${long}more`, growing: true, labels })
    prose.leave()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  test('a text that begins anew replaces the old one', () => {
    const element = document.createElement('div')
    const prose = createProse(element)
    prose.update({ text: 'one\n\n```\ncode\n```\n\nthree\n\nfour', growing: true, labels })
    prose.update({ text: 'other', growing: true, labels })
    expect(element.innerHTML).toBe(show('other').innerHTML)
  })
})

describe('a block of code', () => {
  test('is copied as it is, and says so for a while', async () => {
    vi.useFakeTimers()
    const writeText = vi.fn(async () => {})
    vi.stubGlobal('navigator', { clipboard: { writeText } })
    const element = show('```\na < b\n\tc\n```\n')
    const button = element.querySelector('button')!
    expect(button.ariaLabel).toBe('Copy')
    button.click()
    await vi.advanceTimersByTimeAsync(1)
    expect(writeText.mock.calls).toEqual([['a < b\n\tc']])
    expect(button.ariaLabel).toBe('Copied')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(button.ariaLabel).toBe('Copy')
    vi.unstubAllGlobals()
  })

  test('speaks another language once that is chosen', () => {
    const element = document.createElement('div')
    const prose = createProse(element)
    prose.update({ text: '```\nx\n```\n', growing: false, labels })
    prose.update({ text: '```\nx\n```\n', growing: false, labels: { copy: '복사', copied: '복사했어요' } })
    expect(element.querySelector('button')?.ariaLabel).toBe('복사')
  })
})
