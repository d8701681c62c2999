/** The log of `@keepstream/server` as far as the suite uses it. Described here, because what tests that package cannot depend on it. */
export interface ContractLog {
  readonly shared: boolean
  readonly claim: (claim: ContractClaim) => Awaitable<ContractClaimed>
  readonly find: (id: string) => Awaitable<ContractStream | undefined>
  readonly list: (owner: { readonly tenant?: string; readonly user?: string }) => Awaitable<readonly ContractStream[]>
  readonly sweep: () => void
  readonly topics?: ContractTopics
}

/** Logs without an end, to which every process may append. */
export interface ContractTopics {
  readonly publish: (topic: ContractTopicAddress, entries: readonly ContractEntry[]) => Awaitable<string>
  readonly open: (topic: ContractTopicAddress) => Awaitable<ContractTopic>
}

export interface ContractTopicAddress {
  readonly key: string
  readonly owner: ContractOwner
  readonly keep: { readonly entries: number; readonly bytes: number; readonly idle: number }
}

export type ContractTopic = Pick<
  ContractStream,
  'id' | 'owner' | 'epoch' | 'earliest' | 'head' | 'terminal' | 'gone' | 'snapshot' | 'read' | 'watch'
>

type Awaitable<T> = T | PromiseLike<T>

export interface ContractOwner {
  readonly route: string
  readonly tenant?: string | undefined
  readonly user?: string | undefined
}

export interface ContractClaim {
  readonly id: string
  readonly owner: ContractOwner
  readonly key?: string
  readonly fingerprint?: string
  readonly existing?: boolean
}

export type ContractClaimed =
  | { readonly outcome: 'created' | 'existing'; readonly stream: ContractStream }
  | { readonly outcome: 'mismatch' | 'gone' | 'full' | 'absent' }

export interface ContractEntry {
  readonly event: string
  readonly data: string
}

export interface ContractEnd {
  readonly state: 'done' | 'error' | 'stopped' | 'lost' | 'timeout'
  readonly code?: string | undefined
}

export interface ContractTerminal {
  readonly seq: number
  readonly id: string
  readonly data: { readonly state: string; readonly n: number }
}

export interface ContractStream {
  readonly id: string
  readonly owner: ContractOwner
  readonly epoch: string
  readonly earliest: number
  readonly head: number
  readonly size: number
  readonly terminal: ContractTerminal | undefined
  readonly gone: boolean
  readonly createdAt: number
  readonly snapshot: { readonly seq: number; readonly data: string } | undefined
  readonly own: (holder: {
    readonly end: (end: ContractEnd) => void
    readonly lose: (error: Error) => void
    readonly summarize?: () => string | undefined
  }) => void
  readonly append: (entries: readonly ContractEntry[]) => void | Promise<void>
  readonly seal: (end: ContractEnd, retention: number) => Awaitable<ContractTerminal>
  readonly read: (after: number, maxBytes: number) => Awaitable<{ readonly bytes: Uint8Array; readonly last: number }>
  readonly watch: (listener: () => void) => () => void
}

/** Where a reader begins that names an event by its id, as the server decides it. */
export interface ContractPlace {
  readonly position: number
  readonly resumed: boolean
  readonly reset?: string
}

export interface OpenLogOptions {
  /** Whether the bounds are as low as they can be, so that a running stream drops entries before it has 2 MiB. */
  readonly small: boolean
}

/** An empty log. */
export interface OpenedLog {
  /** The log as each process sees it, of which the first one produces. A log of one process is one. */
  readonly logs: readonly [ContractLog, ...ContractLog[]]
  /** Lets that time pass for the log, by its clock or by waiting: what expires meanwhile, in milliseconds, has expired then. */
  readonly pass: (milliseconds: number) => Awaitable<void>
  readonly close: () => Awaitable<void>
}

/** How the suite opens one kind of log. */
export interface LogHarness {
  readonly open: (options: OpenLogOptions) => Awaitable<OpenedLog>
  readonly locate: (id: string, stream: ContractStream) => ContractPlace
  /** How long one process may take to learn what another one did, in milliseconds. Default 15,000. */
  readonly patience?: number
  /** Takes away a finished stream before its retention is over, as a log does that needs the room. */
  readonly evict?: (opened: OpenedLog, id: string) => Awaitable<void>
  /** Takes all the room that there is, in a small log. */
  readonly fill?: (opened: OpenedLog) => Awaitable<void>
  /** Lets the last of the processes take over the stream, as if the one that produces it had been asleep for too long. */
  readonly takeOver?: (opened: OpenedLog, stream: ContractStream) => Awaitable<void>
}
