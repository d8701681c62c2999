import type { Tokens } from 'marked'
import { renderBlock } from './html'
import { morph } from './morph'

/** Shows a list in `element`. Of one that grows only the items that changed are rendered again. */
export interface ListBlock {
  readonly update: (list: Tokens.List) => void
}

export function createListBlock(element: HTMLElement): ListBlock {
  let shown: readonly string[] = []
  let kind = ''

  return {
    update(list) {
      const { ordered, start, loose, items } = list
      // Whether items stand apart says how each of them is rendered.
      const next = JSON.stringify([ordered, start, loose])
      if (next !== kind) {
        element.replaceChildren(renderBlock({ ...list, items: [] }))
        shown = []
        kind = next
      }
      const frame = element.firstElementChild!
      for (const [index, item] of items.entries()) {
        if (shown[index] === item.raw) continue
        const wanted = renderBlock({ ...list, items: [item] }).firstElementChild!.firstElementChild!
        const have = frame.children[index]
        if (have) morph(have, wanted)
        else frame.append(wanted)
      }
      while (frame.children.length > items.length) frame.lastElementChild!.remove()
      shown = items.map(({ raw }) => raw)
    },
  }
}
