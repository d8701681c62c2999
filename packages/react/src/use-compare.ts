import { isActive, withDefaults } from '@keepstream/core'
import { type Compared, type CompareOptions, type Comparison, createCompare } from '@keepstream/core/compare'
import { useMemo, useState } from 'react'
import { useDefaults } from './defaults'
import { shown, useCommitEffect, useSource } from './source'

/** What `createCompare` takes. The object may be made anew for each render: that never restarts anything. */
export type UseCompareOptions = CompareOptions

/** The answers and what a person can do. The same object until something changes; the functions are those of the comparison. */
export interface UseCompareReturn extends Pick<Comparison, 'start' | 'stop' | 'reset'> {
  /** By model, in the order of the options. */
  readonly answers: readonly Compared[]
  /** Whether an answer is under way. */
  readonly busy: boolean
}

/**
 * Shows what several models answer to one prompt. A server render connects nothing; an unmount does not stop the answers.
 *
 * A model that is no longer named is detached from and goes; the others keep their answers. Every other option counts from
 * the next start. Throws a `StreamError` with the code `option` where an option is wrong.
 */
export function useCompare(options: UseCompareOptions): UseCompareReturn {
  const defaults = useDefaults()
  const given = withDefaults(options, defaults)
  const [comparison] = useState(() => createCompare(given))
  // Not in the render, which may be thrown away.
  useCommitEffect(() => comparison.update(given))
  const source = useMemo(() => {
    const { start, stop, reset } = comparison
    return shown(comparison, (answers) => ({ answers, busy: answers.some(isBusy), start, stop, reset }))
  }, [comparison])
  return useSource(source)
}

const isBusy = ({ snapshot }: Compared) => isActive(snapshot.status)
