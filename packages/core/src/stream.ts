import type { Protocol } from './protocols/protocol'
import type { BackoffOptions } from './retry/backoff'
import type { Clocks } from './session/clocks'
import type { Snapshot } from './session/transition'
import type { FetchOptions } from './transports/fetch'
import type { Transport } from './transports/transport'

export interface StreamOptions<TPart, TData> extends FetchOptions {
  /** What the events mean: `keepstream()`, `openaiChat()`, `text()`, or one of your own. */
  readonly protocol: Protocol<TPart, TData>
  /** How to connect. Default: `fetch` to `url`. */
  readonly transport?: Transport
  /**
   * What to do when an answer is cut and its server cannot go on from the cursor: keep the text and say `interrupted`,
   * or ask again from the start (which a model bills again). Default `fail`.
   */
  readonly interruption?: 'fail' | 'restart'
  readonly retry?: BackoffOptions
  readonly clocks?: Partial<Clocks>
  /** How long to stay connected after the last subscriber left, in milliseconds. Default 5,000. */
  readonly linger?: number
  /** When to publish growing text: `notify` is called once per call of this. Default: once per animation frame, else a microtask. */
  readonly schedule?: (notify: () => void) => void
}

/** What `stop()` found out. `acknowledged`: the server said that the model was told, or that the answer was over. */
export interface StopResult {
  readonly acknowledged: boolean
}

/** One answer under way: await it for its final snapshot (never rejects), or iterate over its parts (throws if it fails). */
export interface Run<TPart, TData> extends PromiseLike<Snapshot<TData>>, AsyncIterable<TPart> {}

/** A stream: its latest snapshot, whoever watches it, and the actions of a person. The actions need no `this`. */
export interface Stream<TPart, TData> extends AsyncIterable<TPart> {
  /** The snapshot as last published. The same object until something changes. */
  readonly get: () => Snapshot<TData>
  /** The snapshot before anything happened, for a render on the server. */
  readonly getInitial: () => Snapshot<TData>
  /** Calls `listener` after each change. The first subscriber of a `GET` stream connects it; the last one to leave starts the linger. */
  readonly subscribe: (listener: () => void) => () => void
  /** Begins a new run. The start carries an idempotency key: however often it is sent, the server starts it once. */
  readonly start: (input?: unknown) => Run<TPart, TData>
  /** Ends the answer, at the model too, and resolves with what the server confirmed. */
  readonly stop: () => Promise<StopResult>
  /** Stops watching and leaves the answer running on the server. */
  readonly detach: () => void
  /** Goes on after `detach` or an interruption, from the cursor. */
  readonly resume: () => Run<TPart, TData>
  /** Stops watching and forgets everything: `idle` again. */
  readonly reset: () => void
  readonly [Symbol.asyncDispose]: () => Promise<void>
}
