import type { Message, MessagePart, Protocol } from '@keepstream/core'

/** A request as clients make it, once its model is known and its parameters are allowed. */
export interface ChatRequest {
  readonly model: string
  readonly messages: readonly unknown[]
  readonly [parameter: string]: unknown
}

/** What differs between providers beyond the request. */
export interface DialectSettings {
  /** The longest answer where a request names none, for a provider that insists on one, in tokens. */
  readonly maxTokens: number
  /** Whether the provider stores the answer, so that it goes on without a connection. */
  readonly background: boolean
}

/** How one kind of provider wants to be asked. Its answers are read with a protocol of the core, like everywhere. */
export interface Dialect {
  readonly protocol: Protocol<MessagePart, Message>
  /** Up to the version. */
  readonly baseUrl: string
  /** The name that its users give to the variable of the key. */
  readonly keyName: string
  /** Parameters of a chat request that it has nothing for. */
  readonly lacks: readonly string[]
  readonly address: (baseUrl: string, model: string) => string
  readonly headers: (apiKey: string) => Readonly<Record<string, string>>
  /** The version of the API, where it goes into a header and an application may choose another one. */
  readonly version?: Readonly<Record<string, string>>
  /** The body of the request. Throws an `http` error with status 400 for what this provider cannot be asked. */
  readonly body: (request: ChatRequest, settings: DialectSettings) => Record<string, unknown>
}

export const bearer = (apiKey: string) => ({ authorization: `Bearer ${apiKey}` })

/** `value` under `name`, or nothing: an absent parameter must not be sent as `undefined` nor as `null`. */
export const given = (name: string, value: unknown): Record<string, unknown> =>
  value === undefined ? {} : { [name]: value }

/** A list without the entries that are not there, or nothing where none is. */
export const unlessEmpty = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined)

/** The longest answer that a request asks for, by either of its names. */
export const longestAnswer = ({ max_completion_tokens, max_tokens }: ChatRequest) => max_completion_tokens ?? max_tokens
