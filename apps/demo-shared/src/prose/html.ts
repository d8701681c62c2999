import createPurifier, { type Config } from 'dompurify'
import { Marked, type Token } from 'marked'

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escapeText = (text: string) => text.replaceAll(/[&<>"]/g, (character) => entities[character]!)

const marked = new Marked({
  gfm: true,
  renderer: {
    /** A model that writes HTML writes about HTML. */
    html: ({ text, block }) => (block ? `<p>${escapeText(text.trimEnd())}</p>` : escapeText(text)),
    /** An image would tell somebody else's server who reads this. */
    image: ({ href, text }) => `<a href="${escapeText(href)}">${escapeText(text || href)}</a>`,
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    /** The levels above belong to the page. */
    heading({ tokens, depth }) {
      const level = Math.min(Math.max(depth + 1, 3), 6)
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`
    },
  },
})

const config: Config = {
  ALLOWED_TAGS: [
    ...['p', 'br', 'hr', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code'],
    ...['strong', 'em', 'del', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
  ],
  ALLOWED_ATTR: ['href', 'title', 'start', 'align'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
}

let purifier: ReturnType<typeof createPurifier> | undefined

function purify(html: string): DocumentFragment {
  if (!purifier) {
    purifier = createPurifier(window)
    purifier.addHook('afterSanitizeAttributes', (element) => {
      if (!element.hasAttribute('href')) return
      element.setAttribute('target', '_blank')
      element.setAttribute('rel', 'noopener noreferrer nofollow')
    })
  }
  return purifier.sanitize(html, { ...config, RETURN_DOM_FRAGMENT: true })
}

/** One block of Markdown as elements that are safe to show, whoever wrote it: no HTML of its own, no address but of the Web. */
export function renderBlock(token: Token): DocumentFragment {
  const fragment = purify(marked.parser([token]).trim())
  for (const table of fragment.querySelectorAll('table')) {
    const frame = document.createElement('div')
    frame.className = 'table'
    frame.tabIndex = 0 // What scrolls must be reachable by keyboard.
    table.replaceWith(frame)
    frame.append(table)
  }
  return fragment
}
