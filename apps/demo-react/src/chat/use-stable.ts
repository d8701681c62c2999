import { useCallback, useLayoutEffect, useRef } from 'react'

/** The same function for each render, which does what the latest one would do: for what is memorised. */
export function useStable<TGiven extends readonly unknown[]>(act: (...given: TGiven) => void) {
  const latest = useRef(act)
  useLayoutEffect(() => {
    latest.current = act
  })
  return useCallback((...given: TGiven) => latest.current(...given), [])
}
