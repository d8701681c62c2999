import { useSyncExternalStore } from 'react'

/** Whatever has a value and tells when it changes. */
export interface Source<T> {
  readonly get: () => T
  readonly subscribe: (listener: () => void) => () => void
}

export const useSource = <T>(source: Source<T>): T => useSyncExternalStore(source.subscribe, source.get)
