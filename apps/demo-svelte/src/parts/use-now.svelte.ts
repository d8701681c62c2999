/** The time of `Date.now()`, four times a second while `ticking`. */
export function useNow(ticking: () => boolean): () => number {
  let now = $state.raw(Date.now())
  $effect(() => {
    if (!ticking()) return
    now = Date.now()
    const timer = setInterval(() => {
      now = Date.now()
    }, 250)
    return () => clearInterval(timer)
  })
  return () => now
}
