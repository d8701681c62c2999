import { isActive } from '@keepstream/core'
import { type Compared, type CompareOptions, type Comparison, createCompare } from '@keepstream/core/compare'
import type { Readable } from 'svelte/store'
import { useOptions } from './defaults'
import { toStore, untrack } from './reactivity'
import { useHeld, useSource } from './source'

/** What `createCompare` takes, or a function of it, which may read runes: what they change never restarts anything. */
export type UseCompareOptions = CompareOptions | (() => CompareOptions)

interface Answers extends Pick<Comparison, 'start' | 'stop' | 'reset'> {
  /** By model, in the order of the options. */
  readonly answers: readonly Compared[]
  /** Whether an answer is under way. */
  readonly busy: boolean
}

/** The answers and what a person can do, twice: as getters, reactive wherever runes are, and as a readable store. */
export interface UseCompareReturn extends Answers, Readable<Answers> {}

/**
 * Shows what several models answer to one prompt, in whatever reads it: `comparison.answers` in a template, an effect or a
 * derived, or `$comparison.answers`. A server render connects nothing; an unmount does not stop the answers.
 *
 * A model that is no longer named is detached from and goes; the others keep their answers. Every other option counts from
 * the next start. Throws a `StreamError` with the code `option` where an option is wrong.
 */
export function useCompare(options: UseCompareOptions): UseCompareReturn {
  const read = useOptions(options)
  const held = useHeld<Comparison>((before) => {
    const { given } = read()
    if (!before) return createCompare(given)
    // It may change what is shown, and tell those who are reading just now.
    untrack(() => before.update(given))
    return before
  })
  const part = useSource(held, (comparison) => comparison)
  const answers = part((all) => all)
  const busy = part((all) => all.some(isBusy))
  const actions: Pick<Comparison, 'start' | 'stop' | 'reset'> = {
    start: async (input, models) => held.latest().start(input, models),
    stop: async (model) => held.latest().stop(model),
    reset: () => held.latest().reset(),
  }
  return {
    ...actions,
    get answers() {
      return answers()
    },
    get busy() {
      return busy()
    },
    subscribe: toStore(() => {
      const all = answers()
      return { ...actions, answers: all, busy: all.some(isBusy) }
    }).subscribe,
  }
}

const isBusy = ({ snapshot }: Compared) => isActive(snapshot.status)
