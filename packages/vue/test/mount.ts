import type { BindingHarness, BindingOptions, BindingView } from '@keepstream/testing/contracts'
import { render } from '@testing-library/vue'
import { markRaw, version } from 'vue'
import { Page, type Report } from './page'

// The library makes props deeply reactive, which the options of a page are not.
const raw = (components: readonly BindingOptions[]) => markRaw([...components])

export const harness: BindingHarness = {
  name: `Vue ${version}`,
  mount(components) {
    const views: BindingView[][] = components.map(() => [])
    const report: Report = (component, view) => {
      views[component]?.push(view)
    }
    const { container, rerender, unmount } = render(Page, { props: { components: raw(components), report } })
    return {
      element: container as HTMLElement,
      views,
      update: (...given) => rerender({ components: raw(given) }),
      unmount,
    }
  },
}
