import type { BindingHarness, BindingOptions, BindingView } from '@keepstream/testing/contracts'
import { StrictMode, version } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { Page, type Report } from './page'

/** Mounts the page without `act`: React schedules its work as in a browser. */
export const harness: BindingHarness = {
  name: `React ${version}`,
  mount(components, { strict = false } = {}) {
    const element = document.createElement('main')
    document.body.append(element)
    const root = createRoot(element)
    const views: BindingView[][] = components.map(() => [])
    const report: Report = (component, view) => {
      views[component]?.push(view)
    }
    const render = (given: readonly BindingOptions[]) => {
      const page = <Page components={given} report={report} />
      flushSync(() => root.render(strict ? <StrictMode>{page}</StrictMode> : page))
    }
    render(components)
    return {
      element,
      views,
      update: (...given) => render(given),
      unmount() {
        root.unmount()
        element.remove()
      },
    }
  },
}
