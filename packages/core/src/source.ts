/** What a component watches: a stream, a conversation, a comparison. */
export interface Source<T> {
  /** The same object until something changes. */
  readonly get: () => T
  /** Before anything happened, for a render on a server. */
  readonly getInitial: () => T
  /** Calls `listener` after each change; returns how to leave. */
  readonly subscribe: (listener: () => void) => () => void
}
