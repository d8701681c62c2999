// A little above 150 lines: both lines under test, and what belongs to both.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { keepstream, type Message, type MessagePart, openaiChat, type StreamOptions } from '@keepstream/core'
import {
  createHandler,
  createHub,
  type Hub,
  type HubOptions,
  memoryLog,
  type Producer,
  type RelayOptions,
  relay,
} from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import {
  createFaultProxy,
  createScriptedModel,
  type FaultProxy,
  type ScriptedModel,
  type ScriptedModelOptions,
  tokens,
} from '@keepstream/testing'
import { type Observed, observe } from './observed'
import { until } from './until'

/** What the model says where a test gives nothing else: both languages, an emoji of several code points, a line end. */
export const answer =
  'Streams survive: 안녕하세요, 연결이 끊겨도 답은 끝까지 옵니다 👩‍👩‍👧.\nNothing is lost, and nothing comes twice. 끝.'

/** The text after so many tokens. */
export const after = (count: number) => tokens(answer).slice(0, count).join('')

export interface LineOptions extends ScriptedModelOptions {
  /** What makes the entries in place of a relay to the model. */
  readonly produce?: Producer
  readonly hub?: Partial<HubOptions>
  readonly relay?: Partial<RelayOptions>
}

type ClientOptions = Partial<StreamOptions<MessagePart, Message>>

/** A whole line: client, fault proxy and what lies behind it, over real sockets. */
export interface Line extends AsyncDisposable {
  readonly model: ScriptedModel
  /** Between the client and the endpoint. */
  readonly proxy: FaultProxy
  /** The endpoint as its clients see it, through the proxy. */
  readonly url: string
  /** A new client with short delays, watched from the beginning. */
  readonly open: (options?: ClientOptions) => Observed
  /** Waits until no connection, reader, generation or response is left. */
  readonly settled: () => Promise<void>
  /** The data of an undisturbed run. */
  readonly whole: () => Promise<Message>
}

export interface KeepstreamLine extends Line {
  readonly hub: Hub
  /** What the server is answering at present. */
  readonly responses: ReadonlySet<ServerResponse>
  /** The endpoint itself, past the proxy. */
  readonly direct: string
  /** The authorization header of each request that reached the server, oldest first. */
  readonly authorizations: readonly (string | undefined)[]
}

const impatient = { baseDelay: 10, maxDelay: 100 }

/** `keepstream()` → proxy → `@keepstream/server` → scripted model. */
export async function keepstreamLine({
  hub: given,
  relay: relayed,
  produce,
  ...script
}: LineOptions = {}): Promise<KeepstreamLine> {
  const model = await createScriptedModel({ answer, ...script })
  const hub = createHub({ log: memoryLog(), retry: { min: 20, max: 20 }, ...given })
  const upstream = relay({ baseUrl: model.url, apiKey: false, models: ['scripted'], ...relayed })
  const listener = toNodeListener(createHandler(hub, { '/api/chat': produce ?? upstream }))
  const responses = new Set<ServerResponse>()
  const authorizations: (string | undefined)[] = []
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization)
    responses.add(response)
    response.once('close', () => responses.delete(response))
    listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const direct = `http://127.0.0.1:${(server.address() as { port: number }).port}/api/chat`
  const proxy = await createFaultProxy({ target: direct })
  return {
    model,
    hub,
    responses,
    proxy,
    direct,
    authorizations,
    url: proxy.url,
    open: (options) =>
      observe({ url: proxy.url, protocol: keepstream(), retry: impatient, ...options }, (prompt) => ({
        messages: [{ role: 'user', content: prompt }],
      })),
    async settled() {
      await proxy.refuse()
      await until(() => ({ ...hub.counts(), responses: responses.size }), nothing)
      await until(() => proxy.connections, 0)
      await model.idle()
    },
    whole: () => undisturbed(keepstreamLine, script),
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await hub.close({ drainTimeout: 1 })
      server.closeAllConnections()
      server.close()
      await model.close()
    },
  }
}

const nothing = { generations: 0, readers: 0, responses: 0 }

/** `openaiChat()` → proxy → scripted model: an endpoint that keeps nothing. */
export async function bareLine({ hub: _, relay: __, produce: ___, ...script }: LineOptions = {}): Promise<Line> {
  const model = await createScriptedModel({ answer, ...script })
  const proxy = await createFaultProxy({ target: model.url })
  const url = `${proxy.url}/chat/completions`
  return {
    model,
    proxy,
    url,
    open: (options) =>
      observe({ url, protocol: openaiChat(), retry: impatient, ...options }, (prompt) => ({
        model: 'scripted',
        messages: [{ role: 'user', content: prompt }],
        stream_options: { include_usage: true },
      })),
    async settled() {
      await model.idle()
      await proxy.refuse()
      await until(() => proxy.connections, 0)
    },
    whole: () => undisturbed(bareLine, script),
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await model.close()
    },
  }
}

async function undisturbed(kind: (options: LineOptions) => Promise<Line>, options: LineOptions): Promise<Message> {
  await using line = await kind({ ...options, tokensPerSecond: 0, firstTokenDelay: 0 })
  return (await line.open().ask()).data
}
