import { type ShownText, streamTextContract } from '@keepstream/testing/contracts'
import { expect, it, vi } from 'vitest'
import { createApp, createSSRApp, h, KeepAlive, nextTick, type Ref, shallowRef, version } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { StreamText } from './index'

type Reached = Ref<InstanceType<typeof StreamText> | null>

const content = ({ text, as, attributes }: ShownText, ref?: Reached) =>
  h(StreamText, { ...(ref && { ref }), text, ...(as && { as }), ...attributes })

function open(shown: ShownText, create: typeof createApp, root: HTMLElement) {
  const complaints: string[] = []
  const note = (...said: unknown[]) => void complaints.push(said.join(' '))
  const spies = (['warn', 'error'] as const).map((level) => vi.spyOn(console, level).mockImplementation(note))
  const given = shallowRef(shown)
  const reached: Reached = shallowRef(null)
  const app = create({ setup: () => () => content(given.value, reached) })
  app.mount(root)
  return {
    root,
    reached: () => reached.value?.element,
    complaints,
    async update(next: ShownText) {
      given.value = next
      await nextTick()
    },
    unmount() {
      app.unmount()
      for (const spy of spies) spy.mockRestore()
    },
  }
}

const freshRoot = () => document.body.appendChild(document.createElement('div'))

streamTextContract({
  name: `Vue ${version}`,
  mount: (shown) => open(shown, createApp, freshRoot()),
  render: (shown) => renderToString(createSSRApp({ render: () => content(shown) })),
  hydrate: (root, shown) => open(shown, createSSRApp, root),
})

it('shows what there is now when KeepAlive brings it back', async () => {
  const text = shallowRef('One')
  const away = shallowRef(false)
  const Shown = { render: () => h(StreamText, { text: text.value }) }
  const Other = { render: () => 'Elsewhere' }
  const root = freshRoot()
  const app = createApp({ render: () => h(KeepAlive, () => h(away.value ? Other : Shown)) })
  app.mount(root)
  const element = root.firstElementChild
  away.value = true
  await nextTick()
  expect(root.textContent).toBe('Elsewhere')
  text.value = 'One two'
  await nextTick()
  away.value = false
  await nextTick()
  expect(root.firstElementChild).toBe(element)
  expect(root.textContent).toBe('One two')
  app.unmount()
})
