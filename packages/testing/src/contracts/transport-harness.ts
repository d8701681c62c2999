import type { Transport } from '@keepstream/core'

/** What makes the entries of one answer, as a producer of `@keepstream/server` does. */
export type ContractProducer = (context: {
  readonly input: unknown
  readonly signal: AbortSignal
  readonly append: (event: string, data: unknown) => void | Promise<void>
}) => void | Promise<void>

export interface ServeOptions {
  /** What makes the entries of each answer. */
  readonly produce: ContractProducer
  /** Asked at each operation (`create`, `read`, `stop`): the status to refuse it with, and for how many milliseconds. */
  readonly refuse: (verb: string) => { readonly status: number; readonly retryAfter: number } | undefined
}

/** A Keepstream server that takes starts at one address. */
export interface ServedAnswers {
  /** Where starts go, such as `http://127.0.0.1:3000/api/chat`. Streams lie below it, and whatever else is served. */
  readonly url: string
  /** How many connections wait for more of an answer. */
  readonly readers: () => number
  readonly close: () => Promise<void>
}

export interface TransportOptions {
  /** The largest event, or what carries it, in bytes. */
  readonly maxEventSize?: number
}

/** How the suite connects with one transport. */
export interface TransportHarness {
  readonly name: string
  readonly serve: (options: ServeOptions) => Promise<ServedAnswers>
  /** A transport to the route at `url`, which leads through a proxy to the same path of the server. Its events are named `word`. */
  readonly connect: (url: string, options: TransportOptions) => Transport
  /** What the transport cannot do, because what it is built on cannot. */
  readonly lacks?: {
    /** It cannot tell the end of a connection from a cut. */
    readonly ends?: boolean
  }
}
