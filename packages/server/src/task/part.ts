import { StreamError } from '@keepstream/core'
import type { End } from '../entry'
import type { Pace, Paced } from './pace'
import { createProgress } from './progress'
import type { LogUpdate, ProgressUpdate } from './task-context'

type Room = void | Promise<void>

/** What all parts of one task share. */
export interface Whole {
  readonly pace: Pace
  readonly now: () => number
  /** Throws once the task is over. */
  readonly check: () => void
  /** Whether there may be one more entry of the log, and whether it is the last. */
  readonly countLog: () => 'write' | 'last' | 'none'
  /** Whether there may be one more part that readers are told of. */
  readonly countPart: () => boolean
}

/** A task, or a part of it: its state, and how that is told. */
export interface Part {
  readonly progress: (given: number | ProgressUpdate) => Room
  readonly status: (status: string, message?: string) => Room
  readonly log: (entry: string | LogUpdate) => Room
  readonly append: (event: string, data: unknown) => Room
  readonly open: (name: string, share: number) => Part
  /** Writes what is left to be said, and how it ended. Not of the task itself: its stream says so. */
  readonly end: (end: Pick<End, 'state' | 'code' | 'message'>) => void
  /** Ends the parts that are still open, and says what was held back. */
  readonly settle: (end: Pick<End, 'state'>) => void
}

/** Who writes for a part, and what it contributes to. */
interface Above {
  readonly emit: (event: string, data: unknown) => Room
  /** `gained`: per cent of the part. */
  readonly contribute: (gained: number) => void
  readonly closed: (part: Part) => void
}

/** The names that have functions of their own, and keep their own order and pace. */
const own: readonly string[] = ['progress', 'status', 'log', 'child', 'result']

export function createPart(whole: Whole, above: Above): Part {
  const { pace, now } = whole
  const progress = createProgress(now)
  const open = new Set<Part>()
  let children = 0
  let over = false
  const paced: Paced = {
    write() {
      const news = progress.take()
      return news && above.emit('progress', news)
    },
  }

  function check(): void {
    whole.check()
    if (over) throw new StreamError('option', 'This part of the task is over. Say what it does before it returns.')
  }

  /** Changes the progress, and passes on what was gained. */
  function advance(change: () => void): void {
    const before = progress.percent ?? 0
    change()
    above.contribute((progress.percent ?? 0) - before)
  }

  const part: Part = {
    progress(given) {
      check()
      advance(() => progress.update(given))
      return pace.offer(paced)
    },
    status(status, message) {
      check()
      if (typeof status !== 'string') throw new StreamError('option', 'The status is a word. Give status a string.')
      return above.emit('status', message === undefined ? status : { status, message: String(message) })
    },
    log(entry) {
      check()
      const room = whole.countLog()
      if (room === 'none') return undefined
      const last = { message: 'Further entries of the log are left out.', level: 'warning' }
      const line =
        typeof entry === 'string' ? { message: entry } : { message: String(entry.message), level: entry.level }
      return above.emit('log', { ...(room === 'last' ? last : line), time: Date.now() })
    },
    append(event, data) {
      check()
      if (!own.includes(event)) return above.emit(event, data)
      throw new StreamError('option', `The event "${event}" is the task's own. Call ${event}, or return the result.`)
    },
    open(name, share) {
      check()
      const id = String(++children)
      const told = whole.countPart()
      let named: string | undefined = name
      const child = createPart(whole, {
        emit(event, data) {
          if (!told) return undefined
          const entry = { id, name: named, event, data }
          named = undefined
          return above.emit('child', entry)
        },
        contribute(gained) {
          if (share === 0 || gained === 0) return
          advance(() => progress.contribute((gained * share) / 100))
          void pace.offer(paced)
        },
        closed: (child) => open.delete(child),
      })
      open.add(child)
      void child.status('running')
      return child
    },
    end(end) {
      if (over) return
      if (end.state === 'done') advance(progress.finish)
      part.settle(end)
      over = true
      above.closed(part)
      void above.emit('end', end)
    },
    settle({ state }) {
      for (const child of [...open]) child.end({ state: state === 'lost' ? state : 'stopped' })
      pace.flush(paced)
    },
  }
  return part
}
