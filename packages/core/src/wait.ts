/** Resolves after `ms` milliseconds, or at once when aborted. Never rejects: callers look at the signal. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const settle = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', settle)
      resolve()
    }
    // A timer counts in 32 bits: above that it would fire at once.
    const timer = setTimeout(settle, Math.min(ms, 0x7fffffff))
    signal.addEventListener('abort', settle)
  })
}
