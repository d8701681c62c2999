import type { Source } from '@keepstream/core'
import { firstRender } from './component'
import { createSubscriber } from './reactivity'

/** What a component shows at the moment. */
export interface Holder<THeld> {
  readonly get: () => THeld
  /** The same for an action: where it is another one, those who show it are told. */
  readonly latest: () => THeld
  /** Calls `listener` with what an action has found; returns how to leave. */
  readonly subscribe: (listener: (found: THeld) => void) => () => void
}

/**
 * Keeps what `hold` returns, which decides whether it is still the same. It reads options anew each time, for they may
 * depend on what is no rune, of which nobody hears before an action.
 */
export function useHeld<THeld>(hold: (before?: THeld) => THeld): Holder<THeld> {
  const listeners = new Set<(found: THeld) => void>()
  let held: THeld | undefined
  const get = () => {
    held = hold(held)
    return held
  }
  return {
    get,
    latest() {
      const found = get()
      for (const listener of [...listeners]) listener(found)
      return found
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/**
 * Reads what the source has, part by part: whatever reads a part runs again only when that part has changed, and the source
 * is watched for as long as anything does.
 */
export function useSource<THeld, T>(
  holder: Holder<THeld>,
  sourceOf: (held: THeld) => Source<T>,
): <TPart>(select: (value: T) => TPart) => () => TPart {
  const rendering = firstRender()
  return (select) => {
    let watched: Source<T> | undefined
    let track = () => {}
    return () => {
      const next = sourceOf(holder.get())
      const read = () => select(rendering.isOver() ? next.get() : next.getInitial())
      if (next !== watched) {
        watched = next
        // Subscribes while an effect reads, and does nothing on a server.
        track = createSubscriber((invalidate) => {
          let last = read()
          let tells = false
          const look = () => {
            const before = last
            last = read()
            if (tells && !Object.is(before, last)) invalidate()
          }
          const leave = next.subscribe(look)
          const leaveRender = rendering.settle(look)
          const leaveHolder = holder.subscribe((found) => {
            if (sourceOf(found) !== next) invalidate()
          })
          look() // To watch a stream may connect it. What it is then, whoever has come to read is about to see.
          tells = true
          return () => {
            leaveHolder()
            leaveRender()
            leave()
          }
        })
      }
      track()
      return read()
    }
  }
}
