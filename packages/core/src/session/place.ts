import type { Cursor } from '../frame'
import type { StartRequest } from '../transports/transport'

/** Where a run stands: all that another attempt, a stop or a resume needs. An attempt keeps it up to date. */
export interface Place {
  start: StartRequest | undefined
  location: string | undefined
  cursor: Cursor | undefined
  /** Whether a server has begun to answer, so that a model may be at work. */
  opened: boolean
  /** Whether a part of the answer has arrived. */
  received: boolean
  /** Failures in a row without progress between them. */
  failures: number
  /** Failures that progress does not forgive: an answer that is asked for again and again is billed again and again. */
  restarts: number
  /** The server's latest `retry:`, in milliseconds. */
  hint: number | undefined
}

/** A place before anything is sent. */
export function beginning(start: StartRequest | undefined): Place {
  const nothing = { location: undefined, cursor: undefined, hint: undefined }
  return { start, ...nothing, opened: false, received: false, failures: 0, restarts: 0 }
}

/**
 * Whether another attempt can go on from `place` with no loss and no second bill: the server keeps the stream; or it
 * has not begun to answer; or it was only asked to read, and gave a cursor, or nothing so far.
 */
export function canContinue(durable: boolean, { start, cursor, opened, received }: Place): boolean {
  return durable || !opened || (start === undefined && (cursor !== undefined || !received))
}
