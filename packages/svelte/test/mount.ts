import type { BindingHarness, BindingHarnesses } from '@keepstream/testing/contracts'
import { render } from '@testing-library/svelte'
import { VERSION } from 'svelte/compiler'
import GetterAnswer from './GetterAnswer.svelte'
import Page from './Page.svelte'
import StoreAnswer from './StoreAnswer.svelte'
import { chat, compare, type Shows, stream, task } from './shows'

type Harness = <TOptions, TView>(shows: Shows<TOptions, TView>) => BindingHarness<TOptions, TView>

const inDialect =
  (dialect: string, Answer: unknown): Harness =>
  <TOptions, TView>(shows: Shows<TOptions, TView>) => ({
    name: `Svelte ${VERSION}, ${dialect}`,
    mount(components, { defaults = [] } = {}) {
      const views: TView[][] = components.map(() => [])
      const report = (component: number, view: TView) => void views[component]?.push(view)
      const props = { Answer, shows, components, defaults, report }
      const { container, rerender, unmount } = render(Page, { props: props as never })
      return {
        element: container,
        views,
        update: (...components) => rerender({ components } as never),
        provide: (...defaults) => rerender({ defaults } as never),
        unmount,
      }
    },
  })

const harnessesOf = (harness: Harness): BindingHarnesses => ({
  stream: harness(stream),
  chat: harness(chat),
  task: harness(task),
  compare: harness(compare),
})

/** One for each way to read what a function returns. */
export const dialects: readonly BindingHarnesses[] = [
  harnessesOf(inDialect('with runes', GetterAnswer)),
  harnessesOf(inDialect('as a store', StoreAnswer)),
]
