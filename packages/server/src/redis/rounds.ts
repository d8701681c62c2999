import { startDeadline } from '../deadline'

/** Something that is done again and again, never twice at once. */
export interface Rounds {
  readonly start: () => void
  readonly stop: () => void
}

/**
 * Runs `task` every `interval` milliseconds once started, however long Redis takes for it. Never keeps the process
 * alive.
 */
export function createRounds(interval: number, task: () => Promise<void>): Rounds {
  let callOff: (() => void) | undefined

  function start(): void {
    callOff ??= startDeadline(interval, run)
  }

  async function run(): Promise<void> {
    const mine = callOff
    try {
      await task()
    } finally {
      if (callOff === mine) {
        callOff = undefined
        start()
      }
    }
  }

  return {
    start,
    stop() {
      callOff?.()
      // Of a round that is under way, nothing follows.
      callOff = () => undefined
    },
  }
}
