// Above 150 lines: half of it is what Standard Schema specifies, and the options with what they mean.
import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { createLineParser } from '../ndjson'
import { check, settings } from '../option'
import { type Control, END, type Protocol } from './protocol'

/** What is needed of a Standard Schema (https://standardschema.dev, version 1): any validator that speaks it fits. */
export interface StandardSchema<TOutput = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Validation<TOutput> | Promise<Validation<TOutput>>
    readonly types?: { readonly input: unknown; readonly output: TOutput } | undefined
  }
}

export type Validation<TOutput> =
  | { readonly value: TOutput; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] }

export interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

export interface JsonOptions<TItem> {
  /**
   * How the end is known: by an event whose data is this text, by an item for which the function is true (it is the last one
   * and counts), or with `close` by a connection that closes cleanly, which a proxy that cuts the answer short may do too.
   * Default `[DONE]`.
   */
  readonly terminal?: string | ((item: TItem, event: string) => boolean)
  /** The names of the events that carry items; others are passed over. A JSON line is a `message`. Default: all. */
  readonly events?: readonly string[]
}

/** How to fold the items into other data than a list of them. */
export interface JsonFold<TItem, TData> {
  readonly initial: () => TData
  readonly reduce: (data: TData, item: TItem) => TData
}

export interface JsonListOptions {
  /** How many items are kept; the oldest go first. Default 1,000; at least 1. */
  readonly keep?: number
}

export interface JsonList<TItem> {
  /** The latest items. */
  readonly items: readonly TItem[]
  readonly latest: TItem | undefined
  /** How many items there were, also those that are not kept any more. */
  readonly count: number
}

/**
 * Events of an application's own whose data is JSON, as an event stream or as JSON lines, by the content type. Each must fit
 * `schema`, which is synchronous and gives the items their type; without one they are `unknown`. What does not fit is a
 * `decode` error that names the path. An event named `error` fails the answer.
 */
export function json<TItem, TData>(
  schema: StandardSchema<TItem> | undefined,
  options: JsonOptions<TItem> & JsonFold<TItem, TData>,
): Protocol<TItem, TData>
export function json<TItem = unknown>(
  schema?: StandardSchema<TItem>,
  options?: JsonOptions<TItem> & JsonListOptions,
): Protocol<TItem, JsonList<TItem>>
export function json<TItem, TData>(
  schema?: StandardSchema<TItem>,
  options: JsonOptions<TItem> & JsonListOptions & Partial<JsonFold<TItem, TData>> = {},
): Protocol<TItem, TData> {
  const validator = schema?.['~standard']
  const valid = schema === undefined || typeof validator?.validate === 'function'
  check(valid, 'schema', schema, 'a validator that is a Standard Schema, such as one of zod or valibot')
  const { terminal, events, keep, ...fold } = settings('', defaults, options as Given, 1)
  const told = typeof terminal === 'function' || (typeof terminal === 'string' && terminal !== '')
  check(told, 'terminal', terminal, "the data of the last event, a function, or 'close'")
  check(!events || Array.isArray(events), 'events', events, 'an array of event names')
  check(!fold.initial === !fold.reduce, 'initial', fold.initial, 'both `initial` and `reduce`, or neither')
  const { initial, reduce } = (fold.initial ? fold : listOf<TItem>(keep)) as unknown as JsonFold<TItem, TData>

  function decode({ event, data }: Frame): readonly TItem[] | Control<TItem> | undefined {
    if (event === 'error') throw failure(parse(data) ?? data)
    if (data === terminal) return END
    if (events && !events.includes(event)) return undefined
    const item = read(data)
    const last = typeof terminal === 'function' && terminal(item as never, event)
    return last ? { type: 'end', parts: [item], outcome: { state: 'done' } } : [item]
  }

  function read(data: string): TItem {
    const value = parse(data)
    if (value === undefined) throw new StreamError('decode', 'The data of an event is not JSON.')
    if (!validator) return value as TItem
    const result = validator.validate(value)
    if ('then' in result) {
      result.then(undefined, () => {}) // Nobody looks at it.
      throw new StreamError('option', 'Option `schema` validates asynchronously. Give one that is synchronous.')
    }
    if (!result.issues) return result.value
    if (Object(value).error) throw failure(value)
    throw new StreamError('decode', `The data of an event does not fit the schema: ${describe(result.issues)}`)
  }

  const terminated = terminal !== 'close'
  return { name: 'json', accept, parser, terminated, durable: false, initial, reduce, decode }
}

const accept = 'text/event-stream, application/x-ndjson, application/ndjson, application/jsonl'
const parser = (mediaType: string, limit: number) =>
  mediaType === 'text/event-stream' ? undefined : createLineParser({ maxLineSize: limit })

type Given = { readonly [K in keyof typeof defaults]?: (typeof defaults)[K] }

const defaults = {
  terminal: '[DONE]' as string | ((item: never, event: string) => boolean),
  events: undefined as readonly string[] | undefined,
  keep: 1_000,
  initial: undefined as (() => unknown) | undefined,
  reduce: undefined as ((data: never, item: never) => unknown) | undefined,
}

function listOf<TItem>(keep: number): JsonFold<TItem, JsonList<TItem>> {
  return {
    initial: () => ({ items: [], latest: undefined, count: 0 }),
    reduce: ({ items, count }, latest) => ({ items: [...items, latest].slice(-keep), latest, count: count + 1 }),
  }
}

/** No JSON has this value. */
function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}

/** The error that a server tells in one of the usual shapes: a sentence, or an object with one, which may be an `error`. */
function failure(said: unknown): StreamError {
  const error = Object(said).error ?? said
  const { message = error, code, type } = Object(error)
  const sentence = typeof message === 'string' && message ? message : 'The server ended the answer with an error.'
  return new StreamError('server', sentence, { reason: code ?? type })
}

/** A sentence that names the field, such as "items.0.price: Expected a number." */
function describe([issue]: readonly Issue[]): string {
  const path = issue?.path?.map((segment) => String(typeof segment === 'object' ? segment.key : segment))
  return `${path?.[0] ? `${path.join('.')}: ` : ''}${issue?.message}`
}
