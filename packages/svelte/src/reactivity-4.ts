import type { Readable } from 'svelte/store'

/** Begins to watch; returns how to leave. */
type Start = (invalidate: () => void) => () => void

/** A subscriber of a store, while the value of the store is made for it. */
interface Reader {
  readonly read: (start: Start) => void
}

let reader: Reader | undefined

/** As in Svelte 5, for stores: whatever reads within `toStore` is told by `start` that its value is no longer true. */
export const createSubscriber = (start: Start) => () => reader?.read(start)

/** As in Svelte 5, for stores: a readable one of what `get` returns. Without a window, as on a server, it never changes. */
export function toStore<T>(get: () => T): Readable<T> {
  get() // What is wrong throws here, and not in the first render.
  return {
    subscribe(run) {
      const watched = new Map<Start, () => void>()
      let used = new Set<Start>()
      const own: Reader = {
        read(start) {
          used.add(start)
          if (!watched.has(start) && typeof window === 'object') watched.set(start, start(show))
        },
      }

      function show(): void {
        const outer = reader
        reader = own
        used = new Set()
        let value: T
        try {
          value = get()
        } finally {
          reader = outer
        }
        for (const start of [...watched.keys()]) if (!used.has(start)) leave(start)
        run(value)
      }

      function leave(start: Start): void {
        watched.get(start)?.()
        watched.delete(start)
      }

      show()
      return () => [...watched.keys()].forEach(leave)
    },
  }
}

/** Whatever a store is made of, is read for it. */
export const untrack = <T>(read: () => T): T => read()
