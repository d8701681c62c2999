// A little above 150 lines, because it is one interface: what a log has to be, and why, for whoever writes another one.
import type { StreamError } from '@keepstream/core'
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
  /** What the producer is given, as JSON text: kept by a log that other processes share, so that one of them can produce it again. */
  readonly input?: string | undefined
  /** Only finds: where the key has no stream, nothing is created, and the outcome is `absent`. Default false. */
  readonly existing?: boolean | undefined
}

/**
 * `created`: this caller, and no other, produces it. `existing`: somebody does or did. `mismatch`: the key was used
 * for another request. `gone`: the key's stream is over and no longer held. `full`: there is no room for one more.
 * `absent`: there is none, and none was to be created.
 */
export type Claimed =
  | { readonly outcome: 'created' | 'existing'; readonly stream: StreamLog }
  | { readonly outcome: 'mismatch' | 'gone' | 'full' | 'absent' }

/** Encoded entries, the bytes of `after + 1` up to `last`. Never written to again: share it, do not change it. */
export interface Slice {
  readonly bytes: Uint8Array
  readonly last: number
}

/** The state that all entries up to `seq` reduce to, as JSON text: it stands for them where they are no longer kept. */
export interface Snapshot {
  readonly seq: number
  readonly data: string
}

/** Who produces a stream, as its log may have to call on it. */
export interface Holder {
  /** Somebody asked, perhaps in another process, that the stream end so. The holder seals it. */
  readonly end: (end: End) => void
  /** Nothing more can be written: another process has taken over. The holder stops at once and seals nothing. */
  readonly lose: (error: StreamError) => void
  /** The state at `head`, asked for before entries are dropped. Absent, or nothing: the stream has no such state. */
  readonly summarize?: (() => string | undefined) | undefined
}

/**
 * What a reader needs of a log, be it that of a stream or of a topic. The fields are what is known here and now, so that
 * a reader decides without waiting; what may need another process returns a promise, and in memory nothing does.
 */
export interface ReadableLog {
  readonly id: string
  readonly owner: Owner
  /** The name of this life of the log. */
  readonly epoch: string
  /** The first entry that can still be read; `head + 1` while there is none. */
  readonly earliest: number
  /** The last entry. Entries are numbered 1, 2, 3 … without a hole. */
  readonly head: number
  /** The terminal entry, once the stream is over. A topic has none. */
  readonly terminal: Terminal | undefined
  /** Whether this life of it is no longer held. */
  readonly gone: boolean
  /** Stands for the entries before `earliest`, where there is one: `snapshot.seq >= earliest - 1`. */
  readonly snapshot: Snapshot | undefined
  /** Whole entries after `after`, about `maxBytes` of them and at least one where there is one. */
  readonly read: (after: number, maxBytes: number) => Slice | Promise<Slice>
  /**
   * Calls `listener` when something was appended, sealed or removed: once per turn of the event loop, however much it was, or
   * less often where readers are so many that to tell them takes long.
   */
  readonly watch: (listener: () => void) => () => void
}

/** The append-only record of one stream, as this process sees it. */
export interface StreamLog extends ReadableLog {
  /** The bytes of all entries so far. */
  readonly size: number
  /** When it was claimed, in milliseconds since 1970. */
  readonly createdAt: number
  /**
   * Whether another process has had somebody who read it in the last seconds, so that its producer is not taken for
   * abandoned. A log that processes share knows: from what is watched and read there. Absent: there is no other process.
   */
  readonly readElsewhere?: boolean
  /** Names who produces it. Called once, by whom the claim was `created` for, before anything is appended. */
  readonly own: (holder: Holder) => void
  /**
   * Appends in order. Returns a promise only where the writer has to wait before it appends more, so that a log in
   * memory costs no promise per token. Throws a `StreamError` when the stream is over or the log has no room.
   */
  readonly append: (entries: readonly EntryInput[]) => void | Promise<void>
  /**
   * Writes the terminal entry, together with everything that was appended before it, and keeps the stream for
   * `retention` milliseconds more. Whoever comes second gets the terminal entry of the first. Where another process
   * produces it, that one is asked to, and is waited for.
   */
  readonly seal: (end: End, retention: number) => Awaitable<Terminal>
}

/** Which topic, and how much of it is kept. Every process names the same topic alike. */
export interface TopicAddress {
  /** Names it among all topics of the log. Also the `id` of what `open` returns. */
  readonly key: string
  /** Whose messages these are. */
  readonly owner: Owner
  readonly keep: {
    /** How many of the newest entries. */
    readonly entries: number
    /** And of those no more than so many bytes, as sent. The newest entry is kept, however large it is. */
    readonly bytes: number
    /** How long a topic is kept that nobody has open and nobody publishes to, in milliseconds. Then it is forgotten whole. */
    readonly idle: number
  }
}

/**
 * Logs without an end, to which every process may append: what topics are kept in. The entries of one topic have one
 * order, the same for all readers of all processes, and are numbered 1, 2, 3 … in one life. Where a life is lost, the next
 * one has another epoch, and what was opened of the old one is `gone`, so that its readers come back and are told.
 */
export interface Topics {
  /**
   * Appends, all or nothing, at the end that the topic has among all processes, and drops the oldest above `keep`. Begins
   * the topic where there is none. What it repeats by itself, after a reply that was lost, must not be there twice.
   * Resolves with the id of the last entry. Throws a `StreamError` where there is no room.
   */
  readonly publish: (topic: TopicAddress, entries: readonly EntryInput[]) => Awaitable<string>
  /** The topic to be read; begun, and empty, where there is none. Throws a `StreamError` where there is no room. */
  readonly open: (topic: TopicAddress) => Awaitable<ReadableLog>
}

/** What a log tells of itself, for logs and numbers: `unreachable` and `reachable`, and whatever else it has words for. */
export interface LogEvent {
  readonly type: string
  readonly error?: unknown
}

/** Where streams are kept. `memoryLog()` is one; a log that several processes share is another. */
export interface Log {
  /** Whether another process can read on from here. Then a drain sends readers away early; else they stay to the end. */
  readonly shared: boolean
  /** Takes the key for one stream, atomically: of any number of claims with one key a single one is `created`. */
  readonly claim: (claim: Claim) => Awaitable<Claimed>
  readonly find: (id: string) => Awaitable<StreamLog | undefined>
  /** The streams of this tenant and user that are not over, the newest first. */
  readonly list: (owner: Pick<Owner, 'tenant' | 'user'>) => Awaitable<readonly StreamLog[]>
  /** Absent: this log keeps no topics. */
  readonly topics?: Topics
  /** Forgets what has expired. Called about once a second. */
  readonly sweep: () => void
  /**
   * Whom to offer a stream whose producer died with its process. True: it is produced again here, from the input of its
   * claim. Else it ends as `lost`.
   */
  readonly adopt?: (adopter: (stream: StreamLog, input: unknown) => boolean) => void
  /** Whom to tell what happens between this log and where it keeps its streams. */
  readonly observe?: (listener: (event: LogEvent) => void) => void
  /** Rejects while the log cannot be reached. Absent: it always can. */
  readonly check?: () => Promise<void>
  /** Lets go of connections and timers, once the hub is closed. */
  readonly close?: () => Promise<void>
}
