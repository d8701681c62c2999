export interface TurnRequest {
  /** Ends the wait, and also the turn itself where nobody has given it back. */
  readonly signal: AbortSignal
  /** Whoever has more goes first. Default 0. */
  readonly priority?: number
  /** Told its place in the line, from 1, whenever that changes, and `undefined` when its turn has come. Must not throw. */
  readonly waits?: ((position: number | undefined) => void) | undefined
}

/** A line to wait in, for as many as may go at once. */
export interface Turns {
  /**
   * Resolves with what gives the turn back, which does so once however often it is called. First come first served among
   * equals; those of a lower priority wait for as long as higher ones keep coming. Rejects with the signal's reason.
   */
  readonly take: (request: TurnRequest) => Promise<() => void>
  /** Looks at the limit again. Whoever changes it calls this; to lower it takes no turn back. */
  readonly poke: () => void
  readonly count: () => { readonly running: number; readonly queued: number }
}

/** `changed` is called after every change of the line, and of how many go; it must not throw. */
export function createTurns(limit: () => number, changed?: () => void): Turns {
  // A turn is told its place, or nothing: go.
  const line: { readonly priority: number; readonly tell: (position?: number) => void }[] = []
  let running = 0

  // Whoever is told something may come or leave in that very call: every step looks at the line as it then is.
  function poke(): void {
    while (line[0] && running < limit()) {
      running++
      line.shift()!.tell()
    }
    line.forEach((turn, index) => void turn.tell(index + 1))
    changed?.()
  }

  return {
    take: ({ signal, waits, priority = 0 }) =>
      new Promise((resolve, reject) => {
        let place: number | undefined
        let over = false
        const turn = {
          priority,
          tell(position?: number) {
            if (!position) resolve(leave)
            if (place === position) return
            place = position
            waits?.(position)
          },
        }
        const leave = () => {
          if (over) return
          over = true
          signal.removeEventListener('abort', leave)
          const index = line.indexOf(turn)
          if (index < 0) running--
          else line.splice(index, 1)
          reject(signal.reason) // Of no effect where the turn had come.
          poke()
        }
        signal.throwIfAborted() // Which rejects.
        signal.addEventListener('abort', leave)
        line.splice(line.filter((other) => other.priority >= priority).length, 0, turn)
        poke()
      }),
    poke,
    count: () => ({ running, queued: line.length }),
  }
}
