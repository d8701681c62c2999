import type { HubEvent } from './hub-options'

type Observer = (event: HubEvent) => void

/** Whoever is told of what happens in a hub: the `onEvent` hook, a log, numbers. */
export interface Observers {
  readonly tell: Observer
  /** Returns a function that forgets the listener. */
  readonly observe: (listener: Observer) => () => void
}

/** `onFailure`: an observer threw, at once or later, when it was told of the event. The others are told all the same. */
export function createObservers(onFailure: (event: HubEvent) => void): Observers {
  const observers = new Set<Observer>()
  return {
    tell(event) {
      for (const observer of observers) {
        try {
          const told: unknown = observer(event)
          if (told instanceof Promise) told.catch(() => onFailure(event))
        } catch {
          onFailure(event)
        }
      }
    },
    observe(listener) {
      const observer = (event: HubEvent) => listener(event) // One entry per call, so that the same listener may observe twice.
      observers.add(observer)
      return () => observers.delete(observer)
    },
  }
}
