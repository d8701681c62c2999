import { call } from './inspect'

/**
 * Milliseconds from one frame with new text to when the next is asked for: a little less than two frames of a screen that
 * draws 60 a second, so that it is the second. Text that grows 30 times a second reads the same, and what a page spends on
 * it goes mostly with the number of its frames (benchmarks/README.md, "What an answer costs a page").
 */
const rest = 28

/** When text was drawn last, whichever stream's: those of one page share their frames. */
let drawn = 0

/** Who waits for a frame. One callback is for all of them: frameworks render after each callback of a frame. */
let waiting: (() => void)[] = []

/**
 * With the next animation frame, and after a rest where text has just been drawn. A hidden page, which draws no frames, is
 * left alone. Where there are no frames (Node, workers), once per turn.
 */
export function frame(notify: () => void): void {
  if (!globalThis.requestAnimationFrame) {
    queueMicrotask(notify)
    return
  }
  waiting.push(notify)
  // Asked for by each of them, for the frame of another may never come: the clock of a test ends with the test. So does its
  // page, and one that is gone draws nothing.
  const draw = () =>
    globalThis.requestAnimationFrame?.(() => {
      if (!waiting.includes(notify)) return
      drawn = performance.now()
      const due = waiting
      waiting = []
      for (const each of due) call(each)
    })
  const left = drawn + rest - performance.now()
  if (left > 0 && left <= rest) setTimeout(draw, left)
  else draw()
}
