// Above 150 lines: the licence of what it is built with stands in front.
/*!
 * Built with @microsoft/fetch-event-source 2.0.1, of which the built file holds a copy:
 *
 * MIT License
 *
 * Copyright (c) Microsoft Corporation.
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
 * documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
 * rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
 * persons to whom the Software is furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
 * Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
 * WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
 * COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
 * OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE
 */
import { type EventSourceMessage, fetchEventSource } from '@microsoft/fetch-event-source'
import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { settings } from '../option'
import { type FetchOptions, fetchTransport, utf8 } from './fetch'
import { lane } from './lanes'
import { noFetchOptions } from './reading'
import { encodeBody, resolveHeaders, resolveUrl, send } from './request'
import { locate, readableBody, refusal } from './response'
import type { Connection, OpenRequest, Transport } from './transport'

export interface FetchEventSourceOptions extends FetchOptions {
  /** See `FetchTransportOptions.durable`: whether starts carry their `Idempotency-Key`. Default true. */
  readonly durable?: boolean
}

const eventStream = 'text/event-stream'
const defaults = { ...noFetchOptions, maxEventSize: 1_048_576, durable: undefined as unknown }

/**
 * Streams over `@microsoft/fetch-event-source`. Of its loop only the reading is left: it never sees the end of a body, nor an
 * error, so that it neither retries nor needs a page; and it is fed one chunk for each that is asked for.
 */
export function fetchEventSourceTransport(options: FetchEventSourceOptions): Transport {
  const { maxEventSize } = settings('', defaults, options)
  const { method = 'POST', body: make, durable = true } = options
  const { stop } = fetchTransport({ ...options, accept: eventStream })

  async function open(request: OpenRequest): Promise<Connection> {
    const { cursor, start, location, signal } = request
    signal.throwIfAborted()
    const url = await resolveUrl(options.url, location)
    // Its place is given back when the attempt ends, and with it the signal.
    await lane(url, request)
    const headers = await resolveHeaders(options.headers)
    headers.set('accept', eventStream)
    const creates = start !== undefined && location === undefined && method === 'POST'
    const init: RequestInit = { headers, signal }
    if (creates) {
      if (durable) headers.set('idempotency-key', start.key)
      init.method = 'POST'
      init.body = encodeBody(make ? await make(start.input) : start.input, headers)
    }
    if (cursor !== undefined) headers.set('last-event-id', utf8(cursor))

    return new Promise((resolve, reject) => {
      const parts = createReceiver(maxEventSize)

      async function connect(): Promise<Response> {
        try {
          const response = await send(options, url, init)
          const { status } = response
          if (status === 204 && !creates) resolve({ exhausted: true, async *[Symbol.asyncIterator]() {} })
          else if (status !== 200 && status !== 201) reject(await refusal(response, !creates))
          else {
            const frames = parts.read(readableBody(response, eventStream), signal)
            resolve({
              location: locate(response, url),
              carrier: 'fetch-event-source',
              bytes: parts.bytes,
              [Symbol.asyncIterator]: () => frames,
            })
            return { body: { getReader: () => ({ read: parts.ask }) } } as unknown as Response
          }
        } catch (cause) {
          reject(cause)
        }
        return new Promise(() => {})
      }

      void fetchEventSource(url, {
        fetch: connect,
        onopen: async () => {},
        onmessage: parts.take,
        openWhenHidden: true,
      })
    })
  }

  return Object.assign(open, { stop: stop! })
}

type Chunk = ReadableStreamReadResult<Uint8Array>

/** Hands the chunks of a body over, one at a time, and collects the messages that come of them. */
function createReceiver(limit: number) {
  let frames: Frame[] = []
  let id: string | undefined
  let unfinished = 0
  let bytes = 0
  let tooLarge = false
  let give: ((chunk: Chunk) => void) | undefined
  let asked = () => {}

  /** Its reader's `read`: it asks for the next chunk once it has told every message of the one before. */
  function ask(): Promise<Chunk> {
    return new Promise((resolve) => {
      give = resolve
      asked()
    })
  }

  function take(message: EventSourceMessage): void {
    unfinished = 0
    tooLarge ||= message.data.length > limit
    if (tooLarge) return
    id = message.id || id
    const { event, data, retry } = message
    const more = { ...(id !== undefined && { id }), ...(retry !== undefined && { retry }) }
    // It tells of comments too; what they leave is an event without a name and without data.
    const told = event !== '' || data !== ''
    if (told) frames.push({ event: event || 'message', data, ...more })
    else if (message.id !== '' || retry !== undefined) frames.push({ event: '', data: '', ...more })
  }

  async function hand(value: Uint8Array): Promise<void> {
    const turn = () =>
      new Promise<void>((resolve) => {
        asked = resolve
      })
    if (!give) await turn()
    const told = turn()
    const deliver = give!
    give = undefined
    deliver({ done: false, value })
    await told
  }

  async function* read(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<readonly Frame[], void> {
    const reader = body.getReader()
    const cancel = () => void reader.cancel().catch(() => {})
    signal.addEventListener('abort', cancel)
    try {
      for (;;) {
        const { done, value } = await reader.read().catch((cause: unknown) => {
          throw signal.aborted ? cause : new StreamError('network', 'The connection broke.', { cause })
        })
        if (done) return
        bytes += value.byteLength
        unfinished += value.byteLength
        await hand(value)
        const batch = frames
        frames = []
        yield batch
        if (tooLarge || unfinished > limit) {
          const sentence = `An event is larger than ${limit} bytes. Raise \`maxEventSize\` if that is right.`
          throw new StreamError('too-large', sentence)
        }
      }
    } finally {
      signal.removeEventListener('abort', cancel)
      cancel()
    }
  }

  return { ask, take, read, bytes: () => bytes }
}
