import { endOfBox, endOfPiece } from './seams'

/** What keeps the text of an element equal to a string that grows. */
export interface GrowingText {
  /** Shows `text`, and writes to the page only where it differs from what is shown. */
  readonly update: (text: string) => void
}

/** What holds some paragraphs; the first ones lie in the element itself. */
interface Box {
  readonly element: HTMLElement
  readonly start: number
}

interface Piece {
  readonly node: Text
  readonly start: number
  readonly box: Box
}

// Boxes look as one element does only where a line feed breaks the line, where the element puts boxes below each other,
// and where it draws no ellipsis on lines of its own.
const breaksLines = /^(pre|pre-wrap|pre-line|break-spaces)$/
const stacksBoxes = /^(block|flow-root|inline-block|list-item|table-cell|none)$/

/** `undefined` where the element has no style, because it is in no document. */
function looksTheSameInBoxes(element: HTMLElement): boolean | undefined {
  const { whiteSpace, display, textOverflow } = getComputedStyle(element)
  if (display === '') return undefined
  return breaksLines.test(whiteSpace) && stacksBoxes.test(display) && textOverflow !== 'ellipsis'
}

// What holds for all the text of an element and is not inherited, and what pages say about every child of an element.
const asOneElement = 'display:block;margin:0;text-indent:0;unicode-bidi:inherit'

/**
 * Keeps the text of an element, which is otherwise empty, equal to a string that grows, at the lowest cost that a browser
 * allows: what is shown stays as it is, and only the last of many small text nodes grows.
 *
 * Where the style of the element breaks lines at line feeds (`white-space: pre-wrap`, `pre`, `pre-line`, `break-spaces`),
 * every few paragraphs lie in a box of their own, so that layout does not grow with the length either. How the text looks,
 * and what selection, copy and search make of it, is as with one text node. Text that is there already, from a server or
 * from an earlier call, is taken over; where `text` does not begin with what is shown, what differs is replaced.
 */
export function growText(element: HTMLElement, text?: string): GrowingText {
  const document = element.ownerDocument
  const pieces: Piece[] = []
  let box: Box = { element, start: 0 }
  let boxed: boolean | undefined
  let shown = ''

  const texts = document.createNodeIterator(element, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode() as Text | null; node; node = texts.nextNode() as Text | null) {
    const home = node.parentElement ?? element
    if (home !== box.element) box = { element: home, start: shown.length }
    if (home !== element) boxed = true
    pieces.push({ node, start: shown.length, box })
    shown += node.data
  }

  const isInPlace = ({ node, box }: Piece) => node.parentNode === box.element && element.contains(node)

  /** Keeps the first pieces, and nothing else in the element. */
  function keep(count: number): void {
    pieces.length = count
    const last = pieces.at(-1)
    const rest = document.createRange()
    rest.selectNodeContents(element)
    if (last) rest.setStartAfter(last.node)
    rest.deleteContents()
    box = last?.box ?? { element, start: 0 }
    shown = shown.slice(0, last ? last.start + last.node.length : 0)
  }

  function keepBeginningOf(text: string): void {
    const differs = (piece: Piece) => !isInPlace(piece) || !text.startsWith(piece.node.data, piece.start)
    const first = pieces.findIndex(differs)
    keep(first < 0 ? pieces.length : first)
  }

  function openBox(start: number): void {
    const span = document.createElement('span')
    span.style.cssText = asOneElement
    element.append(span)
    box = { element: span, start }
  }

  function append(text: string, end: number): void {
    while (shown.length < end) {
      const at = shown.length
      const last = pieces.at(-1)
      const grows = last?.box === box && isInPlace(last)
      const to = grows ? Math.min(endOfPiece(text, last.start), end) : at
      if (grows && to > at) {
        last.node.appendData(text.slice(at, to))
        shown = text.slice(0, to)
      } else {
        // Something else may have taken the box away.
        if (!element.contains(box.element)) openBox(at)
        const node = document.createTextNode('')
        box.element.append(node)
        pieces.push({ node, start: at, box })
      }
    }
  }

  const growing: GrowingText = {
    update(text) {
      if (text.slice(0, shown.length) !== shown) keepBeginningOf(text)
      let fits: boolean | undefined // Asked for once at most: the answer costs a recalculation of styles.
      while (shown.length < text.length) {
        let end = endOfBox(text, box.start, shown.length)
        if (end === shown.length) {
          fits ??= looksTheSameInBoxes(element) ?? boxed ?? false
          if (boxed !== undefined && boxed !== fits) keep(0)
          else if (fits) openBox(end)
          boxed = fits
          end = fits ? endOfBox(text, box.start, shown.length) : text.length
        }
        append(text, end)
      }
    },
  }
  if (text !== undefined) growing.update(text)
  return growing
}
