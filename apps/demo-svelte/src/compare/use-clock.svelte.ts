import { clock } from 'demo-shared/compare/clock'

/** The time of `performance.now()`, ten times a second while `ticking`. */
export function useClock(ticking: () => boolean): () => number {
  let now = $state.raw(clock.get())
  $effect(() => {
    if (!ticking()) return
    return clock.subscribe(() => {
      now = clock.get()
    })
  })
  return () => now
}
