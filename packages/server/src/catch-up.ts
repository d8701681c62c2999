import { startDeadline } from './deadline'
import type { ReadableLog } from './log'
import type { Asked } from './position'

// Some writes of a log that is slow today, in milliseconds.
const aBadDay = 2_000

/**
 * Waits until a log has what a reader has seen already, for `patience` milliseconds at most. Where processes share a log, the
 * readers of the one that produces are ahead of it by a write; whoever moves to another process at that moment would be
 * told `reset`, and read everything again, for nothing.
 */
export function catchUp(stream: ReadableLog, asked: Asked, patience = aBadDay): Promise<void> | undefined {
  if (asked.type !== 'after' || asked.position.epoch !== stream.epoch) return undefined
  const { seq } = asked.position
  const behind = () => seq > stream.head && !stream.terminal && !stream.gone
  if (!behind()) return undefined
  return new Promise((resolve) => {
    const settle = () => {
      callOff()
      unwatch()
      resolve()
    }
    const callOff = startDeadline(patience, settle)
    const unwatch = stream.watch(() => {
      if (!behind()) settle()
    })
  })
}
