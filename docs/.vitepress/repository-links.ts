import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { MarkdownOptions } from 'vitepress'

type MarkdownRenderer = Parameters<NonNullable<MarkdownOptions['config']>>[0]

const root = join(import.meta.dirname, '../..')

/** What the site has no page for: a source, a folder, and whatever is written for those who work on the repository. */
function isElsewhere(file: string): boolean {
  if (!existsSync(file)) return false // A dead link, which the build tells.
  if (/^(apps\b|test\b|README\.md$)/.test(relative(root, file))) return true
  return statSync(file).isDirectory() ? !existsSync(join(file, 'index.md')) : !file.endsWith('.md')
}

/** Documents link to files of the repository. Where the site has no page of one, it names its path and leads nowhere. */
export function repositoryLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.after('inline', 'repository-links', ({ tokens, env }) => {
    for (const { children } of tokens) {
      let open = false
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const [href = ''] = (token.attrGet('href') ?? '').split('#')
          const file = href.startsWith('/') ? join(root, href) : resolve(dirname(env.path), decodeURI(href))
          if (href === '' || /^[a-z]+:/.test(href) || !isElsewhere(file)) continue
          open = true
          token.type = 'html_inline'
          token.content = `<span class="in-repository" title="${markdown.utils.escapeHtml(relative(root, file))}">`
        } else if (token.type === 'link_close' && open) {
          open = false
          token.type = 'html_inline'
          token.content = '</span>'
        }
      }
    }
  })
}
