import type { End, EntryInput, Terminal } from './entry'

export type Awaitable<T> = T | PromiseLike<T>

/** To whom a stream belongs. Kept with the stream, so that every later request can be held against it. */
export interface Owner {
  readonly route: string
  readonly tenant?: string | undefined
  readonly user?: string | undefined
}

export interface Claim {
  /** The id that the stream gets if it is new. */
  readonly id: string
  readonly owner: Owner
  /** The client's idempotency key, made unique to its owner. Absent: always a new stream. */
  readonly key?: string | undefined
  /** What the request said. Absent where a stop came before its start: then whatever start comes matches. */
  readonly fingerprint?: string | undefined
}

/**
 * `created`: this caller, and no other, produces it. `existing`: somebody does or did. `mismatch`: the key was used
 * for another request. `gone`: the key's stream is over and no longer held. `full`: there is no room for one more.
 */
export type Claimed =
  | { readonly outcome: 'created' | 'existing'; readonly stream: StreamLog }
  | { readonly outcome: 'mismatch' | 'gone' | 'full' }

/** Encoded entries, the bytes of `after + 1` up to `last`. Never written to again: share it, do not change it. */
export interface Slice {
  readonly bytes: Uint8Array
  readonly last: number
}

/**
 * The append-only record of one stream, as this process sees it. The fields are what is known here and now, so that a
 * reader decides without waiting; what may need another process returns a promise, and in memory nothing does.
 */
export interface StreamLog {
  readonly id: string
  readonly owner: Owner
  /** The name of this life of the log. */
  readonly epoch: string
  /** The first entry that can still be read; `head + 1` while there is none. */
  readonly earliest: number
  /** The last entry. Entries are numbered 1, 2, 3 … without a hole. */
  readonly head: number
  /** The bytes of all entries so far. */
  readonly size: number
  /** The terminal entry, once the stream is over. */
  readonly terminal: Terminal | undefined
  /** Whether the log no longer holds this stream. */
  readonly gone: boolean
  /**
   * Appends in order. Returns a promise only where the writer has to wait before it appends more, so that a log in
   * memory costs no promise per token. Throws a `StreamError` when the stream is over or the log has no room.
   */
  readonly append: (entries: readonly EntryInput[]) => void | Promise<void>
  /**
   * Writes the terminal entry, together with everything that was appended before it, and keeps the stream for
   * `retention` milliseconds more. Whoever comes second gets the terminal entry of the first.
   */
  readonly seal: (end: End, retention: number) => Awaitable<Terminal>
  /** Whole entries after `after`, about `maxBytes` of them and at least one where there is one. */
  readonly read: (after: number, maxBytes: number) => Slice | Promise<Slice>
  /** Calls `listener` when something was appended, sealed or removed: once per turn of the event loop, however much it was. */
  readonly watch: (listener: () => void) => () => void
}

/** Where streams are kept. `memoryLog()` is one; a log that several processes share is another. */
export interface Log {
  /** Whether another process can read on from here. Then a drain sends readers away early; else they stay to the end. */
  readonly shared: boolean
  /** Takes the key for one stream, atomically: of any number of claims with one key a single one is `created`. */
  readonly claim: (claim: Claim) => Awaitable<Claimed>
  readonly find: (id: string) => Awaitable<StreamLog | undefined>
  /** Forgets what has expired. Called about once a second. */
  readonly sweep: () => void
}
