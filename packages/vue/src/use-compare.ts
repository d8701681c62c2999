import { isActive } from '@keepstream/core'
import { type Compared, type CompareOptions, type Comparison, createCompare } from '@keepstream/core/compare'
import { type ComputedRef, computed, type MaybeRefOrGetter, toValue, watchPostEffect } from 'vue'
import { plain, useOptions } from './defaults'
import { useSource } from './source'

/** What `createCompare` takes, or a ref or getter of it. What it reads may change: that never restarts anything. */
export type UseCompareOptions = MaybeRefOrGetter<CompareOptions>

/** The answers as refs, which may be destructured, and what a person can do. */
export interface UseCompareReturn extends Pick<Comparison, 'start' | 'stop' | 'reset'> {
  /** By model, in the order of the options. */
  readonly answers: ComputedRef<readonly Compared[]>
  /** Whether an answer is under way. */
  readonly busy: ComputedRef<boolean>
}

/**
 * Shows what several models answer to one prompt. A server render connects nothing; an unmount does not stop the answers.
 *
 * A model that is no longer named is detached from and goes; the others keep their answers. Every other option counts from
 * the next start. Throws a `StreamError` with the code `option` where an option is wrong.
 */
export function useCompare(options: UseCompareOptions): UseCompareReturn {
  const read = useOptions<CompareOptions>(() => {
    const given = toValue(options)
    return { ...given, models: listed(given?.models) }
  })
  const comparison = createCompare(read().given)
  // In an effect, for it may change what is shown.
  watchPostEffect(() => comparison.update(read().given))
  const answers = useSource(() => comparison)
  return {
    answers: computed(() => answers.value),
    busy: computed(() => answers.value.some(isBusy)),
    async start(input, models) {
      comparison.update(read().given)
      return comparison.start(input, models)
    },
    stop: (model) => comparison.stop(model),
    reset: () => comparison.reset(),
  }
}

const isBusy = ({ snapshot }: Compared) => isActive(snapshot.status)

/** The models as they are now: a name that is added to a reactive list or record counts. */
function listed(models: CompareOptions['models']): CompareOptions['models'] {
  if (typeof models !== 'object') return models
  if (Array.isArray(models)) return [...models]
  return Object.fromEntries(Object.entries(models).map(([name, own]) => [name, plain(own)]))
}
