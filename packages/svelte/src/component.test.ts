import { registry } from '@keepstream/core'
import { helloFrame, optionsOver, scriptedTransport, textFrame } from '@keepstream/testing/contracts'
import { flushSync, hydrate, mount, unmount } from 'svelte'
import { afterEach, describe, expect, it, vi } from 'vitest'
import Hydrated from '../test/Hydrated.svelte'
import { rendered } from '../test/hydrated'

afterEach(() => registry.clear())

/** A stream with a key that runs in this page already, as one that another part of it began. */
async function running(key: string) {
  const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], 'hang'])
  const options = optionsOver(transport, { key })
  registry.get(options).start()
  await expect.poll(() => registry.get(options).get().data.text).toBe('Hel')
  return { transport, options }
}

const shown = (element: Element) => element.querySelector('main')?.outerHTML.replaceAll(/<!--.*?-->/g, '')
const whole = '<main class="streaming"><b>streaming: Hel</b> <p>Hel</p></main>'

// In this order: the first of a page hydrates, and what comes after it is mounted.
describe('a component that is created while a stream with its key runs', { shuffle: false }, () => {
  it('hydrates what the server rendered, and shows what there is before the browser draws', async () => {
    const { transport, options } = await running('hydrated')
    const warn = vi.spyOn(console, 'warn')
    const target = document.createElement('div')
    target.innerHTML = rendered
    const main = target.querySelector('main')
    const seen: string[] = []
    const page = hydrate(Hydrated, { target, props: { options, seen } })
    flushSync()
    expect(shown(target)).toBe(whole)
    expect(target.querySelector('main')).toBe(main)
    expect(seen).toEqual(['idle', 'streaming'])
    expect(warn.mock.calls).toEqual([])
    expect(transport.attempts).toHaveLength(1)
    await unmount(page)
    warn.mockRestore()
  })

  it('shows what there is from the beginning once the page is mounted', async () => {
    const { options } = await running('mounted')
    const target = document.createElement('div')
    const seen: string[] = []
    const page = mount(Hydrated, { target, props: { options, seen } })
    flushSync()
    expect(shown(target)).toBe(whole)
    expect(seen).toEqual(['streaming'])
    await unmount(page)
  })
})
