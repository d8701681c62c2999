import { keepstream, registry } from '@keepstream/core'
import { bindingContract, scriptedTransport } from '@keepstream/testing/contracts'
import { describe, expect, it } from 'vitest'
import { createSSRApp, effectScope, h, nextTick, reactive, ref } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { harnesses } from '../test/mount'
import { Page, stream } from '../test/page'
import { useStream } from './use-stream'

bindingContract(harnesses.stream)

const hello = { event: 'hello', data: '{}', id: 'k-0' }
const text = { event: 'text', data: '"Hello"', id: 'k-1' }

describe('useStream of Vue', () => {
  it('lives in any effect scope, and ends with it', async () => {
    const transport = scriptedTransport([[hello, text], 'hang'])
    const scope = effectScope()
    const options = { protocol: keepstream(), transport, method: 'GET', url: '/streams/1', linger: 0 } as const
    const { status, data } = scope.run(() => useStream(options))!
    await expect.poll(() => [status.value, data.value.text]).toEqual(['streaming', 'Hello'])
    scope.stop()
    await expect.poll(() => transport.open).toBe(0)
  })

  it('shows what has happened between the first read and the subscription', async () => {
    const options = { protocol: keepstream(), transport: scriptedTransport([[hello, text], 'hang']), key: 'between' }
    const shared = registry.get(options)
    shared.start()
    await expect.poll(() => shared.get().data.text).toBe('Hello')
    const scope = effectScope()
    const { status } = scope.run(() => useStream(options))!
    expect(status.value).toBe('streaming')
    shared.reset()
    await nextTick()
    expect(status.value).toBe('idle')
    scope.stop()
    registry.clear()
  })

  it('follows a ref, and a change within a reactive object', async () => {
    const scope = effectScope()
    const first = { protocol: keepstream(), method: 'GET', url: '/streams/1', linger: 0 } as const
    const transports = Array.from({ length: 4 }, () => scriptedTransport([hello, 'hang']))
    const [one, two, three, four] = transports
    const changed = reactive({ ...first, transport: one!, url: '/streams/1' })
    const replaced = ref({ ...first, transport: three!, url: '/streams/3' })
    scope.run(() => [useStream(changed), useStream(replaced)])
    const open = () => transports.map((transport) => transport.open)
    await expect.poll(open).toEqual([1, 0, 1, 0])
    Object.assign(changed, { url: '/streams/2', transport: two })
    replaced.value = { ...first, url: '/streams/4', transport: four! }
    await nextTick()
    await expect.poll(open).toEqual([0, 1, 0, 1])
    scope.stop()
  })

  it('hydrates what the server rendered without a mismatch, and connects then', async () => {
    const transport = scriptedTransport([[hello, text], 'hang'])
    const components = [{ protocol: keepstream(), transport, method: 'GET', url: '/streams/1' }] as const
    const createPage = () => createSSRApp(() => h(Page, { shows: stream as never, components }))
    const element = document.createElement('div')
    element.innerHTML = await renderToString(createPage())
    expect(transport.attempts).toEqual([])

    const warnings: unknown[] = []
    const app = createPage()
    app.config.warnHandler = (message) => warnings.push(message)
    app.mount(element)
    await expect.poll(() => element.textContent).toBe('streaming: Hello')
    expect(warnings).toEqual([])
    app.unmount()
  })

  it('throws for wrong options, and names them', () => {
    const wrong = { protocol: keepstream(), url: '/api/chat', linger: -1 }
    expect(() => effectScope().run(() => useStream(wrong))).toThrow('Option `linger`')
  })
})
