import { keepstream, registry } from '@keepstream/core'
import { onTestFinished, vi } from 'vitest'
import type { ScriptedTransport } from '../scripted-transport'
import type {
  BindingHarness,
  BindingOptions,
  BindingView,
  ChatBindingOptions,
  CompareBindingOptions,
  MountedPage,
  MountSettings,
  TaskBindingOptions,
} from './binding-harness'

/** A page for one test, with what its person sees. All its streams are gone when the test is over. */
export interface OpenPage<TOptions = BindingOptions, TView = BindingView> extends MountedPage<TOptions, TView> {
  /** The text of each component, as it is on the page. */
  readonly shown: () => readonly (string | null)[]
  /** What a component was given last. */
  readonly view: (component?: number) => TView
}

export async function openPage<TOptions, TView>(
  { mount }: BindingHarness<TOptions, TView>,
  components: readonly TOptions[],
  settings?: MountSettings,
): Promise<OpenPage<TOptions, TView>> {
  const page = await mount(components, settings)
  onTestFinished(() => registry.clear())
  return {
    ...page,
    shown: () => [...page.element.querySelectorAll('output')].map((output) => output.textContent),
    view(component = 0) {
      const view = page.views[component]?.at(-1)
      if (view === undefined) throw new Error(`The component ${component} has reported no view.`)
      return view
    },
  }
}

/** Comes back at once after a failure. */
const quick = { retry: { baseDelay: 0, maxDelay: 0 } }

/** Options for a Keepstream server behind `transport`. */
export const over = (transport: ScriptedTransport, options: Partial<BindingOptions> = {}): BindingOptions => ({
  protocol: keepstream(),
  transport,
  ...quick,
  ...options,
})

export const chatOver = (transport: ScriptedTransport, options: ChatBindingOptions = {}): ChatBindingOptions => ({
  transport,
  ...quick,
  ...options,
})

export const taskOver = (transport: ScriptedTransport, options: TaskBindingOptions = {}): TaskBindingOptions => ({
  transport,
  ...quick,
  ...options,
})

export const compareOver = (transport: ScriptedTransport, options: CompareBindingOptions): CompareBindingOptions => ({
  transport,
  ...quick,
  ...options,
})

let keys = 0

export const freshKey = () => `contract-${++keys}`

/** Tries until nothing is thrown, for at most 15 s: a loaded machine is slow. */
export const eventually = (assertion: () => void): Promise<void> =>
  vi.waitFor(assertion, { interval: 5, timeout: 15_000 })
