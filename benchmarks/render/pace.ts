import { setTimeout } from 'node:timers/promises'
import { word } from './words'

/** When each token was handed to whatever writes it, in milliseconds of `performance.now`, by the name of the run. */
export const written = new Map<string, Float64Array>()

export interface Said {
  readonly run: string
  readonly count: number
  readonly pace: number
}

/**
 * Says the tokens of an answer, `pace` a second or as fast as `say` takes them. By the clock: after a delay those that
 * are due come at once, so that every answer takes as long as it should.
 */
export async function sayTokens(
  { run, count, pace }: Said,
  say: (token: string, index: number) => unknown,
): Promise<void> {
  const times = new Float64Array(count)
  written.set(run, times)
  const began = performance.now()
  for (let index = 0; index < count; index++) {
    const due = pace > 0 ? began + (index * 1000) / pace : 0
    while (performance.now() < due) await setTimeout(Math.max(1, Math.floor(due - performance.now())))
    times[index] = performance.now()
    await say(word(index), index)
  }
}
