import { startDeadline } from '../deadline'

/** Something of which only the latest state matters. */
export interface Paced {
  /** Writes it as it is now. */
  readonly write: () => void | Promise<void>
}

/** Writes states one after the other, and never faster than its interval. */
export interface Pace {
  /** Its state has changed: it is written now or when its turn comes. A promise where the log asks for time. */
  readonly offer: (paced: Paced) => void | Promise<void>
  /** Writes what is waiting now: of one, or of all. */
  readonly flush: (paced?: Paced) => void
}

export interface PaceOptions {
  /** The least time between two entries, in milliseconds. It grows to a thousandth of the time so far. */
  readonly interval: number
  readonly now: () => number
}

/**
 * A million calls become a few entries. As the interval grows with the time that has passed, twice the time adds some 700
 * entries and not twice as many: no job is so long that its progress would fill its log.
 */
export function createPace({ interval, now }: PaceOptions): Pace {
  const began = now()
  /** Whose turn it is comes first. */
  const waiting = new Set<Paced>()
  let due = began
  let busy: Promise<void> | undefined
  let callOff: (() => void) | undefined

  function write(paced: Paced): void | Promise<void> {
    waiting.delete(paced)
    const room = paced.write()
    if (!room) return undefined
    // Who waits for the log meanwhile changes its state and adds nothing to what waits.
    const settled = () => {
      if (busy === room) busy = undefined
      schedule()
    }
    busy = room
    room.then(settled, settled)
    return room
  }

  function next(): void | Promise<void> {
    const [paced] = waiting
    if (!paced) return undefined
    const time = now()
    due = time + Math.max(interval, (time - began) / 1000)
    return write(paced)
  }

  function schedule(): void {
    if (callOff || busy || waiting.size === 0) return
    callOff = startDeadline(Math.max(0, due - now()), () => {
      callOff = undefined
      try {
        next()
        schedule()
      } catch {
        // The stream is over, or ends with what was wrong: nothing is left to be written.
        waiting.clear()
      }
    })
  }

  function rest(): void {
    if (waiting.size > 0) return
    callOff?.()
    callOff = undefined
  }

  return {
    offer(paced) {
      waiting.add(paced)
      if (busy) return busy
      // Also where a loop never lets a timer come.
      const room = now() >= due ? next() : undefined
      if (waiting.size > 0) schedule()
      else rest()
      return room
    },
    flush(paced) {
      const written = paced ? [paced].filter((one) => waiting.has(one)) : [...waiting]
      for (const one of written) void write(one)
      rest()
    },
  }
}
