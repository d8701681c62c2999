// The most that a timer counts, about 25 days: beyond it, `setTimeout` fires at once.
const longest = 0x7fffffff

/** Runs `task` after so many milliseconds, `Infinity` included. Returns a function that calls it off. */
export function startDeadline(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, Math.min(ms, longest))
  return () => clearTimeout(timer)
}
