import { startDeadline } from '../deadline'
import { oncePerTurn } from '../turn'

/** When streams write what has gathered. All that wait go in the same turn, so that their commands share a packet. */
export interface GroupCommit {
  /** At the end of this turn of the event loop. */
  readonly soon: (flush: () => void) => void
  /** Within the interval, together with others. */
  readonly later: (flush: () => void) => void
  readonly stop: () => void
}

/** `interval`: in milliseconds. One timer for all streams. */
export function createGroupCommit(interval: number): GroupCommit {
  const urgent = new Set<() => void>()
  const patient = new Set<() => void>()
  let callOff: (() => void) | undefined

  function drain(flushes: Set<() => void>): void {
    const due = [...flushes]
    flushes.clear()
    for (const flush of due) flush()
  }

  const atOnce = oncePerTurn(() => drain(urgent))

  function soon(flush: () => void): void {
    patient.delete(flush)
    urgent.add(flush)
    atOnce()
  }

  return {
    soon,
    later(flush) {
      if (interval === 0) return soon(flush)
      patient.add(flush)
      callOff ??= startDeadline(interval, () => {
        callOff = undefined
        drain(patient)
      })
    },
    stop() {
      callOff?.()
      callOff = undefined
    },
  }
}
