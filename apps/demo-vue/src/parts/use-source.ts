import { customRef, onScopeDispose, type Ref } from 'vue'

/** Whatever has a value and tells when it changes. */
export interface Source<T> {
  readonly get: () => T
  readonly subscribe: (listener: () => void) => () => void
}

export function useSource<T>(source: Source<T>): Readonly<Ref<T>> {
  return customRef((track, trigger) => {
    onScopeDispose(source.subscribe(trigger))
    return {
      get() {
        track()
        return source.get()
      },
      set() {},
    }
  })
}
