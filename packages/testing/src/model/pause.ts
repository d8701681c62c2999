import { setTimeout } from 'node:timers/promises'

/** Resolves after `ms` milliseconds, or when the client leaves: callers look at the signal. A timer counts in 32 bits. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(Math.min(ms, 0x7fffffff), undefined, { signal }).catch(() => {})
}
