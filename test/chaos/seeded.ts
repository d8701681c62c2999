/** Numbers that a seed decides, so that whatever a run did can be done again. */
export interface Seeded {
  /** From 0 up to 1. */
  readonly number: () => number
  /** A whole number, both ends included. */
  readonly between: (least: number, most: number) => number
  readonly pick: <T>(from: readonly T[]) => T
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, which is enough to choose among faults. */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0
  function number(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(number() * (most - least + 1))
  return { number, between, pick: (from) => from[between(0, from.length - 1)]! }
}
