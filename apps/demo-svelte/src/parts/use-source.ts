import { createSubscriber } from 'svelte/reactivity'

/** Whatever has a value and tells when it changes. */
export interface Source<T> {
  readonly get: () => T
  readonly subscribe: (listener: () => void) => () => void
}

/** Reads the value, and is read anew when it changes. */
export function useSource<T>(source: Source<T>): () => T {
  const track = createSubscriber((invalidate) => source.subscribe(invalidate))
  return () => {
    track()
    return source.get()
  }
}
