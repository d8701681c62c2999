import type { Sink } from '../cursor-reader'
import type { Exchange, Reply } from '../exchange'
import { httpError } from '../exchange'
import type { Producer, ProducerContext } from '../generation'
import type { Hub, Visitor } from '../hub'
import type { ReadableLog } from '../log'
import type { Place } from '../position'
import { describeIssue, type StandardSchema } from '../schema'

/** What a path of the handler starts. `relay(…)` makes one; `route({ input, produce })` makes your own. */
export interface Route<TInput = unknown> {
  /** Checks the body of a start. Default: any JSON. What it refuses is answered with 400. */
  readonly input?: StandardSchema<TInput> | undefined
  /**
   * Whether the producer appends the entries of a message (PROTOCOL.md, R7). Then the server keeps what they reduce to, so
   * that old entries can be dropped and an answer can be taken back without loss. Default false.
   */
  readonly snapshots?: boolean | undefined
  /** How long one answer may take, in milliseconds. Default: `generationTimeout` of the hub. */
  readonly timeout?: number | undefined
  // A method, so that routes with different inputs fit into one record.
  produce(context: ProducerContext<TInput>): void | Promise<void>
}

/** What is read at its own path and started by nobody, such as a topic. */
export interface Endpoint {
  /** Called once, by `createHandler`. Returns what answers a `GET` of the path. */
  readonly mount: (hub: Hub, path: string) => (exchange: Exchange) => Promise<Reply | StreamReply>
}

/** Paths and what they start, such as `{ '/api/chat': relay(…) }`. A bare producer takes any JSON. */
export type Routes = Readonly<Record<string, Route | Producer | Endpoint>>

/** A route whose producer knows the type of its input by the schema. */
export const route = <TInput = unknown>(definition: Route<TInput>): Route<TInput> => definition

/** An answer that goes on: the log and the place in it to read from. */
export interface StreamReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly stream: ReadableLog
  readonly place: Place
  /** How its events are written where that is not as an event stream: give the sink through it. */
  readonly written?: ((sink: Sink) => Sink) | undefined
  /** Who reads it. */
  readonly visitor?: Visitor | undefined
}

/** The input of a start as its route wants it. Throws an `http` error with status 400 that names the field. */
export async function validate(schema: StandardSchema | undefined, value: unknown): Promise<unknown> {
  if (!schema) return value
  const result = await schema['~standard'].validate(value)
  if (!result.issues) return result.value
  const [issue] = result.issues
  throw httpError(400, 'invalid_input', issue ? describeIssue(issue) : 'The input is not valid.')
}
