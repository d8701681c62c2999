import type { Wake, WakeEvent } from '../src/session/wake'

/** A page that goes away and comes back as a test says. */
export interface ScriptedWake extends Wake {
  readonly tell: (event: WakeEvent) => void
  readonly go: (away: ReturnType<Wake['away']>) => void
  /** How many watch. */
  readonly watching: () => number
}

export function scriptedWake(): ScriptedWake {
  const listeners = new Set<(event: WakeEvent) => void>()
  let away: ReturnType<Wake['away']>
  return {
    away: () => away,
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell(event) {
      for (const listener of [...listeners]) listener(event)
    },
    go(next) {
      away = next
    },
    watching: () => listeners.size,
  }
}
