import { createRegistry, type Message, type MessagePart, registry } from '@keepstream/core'
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
import { defineComponent, effectScope, h, KeepAlive, nextTick, onUpdated } from 'vue'
import { provideKeepstream, type UseStreamReturn, useStream } from './index'

afterEach(() => registry.clear())

const Elsewhere = defineComponent(() => () => h('p', 'Elsewhere'))

/** A page that keeps one component alive while it shows another one. */
function keepAlive(Kept: ReturnType<typeof defineComponent>) {
  const Page = defineComponent({
    props: { kept: { type: Boolean, default: true } },
    setup: (props) => () => h(KeepAlive, () => (props.kept ? h(Kept) : h(Elsewhere))),
  })
  const { container, rerender, unmount } = render(Page)
  return { element: container, show: (kept: boolean) => rerender({ kept }), unmount }
}

describe('a component that is kept alive', () => {
  it('leaves after its linger while it is deactivated, and goes on from the cursor when it is activated', async () => {
    const transport = scriptedTransport(
      [[helloFrame(), textFrame(1, 'Hel')], 'hang'],
      [[helloFrame(1), textFrame(2, 'lo'), endFrame(3)]],
    )
    const Answer = defineComponent(() => {
      const { status, data } = useStream(
        optionsOver(transport, { method: 'GET', url: '/streams/1', linger: 1 } as const),
      )
      return () => h('output', `${status.value}: ${data.value.text}`)
    })
    const page = keepAlive(Answer)
    await expect.poll(() => page.element.textContent).toBe('streaming: Hel')
    await page.show(false)
    await expect.poll(() => transport.open).toBe(0)
    await page.show(true)
    await expect.poll(() => page.element.textContent).toBe('done: Hello')
    expect(transport.attempts.map(({ cursor }) => cursor)).toEqual([undefined, 'k-1'])
  })

  it('is caught up when it is activated within its linger, with the same connection and no update in between', async () => {
    const gate = createGate()
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], gate, [textFrame(2, 'lo'), endFrame(3)]])
    let updates = 0
    let answer: UseStreamReturn<MessagePart, Message> | undefined
    const Answer = defineComponent(() => {
      const given = useStream(optionsOver(transport))
      answer = given
      onUpdated(() => updates++)
      return () => h('output', `${given.status.value}: ${given.data.value.text}`)
    })
    const page = keepAlive(Answer)
    const run = answer!.start()
    await expect.poll(() => page.element.textContent).toBe('streaming: Hel')
    await page.show(false)
    const before = updates
    gate.open()
    await run
    await nextTick()
    expect(updates).toBe(before)
    await page.show(true)
    expect(page.element.textContent).toBe('done: Hello')
    expect(transport.attempts).toHaveLength(1)
  })

  it('leaves a store alone that it was the first to use', async () => {
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], 'hang'])
    const scope = effectScope(true)
    const options = optionsOver(transport, { method: 'GET', url: '/streams/1', linger: 0 } as const)
    let store: UseStreamReturn<MessagePart, Message> | undefined
    const useStore = () => {
      store ??= scope.run(() => useStream(options))
      return store!
    }
    const Answer = defineComponent(() => {
      const { data } = useStore()
      return () => h('output', data.value.text)
    })
    const page = keepAlive(Answer)
    await expect.poll(() => page.element.textContent).toBe('Hel')
    await page.show(false)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(transport.open).toBe(1)
    page.unmount()
    expect(transport.open).toBe(1)
    scope.stop()
    await expect.poll(() => transport.open).toBe(0)
  })

  it('shows what its key means now when it was away for longer than that is remembered', async () => {
    const key = 'kept'
    const page = createRegistry({ retention: 1 })
    const transport = scriptedTransport(
      [[helloFrame(), textFrame(1, 'Old'), endFrame(2)]],
      [[helloFrame(), textFrame(1, 'New'), endFrame(2)]],
    )
    const ask = () => page.get(optionsOver(transport, { key })).start()
    const Answer = defineComponent(() => {
      const { data } = useStream(optionsOver(transport, { key }))
      return () => h('output', data.value.text)
    })
    const Within = defineComponent({
      props: { kept: { type: Boolean, default: true } },
      setup(props) {
        provideKeepstream({ registry: page })
        return () => h(KeepAlive, () => (props.kept ? h(Answer) : h(Elsewhere)))
      },
    })
    const { container, rerender } = render(Within)
    await ask()
    await expect.poll(() => container.textContent).toBe('Old')
    await rerender({ kept: false })
    await expect.poll(() => page.get(optionsOver(transport, { key })).get().status).toBe('idle')
    await ask()
    await rerender({ kept: true })
    await expect.poll(() => container.textContent).toBe('New')
    page.clear()
  })

  it('that is unmounted while it is deactivated stays away', async () => {
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], 'hang'])
    const Answer = defineComponent(() => {
      const { data } = useStream(optionsOver(transport, { method: 'GET', url: '/streams/1', linger: 0 } as const))
      return () => h('output', data.value.text)
    })
    const page = keepAlive(Answer)
    await expect.poll(() => page.element.textContent).toBe('Hel')
    await page.show(false)
    page.unmount()
    await expect.poll(() => transport.open).toBe(0)
    expect(transport.attempts).toHaveLength(1)
  })
})
