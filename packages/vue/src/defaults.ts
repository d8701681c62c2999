import { type Registry, readDefaults, type StreamDefaults, StreamError, withDefaults } from '@keepstream/core'
import {
  type ComputedRef,
  computed,
  getCurrentInstance,
  hasInjectionContext,
  type InjectionKey,
  inject,
  type MaybeRefOrGetter,
  type Plugin,
  provide,
  toRaw,
  toValue,
} from 'vue'

const Defaults: InjectionKey<ComputedRef<StreamDefaults>> = Symbol('the defaults of Keepstream')

/**
 * Gives options once for all streams of an application, as `app.use(KeepstreamPlugin, defaults)`: each composable's own count
 * over them. They count from the next start. Throws a `StreamError` with the code `option` for one that there is not.
 */
export const KeepstreamPlugin: Plugin<[defaults: MaybeRefOrGetter<StreamDefaults>]> = {
  install: (app, defaults) => app.provide(Defaults, layer(defaults)),
}

/**
 * Gives options once for all streams below this component: each composable's own count over them, and those of an inner
 * component over those of an outer one. They count from the next start. To be called in `setup`.
 * Throws a `StreamError` with the code `option` for one that there is not.
 */
export function provideKeepstream(defaults: MaybeRefOrGetter<StreamDefaults>): void {
  if (!getCurrentInstance()) {
    const remedy = 'Call it in the `setup` of a component, before any `await`, or use `KeepstreamPlugin`.'
    throw new StreamError('option', `There is no component that \`provideKeepstream\` could provide for. ${remedy}`)
  }
  provide(Defaults, layer(defaults, inject(Defaults, undefined)))
}

function layer(
  defaults: MaybeRefOrGetter<StreamDefaults>,
  around?: ComputedRef<StreamDefaults>,
): ComputedRef<StreamDefaults> {
  const layered = computed(() => readDefaults(plain(toValue(defaults)), around?.value))
  void layered.value // Wrong defaults throw here, and not in a component that has none of its own.
  return layered
}

/** What the options of a composable are now, over the defaults around it, and where its streams with a key live. */
export function useOptions<TOptions extends object>(
  options: MaybeRefOrGetter<TOptions>,
): () => { readonly given: TOptions; readonly registry: Registry | undefined } {
  const around = hasInjectionContext() ? inject(Defaults, undefined) : undefined
  return () => {
    const defaults = around?.value
    return { given: withDefaults(plain(toValue(options) ?? {}), defaults), registry: defaults?.registry }
  }
}

/**
 * A copy, so that a change within a reactive object counts, and a stream that is left keeps the options it had. What the
 * options hold is taken out of its proxies: a protocol or a conversation behind them would be slow, and not the same object.
 */
export function plain<T extends object>(options: T): T {
  return options && (Object.fromEntries(Object.entries(options).map(([name, value]) => [name, toRaw(value)])) as T)
}
