import type { Cursor, Frame } from './frame'

/** The latest frames of an answer, numbered, so that a tab that comes later is given what it lacks. */
export interface FrameWindow {
  /** The place before the oldest frame that is kept; absent while that is the first of all. */
  readonly since: () => Cursor | undefined
  /** The number of the frame that comes next. */
  readonly head: () => number
  readonly add: (frames: readonly Frame[]) => void
  /** The number of the first frame after `cursor`; `undefined` where that place is not in the window. */
  readonly after: (cursor: Cursor | undefined) => number | undefined
  /** The frames from that number on; `undefined` where the first of them is not kept any more. */
  readonly from: (number: number) => readonly Frame[] | undefined
  /** Forgets what came after `cursor`, and everything where that place is not in the window. */
  readonly rewind: (cursor: Cursor | undefined) => void
}

// What a frame weighs besides its text, in characters: a few words of memory.
const overhead = 64
const weigh = ({ data }: Frame) => data.length + overhead

/** A window of at most `limit` characters; above it the oldest quarter goes, so that to forget costs little for each frame. */
export function createWindow(limit: number): FrameWindow {
  let frames: Frame[] = []
  let since: Cursor | undefined
  let base = 0
  let size = 0

  function after(cursor: Cursor | undefined): number | undefined {
    if (cursor === since) return base
    // The first, because an id stands for the events that follow it too, until there is another one (the standard's last
    // event id): what a server would send again after it comes again here.
    const index = cursor === undefined ? -1 : frames.findIndex(({ id }) => id === cursor)
    return index < 0 ? undefined : base + index + 1
  }

  return {
    since: () => since,
    head: () => base + frames.length,
    after,
    add(more) {
      for (const frame of more) {
        frames.push(frame)
        size += weigh(frame)
      }
      if (size <= limit) return
      let gone = 0
      for (const frame of frames) {
        if (size <= limit * 0.75) break
        gone++
        size -= weigh(frame)
        // Never absent again: what follows is not the beginning.
        since = frame.id || since || ''
      }
      frames.splice(0, gone)
      base += gone
    },
    from: (number) => (number < base ? undefined : frames.slice(number - base)),
    rewind(cursor) {
      const end = after(cursor)
      if (end === undefined) {
        base += frames.length
        frames = []
        since = cursor
      } else frames.length = end - base
      size = frames.reduce((sum, frame) => sum + weigh(frame), 0)
    },
  }
}
