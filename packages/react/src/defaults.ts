import { readDefaults, type StreamDefaults } from '@keepstream/core'
import { createContext, createElement, type ReactNode, useContext, useMemo } from 'react'

const Defaults = /* @__PURE__ */ createContext<StreamDefaults>({})

export interface KeepstreamProviderProps {
  /** May be made anew for each render: that never restarts a stream. */
  readonly defaults: StreamDefaults
  readonly children?: ReactNode
}

/**
 * Gives options once for all streams below: each hook's own count over them, and an inner provider's over an outer one's.
 * They count from the next start. Throws a `StreamError` with the code `option` for one that there is not.
 */
export function KeepstreamProvider({ defaults, children }: KeepstreamProviderProps) {
  const around = useContext(Defaults)
  const value = useMemo(() => readDefaults(defaults, around), [defaults, around])
  return createElement(Defaults.Provider, { value }, children)
}

export const useDefaults = () => useContext(Defaults)
