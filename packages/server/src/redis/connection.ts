/**
 * What a log needs of a client of Redis. Everything beyond commands and one subscription is the client's own affair.
 */
export interface Connection {
  /** Sends one command. Replies are texts, whole numbers, nothing, and arrays of these. */
  readonly send: (args: readonly string[]) => Promise<unknown>
  readonly subscribe: (channel: string) => Promise<unknown>
  readonly unsubscribe: (channel: string) => Promise<unknown>
  /** Gives up connections on which nothing comes back. Absent: the library has no way to, and waits for its own time limit. */
  readonly reconnect?: () => void
  /** Closes what the log has opened, removes its listeners, and leaves the rest to whom it belongs. */
  readonly close: () => void
}

/** What happens on the connections of a log. */
export interface ConnectionEvents {
  readonly onMessage: (channel: string, message: string) => void
  /** A connection stands, for the first time or again: what was sent meanwhile by others may have been missed. */
  readonly onReady: () => void
  /** A connection broke or could not be made. The client tries again by itself. */
  readonly onError: (error: unknown) => unknown
}

/** What tells of its events as those of Node do. */
export interface Emitter {
  on(event: string, listener: (...values: unknown[]) => void): unknown
  off(event: string, listener: (...values: unknown[]) => void): unknown
}

/** Connects listeners to an emitter. Returns a function that removes them again. */
export function listen(emitter: Emitter, given: Readonly<Record<string, (...values: never[]) => void>>): () => void {
  const listeners = given as Readonly<Record<string, (...values: unknown[]) => void>>
  for (const [event, listener] of Object.entries(listeners)) emitter.on(event, listener)
  return () => {
    for (const [event, listener] of Object.entries(listeners)) emitter.off(event, listener)
  }
}
