import type { IncomingHttpHeaders } from 'node:http'
import type { ApiError } from '../api-error'
import type { AnswerEvent, Completion } from '../completion'
import type { ChatRequest } from '../request'

/** One wire that the scripted model speaks: how it is asked, how it answers, and how it spoils its answers. */
export interface ModelDialect {
  /** The key that a request brings, where it brings one. */
  readonly keyOf: (headers: IncomingHttpHeaders) => string | undefined
  /** Reads the body, or says what is wrong with it. `model` and `stream`: what the address says of them, where it does. */
  readonly parse: (json: string, address: AddressedCall) => ChatRequest | ApiError
  readonly stream: (completion: Completion) => Iterable<AnswerEvent>
  readonly whole: (completion: Completion) => AnswerEvent
  /** An error as this provider words it. */
  readonly errorBody: (error: ApiError) => object
  /** An error in the middle of an answer, as bytes. */
  readonly errorEvent: (message: string) => string
  /** Data of an event that is cut in the middle. */
  readonly garbage: string
  /** What stands before and after the text in an event that carries some. */
  readonly textEvent: readonly [head: string, tail: string]
}

export interface AddressedCall {
  readonly headers: IncomingHttpHeaders
  readonly model?: string | undefined
  readonly stream?: boolean | undefined
}

export const bearerOf = ({ authorization }: IncomingHttpHeaders) => /^Bearer (.+)$/.exec(authorization ?? '')?.[1]

export const headerOf = (name: string) => (headers: IncomingHttpHeaders) => {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}
