import { call } from './inspect'

/** Those who are told that something has changed. */
export type Listeners = Set<() => void>

/** Who comes twice is told twice, and leaves twice. Returns how to leave, and `left` is called once that is done. */
export function listen(listeners: Listeners, listener: () => void, left?: () => void): () => void {
  const entry = () => listener()
  listeners.add(entry)
  return () => {
    if (listeners.delete(entry)) left?.()
  }
}

/** One that throws takes nothing from the others; one that another has taken away is not told any more. */
export function tell(listeners: Listeners): void {
  for (const entry of [...listeners]) if (listeners.has(entry)) call(entry)
}
