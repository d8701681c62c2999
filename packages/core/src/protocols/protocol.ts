import type { StreamError } from '../errors'
import type { Cursor, Frame } from '../frame'

/** Returned by `decode` for the frame that completes the stream. */
export const END = { type: 'end', parts: [], outcome: { state: 'done' } } as const

/**
 * What a frame means for the connection, where it is more than parts. Only protocols whose server keeps a log say these.
 * A protocol of your own needs none of them: parts, `END` and `undefined` are enough.
 */
export type Control<TPart, TData = never> =
  /**
   * Proof of life and the heartbeat's interval in milliseconds, from which the liveness clock is set. `behind`: whether a
   * cursor has yet to reach what the server had when it said so.
   */
  | {
      readonly type: 'hello'
      readonly heartbeat: number | undefined
      readonly behind?: (cursor: Cursor | undefined) => boolean
    }
  /** What was reduced so far is void, and `data` stands in its place where there is any; the frame's id is the new cursor. */
  | { readonly type: 'reset'; readonly reason: string; readonly data?: TData }
  /** The verified end: its last parts, and the error where it did not end well. */
  | { readonly type: 'end'; readonly parts: readonly TPart[]; readonly outcome: Outcome }
  /** Seen before: dropped, and the cursor stays. */
  | { readonly type: 'duplicate' }

/** How a stream ended. Everything but `done` and `stopped` says why. */
export type Outcome =
  | { readonly state: 'done' | 'stopped'; readonly error?: undefined }
  | { readonly state: 'failed' | 'interrupted'; readonly error: StreamError }

/** Turns the bytes of a body into frames, however they were cut. */
export interface FrameParser {
  readonly feed: (chunk: Uint8Array) => readonly Frame[]
  /** The frames that only the end of the bytes completes. */
  readonly end: () => readonly Frame[]
}

/** What the events of one kind of endpoint mean. */
export interface Protocol<TPart, TData> {
  readonly name: string
  /** The media types that the endpoint may answer with, most wanted first: the `Accept` header. */
  readonly accept: string
  /**
   * What reads the bytes of an answer of that media type, with `limit` as the largest event or line in bytes.
   * Default, also where it returns `undefined`: the parser of event streams.
   */
  readonly parser?: ((mediaType: string, limit: number) => FrameParser | undefined) | undefined
  /**
   * Parts of one frame; `END` when the stream is complete; `undefined` for a frame that carries no meaning.
   * Throws a `decode` error on bad input, and a `hole` error where entries are missing after `cursor`.
   */
  readonly decode: (
    frame: Frame,
    cursor: Cursor | undefined,
  ) => readonly TPart[] | typeof END | Control<TPart, TData> | undefined
  /** What a start sends as its body, made from the input. Default: the input as it is. */
  readonly body?: (input: unknown) => unknown
  readonly initial: () => TData
  readonly reduce: (data: TData, part: TPart) => TData
  /** Whether a connection that closes without `END` was cut. True for everything but plain text. */
  readonly terminated: boolean
  /**
   * Whether the server keeps the stream: a repeated start with the same key attaches, stop is acknowledged,
   * and every entry can be read again from a cursor.
   */
  readonly durable: boolean
  /**
   * The input that asks a model to go on after `data`, for the option `interruption: 'continue'`; `undefined` where that
   * is not possible, as in the middle of a tool call. What the new answer brings is reduced onto `data`.
   */
  readonly continue?: (input: unknown, data: TData) => unknown
  /** How to read on at a provider that stores its answers without being a Keepstream server. */
  readonly stored?: StoredAnswers
}

/** Sends a request with the stream's own headers and signal. Rejects where there is no connection, never for a status. */
export type Ask = (url: string, method?: 'GET' | 'POST') => Promise<Response>

/** Answers that a provider stores under a name that its events tell. A frame parser puts that name into the cursor. */
export interface StoredAnswers {
  /** Whether the answer at `cursor` is stored, so that it can be read on. */
  readonly has: (cursor: Cursor) => boolean
  /** Asks for what comes after `cursor`. `url` is the address that the start was sent to. */
  readonly read: (cursor: Cursor, url: string, ask: Ask) => Promise<Response>
  /** Ends the generation, which closing the connection does not. */
  readonly stop: (cursor: Cursor, url: string, ask: Ask) => Promise<Response>
}
