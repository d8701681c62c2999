import type { BindingHarness, BindingHarnesses } from '@keepstream/testing/contracts'
import { render } from '@testing-library/react'
import { version } from 'react'
import { beforeAll } from 'vitest'
import { chat, compare, Page, type Shows, stream, task } from './page'

// The library turns the `act` environment on for a whole file. Off, React schedules what a stream brings as in a browser,
// and so the suite counts real commits; `render` and `rerender` still run in an `act` of their own.
beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
})

const harness = <TOptions, TView>(shows: Shows<TOptions, TView>): BindingHarness<TOptions, TView> => ({
  name: `React ${version}`,
  mount(components, { strict = false, defaults = [] } = {}) {
    const views: TView[][] = components.map(() => [])
    const report = (component: number, view: TView) => void views[component]?.push(view)
    let given = { components, defaults }
    const page = () => <Page shows={shows} {...given} report={report} />
    const { container, rerender, unmount } = render(page(), { reactStrictMode: strict })
    const again = (changed: Partial<typeof given>) => {
      given = { ...given, ...changed }
      rerender(page())
    }
    return {
      element: container,
      views,
      update: (...components) => again({ components }),
      provide: (...defaults) => again({ defaults }),
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
