import type { Source } from '@keepstream/core'
import { firstRender } from './component'
import { createSubscriber } from './reactivity'

/** Keeps what `hold` returns, which decides whether it is still the same. */
export function useHeld<THeld>(hold: (before?: THeld) => THeld): () => THeld {
  let held: THeld | undefined
  return () => {
    held = hold(held)
    return held
  }
}

/**
 * Reads what the source has, part by part: whatever reads a part runs again only when that part has changed, and the source
 * is watched for as long as anything does.
 */
export function useSource<T>(source: () => Source<T>): <TPart>(select: (value: T) => TPart) => () => TPart {
  const rendering = firstRender()
  return (select) => {
    let watched: Source<T> | undefined
    let track = () => {}
    return () => {
      const next = source()
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
          const settle = rendering.settle(look)
          look() // To watch a stream may connect it. What it is then, whoever has come to read is about to see.
          tells = true
          return () => {
            settle()
            leave()
          }
        })
      }
      track()
      return read()
    }
  }
}
