// Runs in the browser: one text, in one text node or grown by `growText`, and what the browser makes of either.
import { growText } from '@keepstream/core'

export interface Sample {
  readonly text: string
  /** Of the element, by property. Default: `white-space: pre-wrap`. */
  readonly style?: Readonly<Record<string, string>>
  readonly dir?: string
}

export interface Found {
  readonly needle: string
  /** Where in the text, or -1. */
  readonly at: number
  readonly selected: string
}

export interface StreamTextPage {
  /** In one text node, as anybody would write it. */
  readonly showWhole: (sample: Sample) => void
  /** As it grows in a page that is drawn after each step; with a text that it shows before, if one is given. */
  readonly showGrown: (sample: Sample, before?: string) => void
  /** Goes on with what was grown. */
  readonly grow: (text: string, style?: Sample['style']) => void
  /** Lengths of the text nodes, and how many boxes there are. */
  readonly structure: () => { readonly pieces: readonly number[]; readonly boxes: number; readonly text: string }
  /** Selects what lies between two places of the text, and returns what the browser says is selected. */
  readonly select: (from: number, to: number) => string
  readonly selection: () => string
  readonly find: (needles: readonly string[]) => readonly Found[]
  /** Grows the text step by step, and lays out after each; `whole` writes all of it each time. */
  readonly lengthen: (step: string, times: number, whole?: boolean) => void
}

declare global {
  var streamText: StreamTextPage
}

let element = document.createElement('div')
let growing: ReturnType<typeof growText> | undefined
let shown = ''

function prepare({ style = {}, dir }: Sample): void {
  element = document.createElement('div')
  for (const [name, value] of Object.entries({ 'white-space': 'pre-wrap', ...style }))
    element.style.setProperty(name, value)
  if (dir) element.dir = dir
  const main = document.querySelector('main')!
  // No multiple of the width of an ideograph: then a line that is full to the last 64th of a pixel may break earlier.
  main.style.width = '613px'
  main.replaceChildren(element)
}

const draw = () => element.getBoundingClientRect().height

function* textNodes(): Generator<Text> {
  const iterator = document.createNodeIterator(element, NodeFilter.SHOW_TEXT)
  for (let node = iterator.nextNode(); node; node = iterator.nextNode()) yield node as Text
}

/** Where a place of the text is in the document: in the later of two nodes. */
function placeOf(offset: number): [Node, number] {
  let at = 0
  let place: [Node, number] = [element, 0]
  for (const node of textNodes()) {
    if (at > offset) break
    place = [node, Math.min(offset - at, node.length)]
    at += node.length
  }
  return place
}

function offsetOf(node: Node, offset: number): number {
  const before = document.createRange()
  before.setStart(element, 0)
  before.setEnd(node, offset)
  return before.toString().length
}

function find(needle: string): Found {
  const selection = getSelection()!
  selection.collapse(document.body, 0)
  const { find } = window as unknown as { find: (needle: string) => boolean }
  const found = find.call(window, needle) && selection.rangeCount > 0
  const at = found ? offsetOf(selection.getRangeAt(0).startContainer, selection.getRangeAt(0).startOffset) : -1
  return { needle, at, selected: found ? String(selection) : '' }
}

globalThis.streamText = {
  showWhole(sample) {
    prepare(sample)
    element.textContent = sample.text
    draw()
  },
  showGrown(sample, before) {
    prepare(sample)
    growing = growText(element, before)
    // Steps of many lengths, the same in each run.
    for (let at = 0, step = 1; at < sample.text.length; step = (step * 7) % 61) {
      at += step
      growing.update(sample.text.slice(0, at))
      draw()
    }
    shown = sample.text
  },
  grow(text, style = {}) {
    for (const [name, value] of Object.entries(style)) element.style.setProperty(name, value)
    growing!.update(text)
    shown = text
    draw()
  },
  structure: () => ({
    pieces: [...textNodes()].map(({ length }) => length),
    boxes: element.children.length,
    text: element.textContent,
  }),
  select(from, to) {
    getSelection()!.setBaseAndExtent(...placeOf(from), ...placeOf(to))
    return String(getSelection())
  },
  selection: () => String(getSelection()),
  find: (needles) => needles.map(find),
  lengthen(step, times, whole = false) {
    for (let turn = 0; turn < times; turn++) {
      shown += step
      if (whole) element.textContent = shown
      else growing!.update(shown)
      draw()
    }
  },
}
