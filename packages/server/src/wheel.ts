/** Timers of which there may be one for every connection: to set one, or to call it off, moves nothing else. */
export interface Wheel {
  /** Milliseconds as of the last tick: what a write may ask for the time, many thousand times a second. */
  readonly time: number
  /**
   * Calls `task` after `delay` milliseconds, two ticks later at most; where it returns a number, again after so many more.
   * Returns what calls it off.
   */
  readonly after: (delay: number, task: Alarm['ring']) => Alarm
  /** The same for an alarm that exists: what a connection is can be its own alarm, and weighs less. */
  readonly set: (alarm: Alarm, delay: number) => void
  readonly callOff: (alarm: Alarm) => void
  /** Forgets all of them. */
  readonly stop: () => void
}

/** What rings at its time. `due` and `slot` are the wheel's to write: begin with 0 and `undefined`. */
export interface Alarm {
  /** Where it returns a number, it rings again after so many milliseconds. */
  readonly ring: () => number | undefined
  due: number
  /** Where it waits. Absent: it was called off, or never set. */
  slot: Set<Alarm> | undefined
}

export interface WheelOptions {
  /** How often to look, in milliseconds. */
  readonly tick: number
  readonly now: () => number
}

// Alarms further off than one turn stay where they are and are passed by: a minute of ticks of a second each.
const slots = 64
// Where an alarm is while it rings, so that it can be called off, or set, by what it does.
const ringing: Set<Alarm> = new Set()

/**
 * A hashed timing wheel (Varghese and Lauck, 1987): an alarm waits in the slot of its tick, so that a tick looks at one
 * slot and not at every alarm. It turns from the first alarm on, and never keeps the process alive.
 */
export function createWheel({ tick, now: clock }: WheelOptions): Wheel {
  // Whole milliseconds are kept in place; a fraction is an object, and everybody who notes a time would have one.
  const now = () => Math.floor(clock())
  const wheel = Array.from({ length: slots }, () => new Set<Alarm>())
  let time = now()
  let timer: ReturnType<typeof setInterval> | undefined

  const slotOf = (moment: number) => Math.floor(moment / tick)

  function place(alarm: Alarm, due: number): void {
    alarm.slot = undefined
    // For ever.
    if (!Number.isFinite(due)) return
    alarm.due = due
    // The tick that follows: the one before comes too early, and the slot that was just looked at is not looked at soon.
    alarm.slot = wheel[(slotOf(Math.max(due, time)) + 1) % slots]!
    alarm.slot.add(alarm)
  }

  function turn(): void {
    const before = slotOf(time)
    time = now()
    const passed = Math.min(slotOf(time) - before, slots)
    for (let index = 1; index <= passed; index++) ring(wheel[(before + index) % slots]!)
  }

  function ring(slot: Set<Alarm>): void {
    for (const alarm of [...slot]) {
      // Called off or set anew by one before it, or due in a later turn.
      if (alarm.slot !== slot || alarm.due > time) continue
      slot.delete(alarm)
      alarm.slot = ringing
      const again = alarm.ring()
      if (alarm.slot === ringing) place(alarm, again === undefined ? Number.POSITIVE_INFINITY : time + again)
    }
  }

  function set(alarm: Alarm, delay: number): void {
    if (timer === undefined) {
      time = now()
      timer = setInterval(turn, tick)
      // Only Node, Bun and Deno know unref; elsewhere nothing is kept alive by a timer.
      ;(timer as { unref?: () => void }).unref?.()
    }
    alarm.slot?.delete(alarm)
    place(alarm, now() + Math.ceil(delay))
  }

  return {
    get time() {
      return time
    },
    after(delay, ring) {
      const alarm: Alarm = { ring, due: 0, slot: undefined }
      set(alarm, delay)
      return alarm
    },
    set,
    callOff(alarm) {
      alarm.slot?.delete(alarm)
      alarm.slot = undefined
    },
    stop() {
      clearInterval(timer)
      timer = undefined
      for (const slot of wheel) slot.clear()
    },
  }
}
