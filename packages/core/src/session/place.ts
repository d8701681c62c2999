import type { Cursor } from '../frame'
import type { Protocol } from '../protocols/protocol'
import type { StartRequest } from '../transports/transport'

/** Where a run stands: all that another attempt, a stop or a resume needs. An attempt keeps it up to date. */
export interface Place {
  start: StartRequest | undefined
  location: string | undefined
  cursor: Cursor | undefined
  /** The ids that have gone by, for servers whose ids only they can order. */
  readonly seen: Cursor[]
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
  /** Whether a cursor has yet to reach what the server had when it was last connected to. */
  behind?: ((cursor: Cursor | undefined) => boolean) | undefined
}

/** A place before anything is sent. */
export function beginning(start: StartRequest | undefined, location?: string): Place {
  return {
    start,
    location,
    cursor: undefined,
    seen: [],
    opened: false,
    received: false,
    failures: 0,
    restarts: 0,
    hint: undefined,
  }
}

/**
 * Whether another attempt can go on from `place` with no loss and no second bill: the server keeps the stream, or stores
 * the answer; or it has not begun to answer; or it was only asked to read, and gave a cursor, or nothing so far.
 */
export function canContinue(
  { durable, stored }: Pick<Protocol<never, never>, 'durable' | 'stored'>,
  place: Place,
): boolean {
  const { start, cursor, opened, received } = place
  if (durable || !opened || (cursor !== undefined && stored?.has(cursor))) return true
  return start === undefined && (cursor !== undefined || !received)
}
