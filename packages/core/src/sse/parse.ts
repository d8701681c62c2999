import type { Frame } from '../frame'

export interface ParserOptions {
  /** The largest event, in bytes. Default 1 MiB. */
  readonly maxEventSize?: number
}

export interface Parser {
  readonly feed: (chunk: Uint8Array | string) => readonly Frame[]
  readonly end: () => readonly Frame[]
  readonly lastEventId: string
  readonly retry: number | undefined
}

export declare function createParser(options?: ParserOptions): Parser
