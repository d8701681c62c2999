import { type Inspection, inspect } from './inspect'
import { isActive } from './session/transition'

// How much of the browser's timeline a name may take.
const longestName = 100

// How many entries of ours stay in the timeline, which itself forgets none.
const mostEntries = 1_000

/**
 * Writes the course of every stream into the browser's performance timeline, where its developer tools show it:
 * `performance.measure` entries `keepstream <key> first part`, `… down` and `… answer`. After 1,000 of them those that are
 * there are cleared. Returns how to end that.
 */
export function markPerformance(timeline: Pick<Performance, 'measure' | 'clearMeasures'> = performance): () => void {
  const courses = new WeakMap<() => unknown, { startedAt: number; received: boolean; droppedAt: number | undefined }>()
  const names = new Set<string>()
  let entries = 0

  function write(name: string, start: number, { at: end, snapshot: { status } }: Inspection): void {
    if (entries === mostEntries) {
      for (const known of names) timeline.clearMeasures(known)
      names.clear()
      entries = 0
    }
    entries++
    names.add(name)
    timeline.measure(name, { start, end, detail: { status } })
  }

  return inspect((inspection) => {
    const { stream, key, signal, snapshot, at } = inspection
    const name = `keepstream${key === undefined ? '' : ` ${key.slice(0, longestName)}`}`
    const known = courses.get(stream.get)
    if (signal.type === 'started' && (signal.fresh || !known)) {
      courses.set(stream.get, { startedAt: at, received: false, droppedAt: undefined })
    }
    if (!known || signal.type === 'started') return
    if (signal.type === 'dropped') known.droppedAt ??= at
    if (signal.type === 'opened' && known.droppedAt !== undefined) {
      write(`${name} down`, known.droppedAt, inspection)
      known.droppedAt = undefined
    }
    if (signal.type === 'received' && signal.parts.length > 0 && !known.received) {
      known.received = true
      write(`${name} first part`, known.startedAt, inspection)
    }
    if (isActive(snapshot.status)) return
    courses.delete(stream.get)
    write(`${name} answer`, known.startedAt, inspection)
  })
}
