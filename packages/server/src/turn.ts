/** Node, Bun and Deno have setImmediate; elsewhere a timer ends the turn as well, if not as soon. */
export const defer: (task: () => void) => unknown =
  globalThis.setImmediate ?? ((task: () => void) => setTimeout(task, 0))

/** A function that makes `flush` run once after the current turn of the event loop, however often it is called. */
export function oncePerTurn(flush: () => void): () => void {
  let scheduled = false
  return () => {
    if (scheduled) return
    scheduled = true
    defer(() => {
      scheduled = false
      flush()
    })
  }
}
