import { type Registry, readDefaults, type StreamDefaults, StreamError, withDefaults } from '@keepstream/core'
import { getContext, setContext } from 'svelte'
import { isInComponent } from './component'

const key = Symbol('the defaults of Keepstream')

/**
 * Gives options once for all streams of this component and below: each function's own count over them, and those of an
 * inner component over those of an outer one. They count from the next start. To be called while the component is created.
 * Throws a `StreamError` with the code `option` for one that there is not.
 */
export function provideKeepstream(defaults: StreamDefaults | (() => StreamDefaults)): void {
  if (!isInComponent()) {
    const remedy = 'Call it at the top of the script of a component, before any `await`.'
    throw new StreamError('option', `There is no component that \`provideKeepstream\` could provide for. ${remedy}`)
  }
  const around = getDefaults()
  const layer = () => readDefaults(typeof defaults === 'function' ? defaults() : defaults, around?.())
  layer() // Wrong defaults throw here, and not in a component that has none of its own.
  setContext(key, layer)
}

const getDefaults = () => (isInComponent() ? getContext<(() => StreamDefaults) | undefined>(key) : undefined)

/** What the options of a function are now, over the defaults around it, and where its streams with a key live. */
export function useOptions<TOptions extends object>(
  options: TOptions | (() => TOptions),
): () => { readonly given: TOptions; readonly registry: Registry | undefined } {
  const around = getDefaults()
  return () => {
    const defaults = around?.()
    const own = typeof options === 'function' ? (options as () => TOptions)() : options
    return { given: withDefaults(own ?? {}, defaults), registry: defaults?.registry }
  }
}
