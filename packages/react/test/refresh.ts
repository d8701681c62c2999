// React looks for the hook of the runtime when it is loaded: this file is imported before it is.
import runtime from 'react-refresh/runtime'

runtime.injectIntoGlobalHook(globalThis)

let files = 0

/** A file with one component, each `save` of which is what a bundler's plugin makes of it. */
export function createFile() {
  const id = `answer-${++files}.tsx`
  return {
    /** `hooks`: those that the component calls, in order, by which React judges whether it can keep its state. */
    save<T extends object>(component: T, hooks: string): T {
      runtime.register(component, id)
      runtime.setSignature(component, hooks)
      runtime.performReactRefresh()
      return component
    },
  }
}
