import { Lexer, type MarkedOptions, type Token, type TokensList } from 'marked'

/** Links that are defined apart from where they stand, which every block after their definition may use. */
type Links = TokensList['links']

/** A growing text in Markdown, cut into top-level blocks. */
export interface Split {
  /** Blocks that no further text can change. Each is told once, by the update that settled it. */
  readonly settled: readonly Token[]
  /** What follows them, and may still become something else. */
  readonly open: readonly Token[]
  /** What the settled blocks define, for whoever parses the open ones anew. */
  readonly links: Links
}

export interface Splitter {
  /**
   * Takes the text as it now stands. What it costs grows with what is open, and not with the text: of an answer in many
   * paragraphs only the last one or two are parsed again.
   *
   * Tells `restarted` where the text is not the former one and more; then all blocks are told anew.
   */
  readonly update: (text: string) => Split & { readonly restarted: boolean }
}

const options: MarkedOptions = { gfm: true }

export function createSplitter(): Splitter {
  let shown = ''
  let from = 0
  let links: Links = {}

  return {
    update(given) {
      const text = given.includes('\r') ? given.replaceAll(/\r\n?/g, '\n') : given
      const restarted = !text.startsWith(shown)
      if (restarted) {
        from = 0
        links = {}
      }
      shown = text
      const tail = text.slice(from)
      const tokens = lex(tail, links)
      const first = firstOpen(tokens, tail)
      const settled = tokens.slice(0, first)
      for (const { raw } of settled) from += raw.length
      if (settled.some(({ type }) => type === 'def')) Object.assign(links, tokens.links)
      return { settled, open: tokens.slice(first), links, restarted }
    },
  }
}

export function lex(text: string, links: Links = {}): TokensList {
  const lexer = new Lexer(options)
  Object.assign(lexer.tokens.links, links)
  return lexer.lex(text)
}

/**
 * The last block that stands apart and whose first line is whole; those before it are settled. A line that is still being
 * written decides nothing: `#` may become a heading or a word, `***` a rule or strong words. And where no empty line parts
 * two blocks, what comes later may join them.
 */
function firstOpen(tokens: readonly Token[], tail: string): number {
  let found = 0
  let start = 0
  for (const [index, { type, raw }] of tokens.entries()) {
    if (type !== 'space' && isApart(tokens[index - 1]) && tail.includes('\n', start)) found = index
    start += raw.length
  }
  return found
}

/** Whether nothing that follows can belong to `before`. */
function isApart(before: Token | undefined): boolean {
  return before === undefined || before.type === 'space' || /\n[ \t]*\n$/.test(before.raw)
}
