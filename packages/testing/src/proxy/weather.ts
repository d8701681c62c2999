import { check, checkCount, checkNumber, checkWord } from '../option'

/** `down` is towards the client, `up` towards the target. */
export type Direction = 'down' | 'up' | 'both'

/** What holds back every byte that passes a proxy, in both directions where nothing else is said. Frozen; replaced on change. */
export interface Conditions {
  readonly blackhole: Direction | undefined
  /** Milliseconds that every byte takes, and by how much that varies either way. */
  readonly delay: number
  readonly jitter: number
  /** For each connection and direction. */
  readonly bytesPerSecond: number
  /** Whether every byte is sent by itself. */
  readonly trickle: boolean
  /** How many bytes of an answer are collected before any of them passes; 0 for none. */
  readonly buffer: number
  /** Whether chunks of an answer are delivered twice. */
  readonly duplicate: boolean
}

/** The current conditions, and whoever must act when they change. */
export interface Weather {
  readonly now: () => Conditions
  readonly change: (change: Partial<Conditions>) => void
  readonly clear: () => void
  /** Calls `listener` after each change, until the returned function is called. */
  readonly watch: (listener: () => void) => () => void
}

const fair: Conditions = Object.freeze({
  blackhole: undefined,
  delay: 0,
  jitter: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  trickle: false,
  buffer: 0,
  duplicate: false,
})

export function createWeather(): Weather {
  let conditions = fair
  const listeners = new Set<() => void>()
  const change = (change: Partial<Conditions>) => {
    conditions = Object.freeze({ ...conditions, ...change })
    for (const listener of [...listeners]) listener()
  }
  return {
    now: () => conditions,
    change: (wanted) => {
      checkConditions(wanted)
      change(wanted)
    },
    clear: () => change(fair),
    watch: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

// What a proxy holds for each connection and direction; beyond it the source is paused, and a larger buffer never full.
const largestBuffer = 131_072

function checkConditions(conditions: Partial<Conditions>): void {
  const { blackhole, delay, jitter, bytesPerSecond, trickle, buffer, duplicate } = conditions
  checkWord('direction', blackhole, ['down', 'up', 'both'])
  checkNumber('delay', delay, 'Give milliseconds, 0 or more.')
  checkNumber('jitter', jitter, 'Give milliseconds, 0 or more.')
  if (bytesPerSecond !== Number.POSITIVE_INFINITY) {
    checkCount('bytesPerSecond', bytesPerSecond, 'Give a whole number from 1, or Infinity.', 1)
  }
  check(trickle === undefined || typeof trickle === 'boolean', 'trickle', trickle, 'Give true or false.')
  const remedy = `Give a count of bytes up to ${largestBuffer}, 0 for none.`
  checkCount('buffer', buffer, remedy)
  check(buffer === undefined || buffer <= largestBuffer, 'buffer', buffer, remedy)
  check(duplicate === undefined || typeof duplicate === 'boolean', 'duplicate', duplicate, 'Give true or false.')
}
