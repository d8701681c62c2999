import type { BindingHarness, BindingHarnesses } from '@keepstream/testing/contracts'
import { render } from '@testing-library/vue'
import { markRaw, version } from 'vue'
import { chat, compare, Page, type Shows, stream, task } from './page'

// The library makes props deeply reactive, which the options of a page are not.
const raw = <T extends object>(given: readonly T[]) => markRaw(given.map((each) => markRaw({ ...each })))

const harness = <TOptions extends object, TView>(shows: Shows<TOptions, TView>): BindingHarness<TOptions, TView> => ({
  name: `Vue ${version}`,
  mount(components, { defaults = [] } = {}) {
    const views: TView[][] = components.map(() => [])
    const report = (component: number, view: TView) => void views[component]?.push(view)
    const props = { shows: markRaw(shows), components: raw(components), defaults: raw(defaults), report }
    const { container, rerender, unmount } = render(Page, { props: props as never })
    return {
      element: container as HTMLElement,
      views,
      update: (...components) => rerender({ components: raw(components) }),
      provide: (...defaults) => rerender({ defaults: raw(defaults) }),
      unmount,
    }
  },
})

export const harnesses: BindingHarnesses = {
  stream: harness(stream),
  chat: harness(chat),
  task: harness(task),
  compare: harness(compare),
}
