import { StreamError } from '../errors'
import type { FetchOptions } from './fetch'
import { encodeBody, resolveHeaders, resolveUrl, send } from './request'
import { locate, refusal } from './response'
import type { OpenRequest } from './transport'

/** Where a transport that can only ask for addresses reads an answer. */
export interface Reading {
  /** Where the answer lives, where it was started. */
  readonly location: string | undefined
  /** The address to read on at: the position is in it (PROTOCOL.md R9), which costs no preflight. */
  readonly url: string
}

/** Every option of `FetchOptions`, absent. */
export const noFetchOptions: { readonly [K in keyof Required<FetchOptions>]: unknown } = {
  url: undefined,
  method: undefined,
  headers: undefined,
  body: undefined,
  credentials: undefined,
  fetch: undefined,
  maxEventSize: 1_048_576,
}

/**
 * Finds out where to read. An answer that is to be started is asked for as JSON (PROTOCOL.md R31): the reply says where it
 * lives and ends at once, and its repetition with the same key finds the same answer.
 */
export async function findReading(options: FetchOptions, request: OpenRequest): Promise<Reading> {
  const { start, cursor, signal } = request
  let { location } = request
  signal.throwIfAborted()
  if (start && location === undefined && options.method !== 'GET') {
    location = await startAnswer(options, start.input, start.key, signal)
  }
  const url = new URL(await resolveUrl(options.url, location))
  if (cursor !== undefined) url.searchParams.set('after', cursor)
  signal.throwIfAborted()
  return { location, url: url.href }
}

async function startAnswer(options: FetchOptions, input: unknown, key: string, signal: AbortSignal): Promise<string> {
  const url = await resolveUrl(options.url)
  const headers = await resolveHeaders(options.headers)
  headers.set('accept', 'application/json')
  headers.set('idempotency-key', key)
  const body = encodeBody(options.body ? await options.body(input) : input, headers)
  const response = await send(options, url, { method: 'POST', headers, body, signal })
  if (!response.ok) throw await refusal(response, false)
  response.body?.cancel().catch(() => {})
  const location = locate(response, url)
  if (location !== undefined) return location
  const sentence = `${url} did not say where the answer lives. It must send \`Location\`, and expose it to pages of other origins.`
  throw new StreamError('http', sentence, { status: response.status })
}
