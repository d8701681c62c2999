/**
 * Numbers from 0 up to 1 that depend on the seed alone (mulberry32, T. Ettinger, public domain), so that a test which
 * fails can be run again as it was: `SEED=… npm run test:e2e`.
 */
export function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
