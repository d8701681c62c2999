import { type Inspection, inspect } from './inspect'
import { isActive } from './session/transition'

// How much of the browser's timeline a name may take.
const longestName = 100

/**
 * Writes the course of every stream into the browser's performance timeline, where its developer tools show it:
 * `performance.measure` entries `keepstream <key> first part`, `… down` and `… answer`. Returns how to end that.
 */
export function markPerformance(timeline: Pick<Performance, 'measure'> = performance): () => void {
  const courses = new WeakMap<() => unknown, { startedAt: number; received: boolean; droppedAt: number | undefined }>()

  return inspect(({ stream, key, signal, snapshot, at }: Inspection) => {
    const name = `keepstream${key === undefined ? '' : ` ${key.slice(0, longestName)}`}`
    const measure = (what: string, start: number) =>
      timeline.measure(`${name} ${what}`, { start, end: at, detail: { status: snapshot.status } })
    if (signal.type === 'started') {
      courses.set(stream.get, { startedAt: at, received: false, droppedAt: undefined })
      return
    }
    const course = courses.get(stream.get)
    if (!course) return
    if (signal.type === 'dropped') course.droppedAt ??= at
    if (signal.type === 'opened' && course.droppedAt !== undefined) {
      measure('down', course.droppedAt)
      course.droppedAt = undefined
    }
    if (signal.type === 'received' && signal.parts.length > 0 && !course.received) {
      course.received = true
      measure('first part', course.startedAt)
    }
    if (isActive(snapshot.status)) return
    measure('answer', course.startedAt)
    courses.delete(stream.get)
  })
}
