// Above 150 lines, because what growing text owes to a page is one list of facts.
import { describe, expect, it } from 'vitest'

export interface ShownText {
  readonly text: string
  readonly as?: 'div' | 'p'
  /** Attributes of HTML: `class`, `id`, `title`, … */
  readonly attributes?: Readonly<Record<string, string>>
}

export interface TextPage {
  /** Holds the element of `StreamText` and nothing else. */
  readonly root: HTMLElement
  /** The element as the page reaches it, in the way of its framework. */
  readonly reached: () => HTMLElement | null | undefined
  /** Resolves once it is on the page. */
  readonly update: (shown: ShownText) => void | Promise<void>
  readonly unmount: () => void | Promise<void>
  /** What the framework complained about. */
  readonly complaints: readonly string[]
}

/** How the tests reach `StreamText` of one binding. They run where there is a DOM. */
export interface TextHarness {
  readonly name: string
  readonly mount: (shown: ShownText) => TextPage | Promise<TextPage>
  /** What a server renders. */
  readonly render: (shown: ShownText) => string | Promise<string>
  /** Takes over what is in `root`. */
  readonly hydrate: (root: HTMLElement, shown: ShownText) => TextPage | Promise<TextPage>
}

const paragraph = 'A paragraph that goes on for a while, as models write them, <b>with</b> & "without" marks. '.repeat(
  8,
)
const answer = Array.from({ length: 12 }, (_, index) => `${index} ${paragraph}`).join('\n\n')
const beginnings = Array.from({ length: 40 }, (_, index) => answer.slice(0, ((index + 1) * answer.length) / 40))

/** The text whose markup by a server every binding has in its tests, since Svelte renders it in another process. */
export const servedText: ShownText = { text: '<Hello>\n& welcome', attributes: { class: 'answer', title: 'Said' } }

const elementOf = ({ root }: TextPage) => root.firstElementChild as HTMLElement

/** What `StreamText` does, whatever the framework. */
export function streamTextContract({ name, mount, render, hydrate }: TextHarness): void {
  describe(`StreamText, ${name}`, () => {
    it('shows the text as text, in one element with the given attributes', async () => {
      const page = await mount({
        text: 'a <b>bold</b>\nword',
        attributes: { class: 'answer', title: 'Said', dir: 'auto' },
      })
      const element = elementOf(page)
      expect(page.root.children).toHaveLength(1)
      expect(element.textContent).toBe('a <b>bold</b>\nword')
      expect(element.localName).toBe('div')
      expect([element.className, element.title, element.dir]).toEqual(['answer', 'Said', 'auto'])
    })

    it('shows each longer text and leaves alone what it has shown', async () => {
      const page = await mount({ text: '' })
      const element = elementOf(page)
      let first: Node | null = null
      for (const text of beginnings) {
        await page.update({ text })
        expect(element.textContent).toBe(text)
        first ??= firstText(element)
        expect(firstText(element)).toBe(first)
      }
      expect(elementOf(page)).toBe(element)
      expect(page.complaints).toEqual([])
    })

    it('keeps a selection in what it has shown', async () => {
      const page = await mount({ text: beginnings[0]! })
      const node = firstText(elementOf(page))
      getSelection()!.setBaseAndExtent(node, 2, node, 11)
      for (const text of beginnings) await page.update({ text })
      expect(String(getSelection())).toBe('A paragra')
    })

    it.each([
      ['a shorter one', answer.slice(0, 700)],
      ['another one', `${answer.slice(0, 3000)}…${answer.slice(3500)}`],
      ['none', ''],
    ])('shows %s in its place, and then goes on', async (_, other) => {
      const page = await mount({ text: answer })
      for (const text of [other, `${other} And on.`, answer]) {
        await page.update({ text })
        expect(elementOf(page).textContent).toBe(text)
      }
    })

    it('changes attributes without touching the text', async () => {
      const page = await mount({ text: answer, attributes: { class: 'busy' } })
      await page.update({ text: `${answer} And on.`, attributes: { class: 'busy' } })
      const nodes = [...elementOf(page).childNodes]
      await page.update({ text: `${answer} And on.`, attributes: { class: 'done', title: 'Said' } })
      expect([elementOf(page).className, elementOf(page).title]).toEqual(['done', 'Said'])
      expect([...elementOf(page).childNodes]).toEqual(nodes)
    })

    it('shows the text in another element when it is told to', async () => {
      const page = await mount({ text: beginnings[0]!, as: 'div' })
      await page.update({ text: answer, as: 'div' })
      await page.update({ text: answer, as: 'p' })
      expect(page.root.children).toHaveLength(1)
      expect(elementOf(page).localName).toBe('p')
      await page.update({ text: `${answer} And on.`, as: 'p' })
      expect(elementOf(page).textContent).toBe(`${answer} And on.`)
    })

    it('hands out its element for as long as it is on the page, and another one in its place', async () => {
      const page = await mount({ text: 'One', as: 'div' })
      expect(page.reached()).toBe(elementOf(page))
      await page.update({ text: 'One two', as: 'div' })
      expect(page.reached()).toBe(elementOf(page))
      await page.update({ text: 'One two', as: 'p' })
      expect(page.reached()?.localName).toBe('p')
      expect(page.reached()).toBe(elementOf(page))
      await page.unmount()
      expect(page.reached() ?? undefined).toBeUndefined()
    })

    it('leaves nothing behind', async () => {
      const page = await mount({ text: answer })
      await page.update({ text: `${answer} And on.` })
      await page.unmount()
      expect(page.root.textContent).toBe('')
      expect(page.root.children).toHaveLength(0)
    })

    it('is rendered by a server with its text', async () => {
      const root = document.createElement('div')
      root.innerHTML = await render(servedText)
      expect(root.children).toHaveLength(1)
      expect(root.textContent).toBe(servedText.text)
      expect(root.innerHTML).toContain('<div class="answer" title="Said">')
    })

    it('takes over the text of a server without a complaint, and goes on in it', async () => {
      const root = document.body.appendChild(document.createElement('div'))
      root.innerHTML = await render(servedText)
      const element = root.firstElementChild!
      const served = firstText(element)
      const page = await hydrate(root, servedText)
      for (const more of [' And', ' And on.', ` And on.\n${answer}`]) {
        await page.update({ ...servedText, text: servedText.text + more })
        expect(element.textContent).toBe(servedText.text + more)
      }
      expect(root.firstElementChild).toBe(element)
      expect(firstText(element)).toBe(served)
      expect(page.reached()).toBe(element)
      expect(page.complaints).toEqual([])
      await page.unmount()
      root.remove()
    })
  })
}

const firstText = (element: Element): Node => {
  const node = document.createNodeIterator(element, NodeFilter.SHOW_TEXT).nextNode()
  if (!node) throw new Error('The element holds no text.')
  return node
}
