import type { Token, Tokens } from 'marked'
import { type CodeBlock, type CodeLabels, createCodeBlock } from './code-block'
import { closeUp, holdBack } from './hold-back'
import { renderBlock } from './html'
import { createListBlock, type ListBlock } from './list-block'
import { morph } from './morph'
import { createPace } from './pace'
import { createSplitter, lex, type Split } from './split'

export interface ProseState {
  /** Markdown, as a model writes it. */
  readonly text: string
  /** Whether there may be more of it. */
  readonly growing: boolean
  /** Whether it broke off before its end. Default false. */
  readonly cut?: boolean
  readonly labels: CodeLabels
}

export interface Prose {
  readonly update: (state: ProseState) => void
  readonly leave: () => void
}

interface Block {
  readonly element: HTMLElement
  code: CodeBlock | undefined
  list: ListBlock | undefined
}

// One that is shorter is shown with every update: to parse it takes less than a twentieth of a frame.
const longBlock = 4_000
// A list or paragraph of 20,000 characters, which takes 3 to 4 ms, is shown ten times a second.
const charactersPerMillisecond = 200

/**
 * Shows Markdown in `element` while it is being written, one child for each of its blocks. With each update only what is
 * still open is parsed and compared; blocks that are settled are never touched again. Where that is long, it is shown less
 * often, so that what it costs in a second does not grow with it.
 */
export function createProse(element: HTMLElement): Prose {
  let splitter = createSplitter()
  const blocks: Block[] = []
  let settled = 0
  let last: ProseState | undefined
  const pace = createPace(render)

  /** Shows `token` as the block with this number. */
  function show(index: number, token: Token, labels: CodeLabels): void {
    let block = blocks[index]
    if (!block) {
      block = { element: document.createElement('div'), code: undefined, list: undefined }
      blocks.push(block)
      element.append(block.element)
    }
    if (token.type === 'code') {
      if (block.list) forget(block)
      const { lang = '', text } = token as Tokens.Code
      block.code ??= createCodeBlock(block.element, labels)
      block.code.update(lang.split(/\s/, 1)[0]!, text)
      return
    }
    if (token.type === 'list') {
      if (!block.list) forget(block)
      block.list ??= createListBlock(block.element)
      block.list.update(token as Tokens.List)
      return
    }
    if (block.code || block.list) forget(block)
    morph(block.element, renderBlock(token))
  }

  function forget(block: Block): void {
    block.code?.leave()
    block.code = undefined
    block.list = undefined
    block.element.removeAttribute('class')
    block.element.replaceChildren()
  }

  function trim(length: number): void {
    for (const block of blocks.splice(length)) {
      forget(block)
      block.element.remove()
    }
  }

  /** Says for how long that is enough: for longer, the longer what is open is. */
  function render(state: ProseState): number {
    const { text, growing, cut = false, labels } = state
    if (last && (last.labels.copy !== labels.copy || last.labels.copied !== labels.copied)) {
      for (const { code } of blocks) code?.relabel(labels)
    }
    const same = last?.text === text && last.growing === growing && (last.cut ?? false) === cut
    last = state
    if (same) return 0
    const split = splitter.update(text)
    if (split.restarted) settled = 0
    for (const token of split.settled) if (isShown(token)) show(settled++, token, labels)
    let next = settled
    const open = growing ? shape(split, holdBack) : cut ? shape(split, closeUp) : split.open
    for (const token of open) if (isShown(token)) show(next++, token, labels)
    trim(next)
    const length = split.open.reduce((sum, { raw }) => sum + raw.length, 0)
    return growing && length >= longBlock ? length / charactersPerMillisecond : 0
  }

  return {
    update(state) {
      // What is over is shown at once, and so is another text.
      if (state.growing && last && state.text.startsWith(last.text)) pace.next(state)
      else pace.atOnce(state)
    },
    leave() {
      pace.end()
      trim(0)
      splitter = createSplitter()
      settled = 0
      last = undefined
    },
  }
}

const isShown = ({ type }: Token) => type !== 'space' && type !== 'def'

/** What is open, as it may be shown. Code is shown as it comes, which spares long blocks the parser. */
function shape({ open, links }: Split, complete: (markdown: string) => string): readonly Token[] {
  const last = open.at(-1)
  if (last?.type !== 'code' || !/^ {0,3}[`~]{3}[^\n]*\n/.test(last.raw)) {
    return lex(complete(open.map(({ raw }) => raw).join('')), links)
  }
  // The first marks of the line that closes it are no code.
  const code: Token = { ...last, text: last.text.replace(/(^|\n) {0,3}[`~]+$/, '') }
  return [...open.slice(0, -1), code]
}
