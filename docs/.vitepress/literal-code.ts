import type { MarkdownOptions } from 'vitepress'

/** Code in a line of text is shown as it is, such as the braces of a Vue template: VitePress does that for blocks alone. */
export const literalCode: NonNullable<MarkdownOptions['config']> = (markdown) => {
  markdown.core.ruler.after('inline', 'literal-code', ({ tokens }) => {
    for (const { children } of tokens) {
      for (const token of children ?? []) if (token.type === 'code_inline') token.attrSet('v-pre', '')
    }
  })
}
