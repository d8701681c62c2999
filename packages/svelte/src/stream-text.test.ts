import { type ShownText, streamTextContract } from '@keepstream/testing/contracts'
import { flushSync, hydrate, mount, unmount } from 'svelte'
import { VERSION } from 'svelte/compiler'
import { writable } from 'svelte/store'
import { expect, it, vi } from 'vitest'
import GrownText from '../test/GrownText.svelte'
import Shown from '../test/ShownText.svelte'
import { servedMarkup } from '../test/served-text'

const freshRoot = () => document.body.appendChild(document.createElement('div'))

function open(given: ShownText, show: typeof mount | typeof hydrate, root: HTMLElement) {
  const complaints: string[] = []
  const note = (...said: unknown[]) => void complaints.push(said.join(' '))
  const spies = (['warn', 'error'] as const).map((level) => vi.spyOn(console, level).mockImplementation(note))
  const shown = writable(given)
  const page = show(Shown, { target: root, props: { shown } }) as { readonly reached: () => HTMLElement | undefined }
  flushSync()
  return {
    root,
    reached: page.reached,
    complaints,
    update(next: ShownText) {
      shown.set(next)
      flushSync()
    },
    async unmount() {
      await unmount(page)
      for (const spy of spies) spy.mockRestore()
    },
  }
}

streamTextContract({
  name: `Svelte ${VERSION}`,
  mount: (shown) => open(shown, mount, freshRoot()),
  render: () => servedMarkup,
  hydrate: (root, shown) => open(shown, hydrate, root),
})

it('growText is an action as well', async () => {
  const text = writable('One')
  const root = freshRoot()
  const page = mount(GrownText, { target: root, props: { text } })
  flushSync()
  expect(root.textContent).toBe('One')
  text.set('One two')
  flushSync()
  expect(root.textContent).toBe('One two')
  await unmount(page)
})
