import type { StartRequest } from './transports/transport'

/** Where a running answer lives: enough to rejoin it from another page, and to stop it. */
export interface Address {
  /** The start, with its input until the server has acknowledged it: up to then it may have to be sent again. */
  readonly start: StartRequest
  /** Where the server keeps the answer; absent until it said so. */
  readonly location: string | undefined
}

/** Remembers the address of a running answer, for whoever comes after this page. It never throws. */
export interface Memory {
  readonly load: () => Address | undefined
  /** `undefined`: the answer is over, and nothing is left to rejoin. */
  readonly save: (address: Address | undefined) => void
  /** Calls `listener` when another page has saved another address; returns how to leave. */
  readonly watch?: (listener: (address: Address) => void) => () => void
}
