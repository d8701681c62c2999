import { check } from './option'
import type { Signal, Snapshot } from './session/transition'

/** One signal of one stream, for tools: statistics, logs, marks, developer tools. */
export interface Inspection {
  /** The stream. Of one that the registry shares, everybody's `get` is the same function. */
  readonly stream: Inspected
  readonly key: string | undefined
  readonly signal: Signal<unknown>
  /** What the signal led to. The snapshot that components see may be a frame older. */
  readonly snapshot: Snapshot<unknown>
  /** When, in milliseconds of `performance.now()`. */
  readonly at: number
}

/** What every stream has, whatever its parts are. */
export interface Inspected {
  readonly get: () => Snapshot<unknown>
  readonly stop: () => Promise<unknown>
  readonly detach: () => void
}

type Inspector = (inspection: Inspection) => void

const inspectors = new Set<Inspector>()

/**
 * Calls `inspector` for every signal of every stream of this page, in the order in which they happen; returns how to leave.
 * It sees everything and changes nothing: what it throws is reported as an error of the page.
 */
export function inspect(inspector: Inspector): () => void {
  check(typeof inspector === 'function', 'inspector', inspector, 'a function')
  const entry: Inspector = (inspection) => inspector(inspection)
  inspectors.add(entry)
  return () => void inspectors.delete(entry)
}

/** Tells the inspectors. Costs nothing where there are none. */
export function report(make: () => Inspection): void {
  if (inspectors.size === 0) return
  const inspection = make()
  for (const inspector of [...inspectors]) call(inspector, inspection)
}

/** Calls a listener that is not ours: one that throws must not starve the others, and still reaches the page's error handling. */
export function call<T extends readonly unknown[]>(listener: (...given: T) => void, ...given: T): void {
  try {
    listener(...given)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
