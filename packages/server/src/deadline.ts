/** The most milliseconds that a timer counts, about 25 days: beyond them `setTimeout` fires at once. */
export const longestDelay = 0x7fffffff

/**
 * Runs `task` after so many milliseconds, `Infinity` included. Returns a function that calls it off. It never keeps the
 * process alive: the connection that somebody waits for does.
 */
export function startDeadline(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, Math.min(ms, longestDelay))
  // Only Node, Bun and Deno know unref; elsewhere nothing is kept alive by a timer.
  ;(timer as { unref?: () => void }).unref?.()
  return () => clearTimeout(timer)
}
