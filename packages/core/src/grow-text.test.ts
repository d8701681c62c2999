// @vitest-environment jsdom
import fc from 'fast-check'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { growText } from './grow-text'

let element: HTMLElement

function freshElement(whiteSpace = 'pre-wrap'): HTMLElement {
  const fresh = document.createElement('div')
  fresh.style.whiteSpace = whiteSpace
  document.body.replaceChildren(fresh)
  return fresh
}

beforeEach(() => {
  element = freshElement()
})

const line = 'A line of some length, so that a box holds a few dozen of them. '
const paragraphs = Array.from({ length: 60 }, (_, index) => `${index} ${line.repeat(1 + (index % 4))}`).join('\n\n')
const textNodes = (of: Element = element) => {
  const nodes: Text[] = []
  const iterator = document.createNodeIterator(of, NodeFilter.SHOW_TEXT)
  for (let node = iterator.nextNode(); node; node = iterator.nextNode()) nodes.push(node as Text)
  return nodes
}
const structure = () => element.innerHTML

describe('growText', () => {
  it('shows every text that it is given, whatever it was before', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '\n',
        '\n\n',
        line,
        line.repeat(12),
        'x'.repeat(3_000),
        '한국어 '.repeat(90),
        '👩‍👩‍👧'.repeat(80),
      ),
    )
    const change = fc.record({
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      more: fc.array(piece, { maxLength: 6 }),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.constantFrom('pre-wrap', 'normal'), (changes, whiteSpace) => {
        element = freshElement(whiteSpace)
        const { update } = growText(element)
        let text = ''
        for (const { keep, more } of changes) {
          text = (keep > 0.2 ? text : text.slice(0, Math.floor(text.length * keep * 5))) + more.join('')
          update(text)
          expect(element.textContent).toBe(text)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('splits a text in the same places however it arrives', () => {
    growText(element, paragraphs)
    const atOnce = structure()
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 }), (steps) => {
        element = freshElement()
        const { update } = growText(element)
        for (let at = 0, turn = 0; at < paragraphs.length; turn++) {
          at += steps[turn % steps.length]!
          update(paragraphs.slice(0, at))
        }
        expect(structure()).toBe(atOnce)
      }),
      { numRuns: 15 },
    )
  })

  it('adds to the last node and touches no other', () => {
    const { update } = growText(element, paragraphs)
    const observer = new MutationObserver(() => {})
    observer.observe(element, { subtree: true, childList: true, characterData: true })
    update(`${paragraphs} And on.`)
    expect(observer.takeRecords().map(({ type, target }) => [type, target])).toEqual([
      ['characterData', textNodes().at(-1)],
    ])
    update(`${paragraphs} And on.`)
    expect(observer.takeRecords()).toEqual([])
  })

  it('keeps the nodes before the first difference', () => {
    const { update } = growText(element, paragraphs)
    const before = textNodes()
    const other = `${paragraphs.slice(0, 5_000)}…${paragraphs.slice(5_100)}`
    update(other)
    const after = textNodes()
    const kept = before.filter((node) => after.includes(node))
    expect(kept.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(4_000)
    expect(element.textContent).toBe(other)
  })

  it('makes boxes where the style breaks lines at line feeds', () => {
    for (const whiteSpace of ['pre-wrap', 'pre', 'pre-line', 'break-spaces']) {
      element = freshElement(whiteSpace)
      growText(element, paragraphs)
      expect(element.children.length).toBeGreaterThan(2)
      for (const box of element.children) expect(box.textContent).toMatch(/\n$|lines?.*$/)
    }
  })

  it.each([
    ['white-space: normal'],
    ['white-space: nowrap'],
    ['white-space: pre-wrap; display: flex'],
    ['white-space: pre-wrap; display: inline'],
    ['white-space: pre; text-overflow: ellipsis'],
  ])('makes no box with %s', (style) => {
    element.style.cssText = style
    growText(element, paragraphs)
    expect(element.children).toHaveLength(0)
    expect(textNodes().length).toBeGreaterThan(10)
    expect(element.textContent).toBe(paragraphs)
  })

  it('changes from one to the other when the style does, and not while the element is in no document', () => {
    const { update } = growText(element, paragraphs)
    const boxes = element.children.length
    element.remove()
    update(`${paragraphs}\n${paragraphs}`)
    expect(element.children.length).toBeGreaterThan(boxes)
    document.body.append(element)
    element.style.whiteSpace = 'normal'
    update(`${paragraphs}\n${paragraphs}\n${paragraphs}`)
    expect(element.children).toHaveLength(0)
    element.style.whiteSpace = 'pre-wrap'
    update(`${paragraphs}\n`.repeat(4))
    expect(element.children.length).toBeGreaterThan(boxes)
    expect(element.textContent).toBe(`${paragraphs}\n`.repeat(4))
  })

  it('keeps boxes that are there already where the element has no style', () => {
    growText(element, paragraphs)
    const boxes = [...element.children]
    const styles = vi.spyOn(window, 'getComputedStyle')
    onTestFinished(() => styles.mockRestore())
    // As in an iframe that is not shown, or out of the document.
    styles.mockReturnValue({ whiteSpace: '', display: '', textOverflow: '' } as CSSStyleDeclaration)
    growText(element, `${paragraphs}\n${paragraphs}`)
    expect([...element.children].slice(0, boxes.length)).toEqual(boxes)
    expect(element.children.length).toBeGreaterThan(boxes.length)
  })

  it('asks for the style once for each text at most, and only for a text that needs boxes', () => {
    const styles = vi.spyOn(window, 'getComputedStyle')
    onTestFinished(() => styles.mockRestore())
    const { update } = growText(element, line)
    expect(styles).not.toHaveBeenCalled()
    update(paragraphs)
    expect(element.children.length).toBeGreaterThan(2)
    expect(styles).toHaveBeenCalledOnce()
  })

  it('takes over what a server rendered, and what an earlier call has grown', () => {
    element.textContent = paragraphs
    const served = element.firstChild
    growText(element, `${paragraphs}\n${paragraphs}`)
    expect(element.firstChild).toBe(served)
    const grown = textNodes()
    growText(element, `${paragraphs}\n${paragraphs} And on.`)
    expect(textNodes().slice(0, grown.length)).toEqual(grown)
    expect(element.textContent).toBe(`${paragraphs}\n${paragraphs} And on.`)
  })

  it('goes on in the element when something else has emptied it, or has put text in the place of its boxes', () => {
    for (const left of ['', 'What a person wrote in its place. ']) {
      element = freshElement()
      const { update } = growText(element, paragraphs)
      expect(element.children.length).toBeGreaterThan(1)
      element.textContent = left
      update(`${paragraphs} And on.`)
      expect(element.textContent).toBe(`${left} And on.`)
      const more = `${paragraphs} And on.\n${paragraphs}`
      update(more)
      expect(element.textContent).toBe(`${left}${more.slice(paragraphs.length)}`)
      update('Something else')
      expect(element.textContent).toBe('Something else')
    }
  })

  it('goes on behind what something else has put in the place of its nodes, such as a translation', () => {
    const { update } = growText(element, 'Hello')
    const font = document.createElement('font')
    font.textContent = 'Bonjour'
    element.replaceChild(font, element.firstChild!)
    update('Hello, you')
    expect(element.textContent).toBe('Bonjour, you')
    update('Good bye')
    expect(element.textContent).toBe('Good bye')
  })
})
