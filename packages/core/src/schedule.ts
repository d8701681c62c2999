/**
 * Once per animation frame: more often nobody can see it, and a hidden page, which draws no frames, is left alone.
 * Where there are no frames (Node, workers), once per turn.
 */
export function frame(notify: () => void): void {
  if (typeof requestAnimationFrame === 'function') requestAnimationFrame(notify)
  else queueMicrotask(notify)
}
