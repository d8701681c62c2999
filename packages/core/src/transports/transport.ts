import type { Cursor, Frame } from '../frame'

/** What a person asked for, once. However often it is sent, `key` stays the same, so that the server starts it once. */
export interface StartRequest {
  readonly input: unknown
  /** The `Idempotency-Key`: 128 random bits, base64url. */
  readonly key: string
}

export interface OpenRequest {
  /** Go on after this place; absent to read from the start. */
  readonly cursor: Cursor | undefined
  /** 1 for the first attempt of a run; only for headers and statistics. */
  readonly attempt: number
  readonly signal: AbortSignal
  /** What to start; absent where a stream is only read. */
  readonly start: StartRequest | undefined
  /** Where the started stream lives, once a server said so: read it there instead of starting it again. */
  readonly location: string | undefined
  /**
   * Says that the request waits before anything is sent: at that place of a queue, counted from 1, or 0 for anything else,
   * such as a fresh token; and with `undefined` that it goes on. Meanwhile only the `total` clock runs.
   */
  readonly waits?: ((position: number | undefined) => void) | undefined
}

/**
 * One established connection. Iterating yields one array per network read, also an empty one for a read that
 * completed no event (a heartbeat, half an event): it is how the liveness clock learns that bytes arrived.
 */
export interface Connection extends AsyncIterable<readonly Frame[]> {
  /** Where the started stream lives (`Location`), where the server said so. */
  readonly location?: string | undefined
  /** The server says that nothing is left to read (204). */
  readonly exhausted?: boolean
  /** What carries it, for statistics: `fetch`, `websocket`, `event-source`, `poll`, … */
  readonly carrier?: string
  /** How many bytes of the body have arrived so far, where the transport knows. */
  readonly bytes?: () => number
}

export interface StopRequest {
  readonly location: string | undefined
  /** The place that the answer has reached. */
  readonly cursor?: Cursor | undefined
  readonly start: StartRequest | undefined
  readonly signal: AbortSignal
}

/**
 * Opens one connection: resolves once it is established, then yields frames until it ends. Never retries.
 * Ends at once when its signal is, or already was, aborted.
 */
export interface Transport {
  (request: OpenRequest): Promise<Connection>
  /** Tells the server to end the generation and resolves once that is acknowledged. Absent: to close the connection is all there is. */
  readonly stop?: (request: StopRequest) => Promise<void>
}

/**
 * A transport around another one: a queue, a fallback, tabs that share a connection, a recorder.
 * It keeps the contract of `Transport`, `stop` included.
 */
export type Wrapper = (transport: Transport) => Transport
