import { registry } from '@keepstream/core'
import { helloFrame, optionsOver, scriptedTransport, textFrame } from '@keepstream/testing/contracts'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Component, createApp, createSSRApp, defineComponent, h, nextTick, Suspense } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { useChat, useStream } from './index'

afterEach(() => registry.clear())

/** A stream with a key that runs in this page already, as one that another part of it began. */
async function running(key: string) {
  const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], 'hang'])
  const options = optionsOver(transport, { key })
  const stream = registry.get(options)
  stream.start()
  await expect.poll(() => stream.get().data.text).toBe('Hel')
  return { transport, options }
}

/** The element of a page that a server has rendered, and how to hydrate it. What Vue says about it is in `warnings`. */
async function hydrating(page: Component) {
  const element = document.createElement('div')
  element.innerHTML = await renderToString(createSSRApp(page))
  const warnings: unknown[] = []
  const spies = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')]
  for (const spy of spies) spy.mockImplementation((message) => void warnings.push(message))
  onTestFinished(() => spies.forEach((spy) => void spy.mockRestore()))
  const app = createSSRApp(page)
  app.config.warnHandler = (message) => warnings.push(message)
  onTestFinished(() => app.unmount())
  return { element, warnings, hydrate: () => app.mount(element) }
}

describe('a page that hydrates while a stream with a key runs', () => {
  it('shows what the server rendered, without a mismatch, and then what there is', async () => {
    const { transport, options } = await running('page')
    const seen: string[] = []
    const Answer = defineComponent(() => {
      const { status, data } = useStream(options)
      return () => {
        seen.push(status.value)
        return h('output', { class: status.value }, `${status.value}: ${data.value.text}`)
      }
    })
    const { element, warnings, hydrate } = await hydrating({ render: () => h('main', h(Answer)) })
    expect(element.innerHTML).toBe('<main><output class="idle">idle: </output></main>')
    const output = element.querySelector('output')
    hydrate()
    expect(element.innerHTML).toBe('<main><output class="idle">idle: </output></main>')
    await nextTick()
    expect(element.innerHTML).toBe('<main><output class="streaming">streaming: Hel</output></main>')
    expect(element.querySelector('output')).toBe(output)
    expect(warnings).toEqual([])
    expect(seen).toEqual(['idle', 'idle', 'streaming'])
    expect(transport.attempts).toHaveLength(1)
  })

  it('does so in an async component, whose effects wait for its Suspense', async () => {
    const { options } = await running('suspended')
    const Answer = defineComponent({
      async setup() {
        const { status, data } = useStream(options)
        await Promise.resolve()
        return () => h('output', `${status.value}: ${data.value.text}`)
      },
    })
    const { element, warnings, hydrate } = await hydrating({
      render: () =>
        h(
          'main',
          h(Suspense, () => h(Answer)),
        ),
    })
    expect(element.textContent).toBe('idle: ')
    hydrate()
    await expect.poll(() => element.textContent).toBe('streaming: Hel')
    expect(warnings).toEqual([])
  })

  it('does so with a conversation: the server has its first messages', async () => {
    const { transport, options } = await running('chat')
    const messages = [{ id: '1', role: 'user', content: 'Hi' }] as const
    const Chat = defineComponent(() => {
      const chat = useChat({ ...options, messages })
      return () => chat.messages.value.map(({ id, content }) => h('p', { key: id }, content))
    })
    const { element, warnings, hydrate } = await hydrating({ render: () => h('main', h(Chat)) })
    expect(element.textContent).toBe('Hi')
    hydrate()
    await expect.poll(() => element.textContent).toBe('HiHel')
    expect(warnings).toEqual([])
    expect(transport.attempts).toHaveLength(1)
  })

  it('shows at once what there is in what was not rendered on a server', async () => {
    const { options } = await running('later')
    const seen: string[] = []
    const Answer = defineComponent(() => {
      const { data } = useStream(options)
      return () => {
        seen.push(data.value.text)
        return h('output', data.value.text)
      }
    })
    const app = createApp(Answer)
    app.mount(document.createElement('div'))
    expect(seen).toEqual(['Hel'])
    app.unmount()
  })
})
