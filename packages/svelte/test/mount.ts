import type { BindingHarness, BindingView } from '@keepstream/testing/contracts'
import { render } from '@testing-library/svelte'
import { VERSION } from 'svelte/compiler'
import GetterAnswer from './GetterAnswer.svelte'
import Page from './Page.svelte'
import StoreAnswer from './StoreAnswer.svelte'

const createHarness = (dialect: string, Answer: unknown): BindingHarness => ({
  name: `Svelte ${VERSION}, ${dialect}`,
  mount(components) {
    const views: BindingView[][] = components.map(() => [])
    const report = (component: number, view: BindingView) => {
      views[component]?.push(view)
    }
    const { container, rerender, unmount } = render(Page, { props: { Answer, components, report } })
    return { element: container, views, update: (...given) => rerender({ components: given }), unmount }
  },
})

export const harnesses = [createHarness('with runes', GetterAnswer), createHarness('as a store', StoreAnswer)]
