import type { Cursor, Frame } from '../frame'

// More than any server sends again; and what is forgotten is only not recognised.
const most = 256

/** Remembers the ids that have gone by, oldest first. */
export function remember(seen: Cursor[], { event, id }: Frame): void {
  if (event === '' || !id) return
  seen.push(id)
  if (seen.length > most) seen.shift()
}

/**
 * Recognises the events that a server of opaque ids sends again at the beginning of a connection, whose order only that
 * server knows: once an id is one of those `seen`, all that followed it must come again in the same order. The first frame
 * that does not fit ends the replay. Returns whether a frame is a repetition.
 */
export function overlap(seen: readonly Cursor[]): (frame: Frame) => boolean {
  let known: readonly Cursor[] = [...seen]
  let next: number | undefined
  return ({ event, id }) => {
    if (event === '' || known.length === 0) return false
    if (next === undefined) next = id === undefined ? -1 : known.indexOf(id)
    const repeated = next >= 0 && known[next] === id
    if (repeated) next++
    else known = []
    return repeated
  }
}
