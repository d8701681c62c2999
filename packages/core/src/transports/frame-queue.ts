import { StreamError } from '../errors'
import type { Frame } from '../frame'

/** How much may wait for one consumer. */
export interface QueueLimits {
  readonly maxFrames: number
  readonly maxBytes: number
}

export interface FrameQueue {
  /** Adds one network read, also an empty one, which is a sign of life. Whether there was room; after a `false` it is over. */
  readonly push: (frames: readonly Frame[], bytes: number) => boolean
  /** No more comes. What waits is still read, then the error is thrown; but at once where `now` says so. */
  readonly finish: (error?: unknown, now?: boolean) => void
  /** What came since the last read, as one batch. `left` is called however it is left. */
  readonly read: (left: () => void) => AsyncGenerator<readonly Frame[], void>
}

/**
 * What has arrived for one stream and was not read yet: a WebSocket, unlike a body, cannot be told to wait.
 * At the bound it ends, with an error that asks to read on from the cursor at once; so nothing is lost, only sent again.
 * A message that finds room is taken whole: were a replay refused because of the `hello` before it, none would ever fit.
 */
export function createFrameQueue({ maxFrames, maxBytes }: QueueLimits): FrameQueue {
  let waiting: Frame[] | undefined
  let size = 0
  let over: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined

  function finish(error?: unknown, now = false): void {
    if (now) waiting = undefined
    over ??= { error }
    wake?.()
  }

  return {
    finish,
    push(frames, bytes) {
      if (over) return false
      if (size >= maxBytes || (waiting?.length ?? 0) >= maxFrames) {
        const sentence = 'Events came faster than they were read. They are read again from the cursor.'
        finish(new StreamError('network', sentence, { reason: 'slow', retryAfter: 0 }))
        return false
      }
      waiting ??= []
      for (const frame of frames) waiting.push(frame)
      size += bytes
      wake?.()
      return true
    },
    async *read(left) {
      try {
        for (;;) {
          if (!waiting && !over) {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
          const frames = waiting
          waiting = undefined
          size = 0
          if (frames) yield frames
          else if (over?.error !== undefined) throw over.error
          else if (over) return
        }
      } finally {
        left()
      }
    },
  }
}
