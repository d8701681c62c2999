import { marked, type Token } from 'marked'

/** What Markdown says, without its marks, for those who hear it. */
export function plainText(markdown: string): string {
  const words: string[] = []
  for (const token of marked.lexer(markdown)) words.push(said(token))
  return words.filter(Boolean).join(' ')
}

function said(token: Token): string {
  if (token.type === 'list') return joined(token.items as readonly Token[])
  if (token.type === 'table') {
    const rows = [token.header, ...token.rows] as readonly (readonly { readonly text: string }[])[]
    return rows.map((row) => row.map(({ text }) => plainText(text)).join(', ')).join('; ')
  }
  if ('tokens' in token && token.tokens)
    return joined(token.tokens, token.type === 'paragraph' || isInline(token) ? '' : ' ')
  if (token.type === 'br') return ' '
  return 'text' in token ? String(token.text) : ''
}

const inline = ['strong', 'em', 'del', 'link', 'text', 'heading']

const isInline = ({ type }: Token) => inline.includes(type)

const joined = (tokens: readonly Token[], between = ' ') => tokens.map(said).filter(Boolean).join(between)
