import type { Source } from '@keepstream/core'
import { useCallback, useEffect, useLayoutEffect, useMemo, useState, useSyncExternalStore } from 'react'

/** Before the effects of any component. React 18 warns about layout effects on a server, where none runs. */
export const useCommitEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect

/** Keeps what `hold` returns, which decides whether it is still the same. State, for React may forget a memo. */
export function useHeld<THeld>(hold: (before?: THeld) => THeld): THeld {
  const [before, keep] = useState(() => hold())
  const held = hold(before)
  if (held !== before) keep(held)
  // What was hidden for long is shown again without a render, and may be another one by now.
  useCommitEffect(() => {
    const now = hold(held)
    if (now !== held) keep(now)
  })
  return held
}

/**
 * Hands the options of each render over once it counts, before the effects of any component, which may start an answer.
 * Returns what does so once more, for an action: another component, whose options may differ, may have done it since.
 */
export function useUpdate<TOptions>(update: (options: TOptions) => void, given: TOptions): () => void {
  const [committed] = useState(createMemory<{ readonly to: unknown; readonly given: TOptions }>)
  useCommitEffect(() => {
    update(given)
    committed.set({ to: update, given })
  })
  return useCallback(() => {
    const own = committed.get()?.value
    // Who has kept the action of a stream that gave way to another one means that stream, as it was.
    if (own?.to === update) update(own.given)
  }, [committed, update])
}

/** A source of `show` of what `source` has: the same object while that is. */
export function shown<T, TView>({ get, getInitial, subscribe }: Source<T>, show: (value: T) => TView): Source<TView> {
  return { subscribe, get: once(get, show), getInitial: once(getInitial, show) }
}

/**
 * What `select` makes of what the source has, which is all of it by default. Renders when that is no longer equal. Both
 * functions may be made anew for each render.
 */
export function useSource<T, TSelected = T>(
  { get, getInitial, subscribe }: Source<T>,
  select?: (value: T) => TSelected,
  isEqual: (before: TSelected, after: TSelected) => boolean = Object.is,
): TSelected {
  // No ref, which a render must not read. It never decides what is shown, only which of two equal objects.
  const [committed] = useState(createMemory<TSelected>)
  const [getSelected, getSelectedInitial] = useMemo(() => {
    const choose = (read: () => T) => {
      let before: Box<TSelected> | undefined
      return once(read, (value) => {
        const after = select ? select(value) : (value as T & TSelected)
        // A function that is made anew knows of none before.
        const known = before ?? committed.get()
        before = known && isEqual(known.value, after) ? known : { value: after }
        return before.value
      })
    }
    return [choose(get), choose(getInitial)]
  }, [get, getInitial, select, isEqual, committed])
  const value = useSyncExternalStore(subscribe, getSelected, getSelectedInitial)
  useEffect(() => committed.set(value), [committed, value])
  return value
}

interface Box<T> {
  readonly value: T
}

function createMemory<T>() {
  let box: Box<T> | undefined
  return {
    get: () => box,
    set(value: T) {
      box = { value }
    },
  }
}

function once<T, TResult>(read: () => T, make: (value: T) => TResult): () => TResult {
  let last: { readonly of: T; readonly result: TResult } | undefined
  return () => {
    const of = read()
    if (!last || !Object.is(last.of, of)) last = { of, result: make(of) }
    return last.result
  }
}
