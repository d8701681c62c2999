import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { keepstream, type Message, type MessagePart, openaiChat, type StreamOptions } from '@keepstream/core'
import { type Observed, observe } from './observed'
import { until } from './until'

export interface WireRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

/** Answers one request with bytes that a test wrote by hand. The last answer stands for all that follow. */
export type Answer = (response: ServerResponse, request: WireRequest) => unknown

export interface Wire extends AsyncDisposable {
  readonly url: string
  /** Each request, oldest first. */
  readonly requests: readonly WireRequest[]
  /** How many responses are still open. */
  readonly open: () => number
  readonly keepstream: (options?: ClientOptions) => Observed
  readonly openai: (options?: ClientOptions) => Observed
}

type ClientOptions = Partial<StreamOptions<MessagePart, Message>>

/** A server that says exactly what a test tells it to. It closes nothing that the test does not close. */
export async function serveWire(...answers: readonly Answer[]): Promise<Wire> {
  const requests: WireRequest[] = []
  const responses = new Set<ServerResponse>()
  const server = createServer((request: IncomingMessage, response) => {
    const { method = '', url = '', headers } = request
    responses.add(response)
    response.once('close', () => responses.delete(response))
    response.on('error', () => {})
    const answer = answers[Math.min(requests.length, answers.length - 1)]!
    requests.push({ method, url, headers })
    request.resume()
    void answer(response, requests.at(-1)!)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/api/chat`
  const common = { url, retry: { baseDelay: 5, maxDelay: 20 } }
  return {
    url,
    requests,
    open: () => responses.size,
    keepstream: (options) => observe({ ...common, protocol: keepstream(), ...options }, (prompt) => ({ prompt })),
    openai: (options) => observe({ ...common, protocol: openaiChat(), ...options }, (prompt) => ({ prompt })),
    async [Symbol.asyncDispose]() {
      await until(() => responses.size, 0)
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The head of an event stream. */
export const events = (
  response: ServerResponse,
  headers: Record<string, string> = {},
  status = 200,
): ServerResponse => {
  response.writeHead(status, { 'content-type': 'text/event-stream', ...headers })
  return response
}

/** Sends these bytes as an event stream and closes it properly. */
export const sends =
  (bytes: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (response) =>
    events(response, headers).end(bytes)

export const location = { location: '/api/chat/streams/one' }

export const hello = (position: number, { epoch = 'abcdef', resumed = position > 0, heartbeat = 15_000 } = {}) =>
  `retry: 10\nid: ${epoch}-${position}\nevent: hello\ndata: ${JSON.stringify({ v: 1, epoch, position, head: 9, state: 'live', resumed, heartbeat })}\n\n`

export const word = (seq: number | string, text: string, epoch = 'abcdef') =>
  `id: ${epoch}-${seq}\nevent: text\ndata: ${JSON.stringify(text)}\n\n`

export const end = (seq: number, { n = seq - 1, state = 'done', epoch = 'abcdef' } = {}) =>
  `id: ${epoch}-${seq}\nevent: end\ndata: {"state":"${state}","n":${n}}\n\n`

/** One chunk of OpenAI's dialect. */
export const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`
