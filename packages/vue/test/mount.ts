import type { BindingHarness, BindingOptions, BindingView } from '@keepstream/testing/contracts'
import { createApp, h, nextTick, shallowRef, version } from 'vue'
import { Page, type Report } from './page'

export const harness: BindingHarness = {
  name: `Vue ${version}`,
  mount(components) {
    const element = document.createElement('main')
    document.body.append(element)
    const views: BindingView[][] = components.map(() => [])
    const report: Report = (component, view) => {
      views[component]?.push(view)
    }
    const given = shallowRef<readonly BindingOptions[]>(components)
    const app = createApp(() => h(Page, { components: given.value, report }))
    app.mount(element)
    return {
      element,
      views,
      async update(...next) {
        given.value = next
        await nextTick()
      },
      unmount() {
        app.unmount()
        element.remove()
      },
    }
  },
}
