/** A place in a stream. Opaque to the engine: only the server that issued it, and its protocol, know the order. */
export type Cursor = string

/** One message off the wire, before a protocol gives it a meaning. */
export interface Frame {
  /**
   * The event's name; `message` where the wire named none.
   * Empty for a frame that carries no event, only a new `id` or `retry` (a transport makes those, a parser never).
   */
  readonly event: string
  readonly data: string
  /** The standard's *last event ID*: it persists over events. Absent until the wire has set one; empty after an empty `id:` line. */
  readonly id?: string
  /** The server's wish for the next reconnection, in milliseconds, where this event's block had a `retry:` line. */
  readonly retry?: number
}
