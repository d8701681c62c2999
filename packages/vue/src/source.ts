import type { Source } from '@keepstream/core'
import {
  computed,
  customRef,
  type EffectScope,
  getCurrentInstance,
  getCurrentScope,
  hasInjectionContext,
  inject,
  onActivated,
  onDeactivated,
  type Ref,
  shallowRef,
  ssrContextKey,
  triggerRef,
  watchPostEffect,
} from 'vue'

/**
 * Keeps what `hold` returns, which decides whether it is still the same. `latest` asks it once more, for an action: a getter
 * may read what is not reactive.
 */
export function useHeld<THeld>(hold: (before?: THeld) => THeld): { held: () => THeld; latest: () => THeld } {
  const asked = shallowRef()
  const held = computed<THeld>((before) => {
    void asked.value
    return hold(before)
  })
  // What was hidden for long may be another one by now.
  whenActivated(() => triggerRef(asked))
  void held.value // Wrong options throw here, and not in the first render.
  return {
    held: () => held.value,
    latest() {
      triggerRef(asked)
      return held.value
    },
  }
}

/** What the source has, never made reactive in depth. Watched for as long as the effect scope lives and is not deactivated. */
export function useSource<T>(source: () => Source<T>): Readonly<Ref<T>> {
  const instance = getCurrentInstance()
  const active = shallowRef(true)
  whenActivated(
    () => {
      active.value = true
    },
    () => {
      active.value = false
    },
  )
  // What a server renders and what hydrates it are the same, whatever this page knows already. A component that hydrates
  // has its element before it is rendered.
  let initial = !!instance?.vnode.el || (hasInjectionContext() && !!inject(ssrContextKey, undefined))
  return customRef<T>((track, trigger) => {
    // A post-flush effect does not run on a server.
    watchPostEffect((onCleanup) => {
      if (!active.value) return
      onCleanup(source().subscribe(trigger))
      initial = false
      trigger() // Something may have happened between the render and this effect.
    })
    return {
      get() {
        track()
        return initial ? source().getInitial() : source().get()
      },
      set() {},
    }
  })
}

/** Calls them as `<KeepAlive>` shows and hides the component whose `setup` runs. */
function whenActivated(shown: () => void, hidden?: () => void): void {
  const instance = getCurrentInstance()
  // A store that a component happens to create first is not deactivated with it.
  if (!instance || scopeOf(instance) !== getCurrentScope()) return
  onActivated(shown)
  if (hidden) onDeactivated(hidden)
}

// Vue does not document it, but keeps it: what a component creates in its `setup` ends with this scope.
const scopeOf = (instance: object) => (instance as { readonly scope?: EffectScope }).scope
