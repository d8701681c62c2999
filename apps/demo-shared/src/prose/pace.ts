/** Shows what changes, one state after another. */
export interface Pace<TState> {
  /** Shows it, or once the pause after the last one is over: then the latest, and not those before it. */
  readonly next: (state: TState) => void
  /** Shows it in any case, and nothing that waits. */
  readonly atOnce: (state: TState) => void
  /** Lets go of what waits. */
  readonly end: () => void
}

/** `show` says for how many milliseconds nothing else is to be shown after it; at 0 there is no pause. */
export function createPace<TState extends object>(show: (state: TState) => number): Pace<TState> {
  let waiting: TState | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function go(state: TState): void {
    const pause = show(state)
    if (pause > 0) timer = setTimeout(over, pause)
  }

  function over(): void {
    const state = waiting
    timer = waiting = undefined
    if (state) go(state)
  }

  function end(): void {
    clearTimeout(timer)
    timer = waiting = undefined
  }

  return {
    next(state) {
      if (timer === undefined) go(state)
      else waiting = state
    },
    atOnce(state) {
      end()
      go(state)
    },
    end,
  }
}
