/** A piece of a text that models write: as much of Markdown as they commonly use. What is not closed yet stays as it is. */
export type Block =
  | { readonly type: 'paragraph'; readonly inlines: readonly Inline[] }
  | { readonly type: 'heading'; readonly inlines: readonly Inline[] }
  | { readonly type: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly type: 'code'; readonly text: string }

export interface Inline {
  readonly type: 'text' | 'code' | 'strong'
  readonly text: string
}

const fence = /^ {0,3}```/
const bullet = /^\s*[-*+]\s+/
const number = /^\s*\d{1,3}[.)]\s+/
const heading = /^#{1,6}\s+/

export function readBlocks(text: string): readonly Block[] {
  const blocks: Block[] = []
  const lines = text.split('\n')
  let paragraph: string[] = []
  const flush = () => {
    if (paragraph.length > 0) blocks.push({ type: 'paragraph', inlines: readInlines(paragraph.join('\n')) })
    paragraph = []
  }

  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!
    if (fence.test(line)) {
      flush()
      const end = lines.findIndex((other, at) => at > index && fence.test(other))
      const stop = end === -1 ? lines.length : end
      blocks.push({ type: 'code', text: lines.slice(index + 1, stop).join('\n') })
      index = stop
    } else if (bullet.test(line) || number.test(line)) {
      flush()
      const marker = bullet.test(line) ? bullet : number
      const items: string[] = []
      for (; index < lines.length && marker.test(lines[index]!); index++) items.push(lines[index]!.replace(marker, ''))
      index--
      blocks.push({ type: 'list', ordered: marker === number, items: items.map(readInlines) })
    } else if (heading.test(line)) {
      flush()
      blocks.push({ type: 'heading', inlines: readInlines(line.replace(heading, '')) })
    } else if (line.trim() === '') flush()
    else paragraph.push(line)
  }
  flush()
  return blocks
}

function readInlines(text: string): readonly Inline[] {
  const inlines: Inline[] = []
  let from = 0
  for (const match of text.matchAll(/`([^`\n]+)`|\*\*([^*\n]+)\*\*/g)) {
    if (match.index > from) inlines.push({ type: 'text', text: text.slice(from, match.index) })
    inlines.push(match[1] === undefined ? { type: 'strong', text: match[2]! } : { type: 'code', text: match[1] })
    from = match.index + match[0].length
  }
  if (from < text.length) inlines.push({ type: 'text', text: text.slice(from) })
  return inlines
}
