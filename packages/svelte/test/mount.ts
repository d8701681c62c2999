import type { BindingHarness, BindingOptions, BindingView } from '@keepstream/testing/contracts'
import { flushSync, mount, unmount } from 'svelte'
import { VERSION } from 'svelte/compiler'
import { writable } from 'svelte/store'
import GetterAnswer from './GetterAnswer.svelte'
import Page from './Page.svelte'
import StoreAnswer from './StoreAnswer.svelte'

const createHarness = (dialect: string, Answer: unknown): BindingHarness => ({
  name: `Svelte ${VERSION}, ${dialect}`,
  mount(components) {
    const element = document.createElement('main')
    document.body.append(element)
    const views: BindingView[][] = components.map(() => [])
    const report = (component: number, view: BindingView) => {
      views[component]?.push(view)
    }
    const given = writable<readonly BindingOptions[]>(components)
    const page = mount(Page, { target: element, props: { Answer, components: given, report } })
    flushSync()
    return {
      element,
      views,
      update(...next) {
        given.set(next)
        flushSync()
      },
      async unmount() {
        await unmount(page)
        element.remove()
      },
    }
  },
})

export const harnesses = [createHarness('with runes', GetterAnswer), createHarness('as a store', StoreAnswer)]
