/** The longest time that a timer takes, in milliseconds (32 bits, 24.8 days): above it, timers fire at once. */
export const longest = 0x7fffffff

/** Resolves after `ms` milliseconds, or at once when aborted. Never rejects: callers look at the signal. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const settle = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', settle)
      resolve()
    }
    const timer = setTimeout(settle, Math.min(ms, longest))
    signal.addEventListener('abort', settle)
  })
}

/** As `promise`, but rejects at once when aborted, even where those who are waited for do not listen to the signal. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Milliseconds from now on. One clock stands still while some machines sleep, the other may be set back. */
export function stopwatch(): () => number {
  const [wall, steady] = [Date.now(), performance.now()]
  return () => Math.max(Date.now() - wall, performance.now() - steady)
}
