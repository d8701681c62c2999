import type { BindingHarness, BindingOptions, BindingView } from '@keepstream/testing/contracts'
import { render } from '@testing-library/react'
import { version } from 'react'
import { beforeAll } from 'vitest'
import { Page, type Report } from './page'

// The library turns the `act` environment on for a whole file. Off, React schedules what a stream brings as in a browser,
// and so the suite counts real commits; `render` and `rerender` still run in an `act` of their own.
beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
})

export const harness: BindingHarness = {
  name: `React ${version}`,
  mount(components, { strict = false } = {}) {
    const views: BindingView[][] = components.map(() => [])
    const report: Report = (component, view) => {
      views[component]?.push(view)
    }
    const page = (given: readonly BindingOptions[]) => <Page components={given} report={report} />
    const { container, rerender, unmount } = render(page(components), { reactStrictMode: strict })
    return { element: container, views, update: (...given) => rerender(page(given)), unmount }
  },
}
