import { registry } from '@keepstream/core'
import { createGate, helloFrame, optionsOver, scriptedTransport, textFrame } from '@keepstream/testing/contracts'
import { render } from '@testing-library/vue'
import { afterEach, describe, expect, it } from 'vitest'
import { defineComponent, h, onErrorCaptured, ref, Suspense } from 'vue'
import { useStream } from './index'

afterEach(() => registry.clear())

const get = { method: 'GET', url: '/streams/1', linger: 0 } as const

describe('a component with an async setup', () => {
  it('connects once its Suspense shows it, and leaves with it', async () => {
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], 'hang'])
    const gate = createGate()
    const Answer = defineComponent({
      async setup() {
        const { data } = useStream(optionsOver(transport, get))
        await gate()
        return () => h('output', data.value.text)
      },
    })
    const page = render(
      defineComponent(
        () => () => h('main', h(Suspense, undefined, { default: () => h(Answer), fallback: () => h('p', 'Wait') })),
      ),
    )
    expect(page.container.textContent).toBe('Wait')
    expect(transport.attempts).toEqual([])
    gate.open()
    await expect.poll(() => page.container.textContent).toBe('Hel')
    page.unmount()
    await expect.poll(() => transport.open).toBe(0)
    expect(transport.attempts).toHaveLength(1)
  })

  it('that is left before it is shown connects nothing', async () => {
    const transport = scriptedTransport()
    const gate = createGate()
    const Answer = defineComponent({
      async setup() {
        const { data } = useStream(optionsOver(transport, get))
        await gate()
        return () => h('output', data.value.text)
      },
    })
    const page = render(
      defineComponent(
        () => () =>
          h(
            'main',
            h(Suspense, () => h(Answer)),
          ),
      ),
    )
    page.unmount()
    gate.open()
    await new Promise((resolve) => setTimeout(resolve))
    expect(transport.attempts).toEqual([])
  })
})

describe('wrong options', () => {
  it('that a component comes to later reach whoever captures its errors', async () => {
    const linger = ref(0)
    const captured: unknown[] = []
    const Answer = defineComponent(() => {
      const { status } = useStream(() =>
        optionsOver(scriptedTransport(['hang']), { key: `${linger.value}`, linger: linger.value }),
      )
      return () => h('output', status.value)
    })
    const Page = defineComponent(() => {
      onErrorCaptured((error) => {
        captured.push(error)
        return false
      })
      return () => h(Answer)
    })
    render(Page)
    linger.value = -1
    await expect.poll(() => captured).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'option' })]))
    expect(String(captured[0])).toContain('Option `linger`')
  })
})
