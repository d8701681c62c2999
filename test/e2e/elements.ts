import type { Page } from 'playwright-core'

/** What is another one with each visit, as CSS selectors: it is there and has its room, and what is in it is not compared. */
export type Passing = readonly string[]

/** The elements that are shown, with their attributes and words; what a framework needs for itself left out. */
export const elements = (page: Page, passing: Passing = []): Promise<string> =>
  page.evaluate((passing) => {
    const names = new Map<string, string>()
    // Ids that a framework made up: the same name wherever the same one stands.
    const nameOf = (id: string) => names.get(id) ?? names.set(id, `id-${names.size}`).get(id)!
    const made = /^(id|for|name|aria-(labelledby|describedby|controls))$/
    const own = ['style', 'data-rank', 'aria-current', 'aria-label', 'aria-valuenow', 'aria-valuetext']
    const lines: string[] = []

    function describe(element: Element, passes: boolean): string {
      const attributes = [...element.attributes]
        .filter(
          ({ name, value }) => !name.startsWith('data-v-') && !(['class', 'style'].includes(name) && value === ''),
        )
        .filter(({ name }) => !['href', 'value', 'checked'].includes(name) && !(passes && own.includes(name)))
        .map(({ name, value }) => [name, made.test(name) ? nameOf(value.replace(/-[a-z]+$/, '')) : value])
      // What a field holds is no attribute of it.
      if (element instanceof HTMLInputElement) attributes.push(['checked', String(element.checked)])
      if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
        attributes.push(['value', element.value])
      }
      return [element.localName, ...attributes.map(([name, value]) => `${name}=${value}`).sort()].join(' ')
    }

    function list(element: Element, depth: number): void {
      const passes = passing.some((selector) => element.matches(selector))
      lines.push(`${' '.repeat(depth)}${describe(element, passes)}`)
      if (passes || element.localName === 'textarea') return
      let text = ''
      const end = () => {
        const words = text
          .replaceAll(/\s+/g, ' ')
          .replaceAll(/http:\S+/g, 'an address')
          .trim()
        if (words !== '') lines.push(`${' '.repeat(depth + 1)}"${words}"`)
        text = ''
      }
      for (const child of element.childNodes) {
        if (child instanceof Text) text += child.data
        else if (child instanceof Element) {
          end()
          list(child, depth + 1)
        }
      }
      end()
    }

    for (const child of document.getElementById('root')!.children) list(child, 0)
    return lines.join('\n')
  }, passing)
