import { registry } from '@keepstream/core'
import {
  createGate,
  endFrame,
  helloFrame,
  optionsOver,
  scriptedTransport,
  textFrame,
} from '@keepstream/testing/contracts'
import { render } from '@testing-library/vue'
import { afterEach, describe, expect, it } from 'vitest'
import { type ComponentOptions, h } from 'vue'
import { useStream } from './index'

// What `@vitejs/plugin-vue` calls in a development build.
interface HotReload {
  readonly createRecord: (id: string, component: ComponentOptions) => boolean
  readonly rerender: (id: string, render: () => unknown) => void
  readonly reload: (id: string, component: ComponentOptions) => void
}
declare const __VUE_HMR_RUNTIME__: HotReload

afterEach(() => registry.clear())

/** A component as the plugin compiles it, whose template and script can be replaced. */
function hot(id: string, options: Parameters<typeof useStream>[0]) {
  const component = (mark: string): ComponentOptions => ({
    __hmrId: id,
    setup: () => useStream(options as never),
    render() {
      return h('output', { onClick: () => this.start() }, `${mark} ${this.status}: ${this.data.text}`)
    },
  })
  const first = component('first')
  __VUE_HMR_RUNTIME__.createRecord(id, first)
  const page = render(first)
  return {
    element: page.container,
    start: () => page.container.querySelector('output')?.click(),
    changeTemplate: () => __VUE_HMR_RUNTIME__.rerender(id, component('second').render as () => unknown),
    changeScript: () => __VUE_HMR_RUNTIME__.reload(id, component('second')),
  }
}

describe('a component that is changed while the page is open', () => {
  it.each([
    ['its template, without a key', 'changeTemplate', {}],
    ['its template', 'changeTemplate', { key: 'template' }],
    ['its script', 'changeScript', { key: 'script' }],
  ] as const)('goes on with the same stream: %s', async (name, change, more) => {
    const gate = createGate()
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], gate, [textFrame(2, 'lo'), endFrame(3)]])
    const page = hot(name, optionsOver(transport, more) as never)
    page.start()
    await expect.poll(() => page.element.textContent).toBe('first streaming: Hel')
    page[change]()
    await expect.poll(() => page.element.textContent).toBe('second streaming: Hel')
    gate.open()
    await expect.poll(() => page.element.textContent).toBe('second done: Hello')
    expect(transport.attempts).toHaveLength(1)
  })
})
