import type { ClientName } from './clients'
import type { OpenOrigin } from './origins/origin'

/** A client under test, and the server that speaks with it. */
export interface Contestant {
  readonly title: string
  /** The package whose version stands in the report. */
  readonly package: string
  readonly client: ClientName
  readonly origin: () => Promise<{ readonly openOrigin: OpenOrigin }>
  /** What ends an event, where it is not an empty line. */
  readonly eventEnd?: RegExp
  /** Whether heartbeats come from the gate. `false`: the server sends its own, or its protocol has none. */
  readonly comments?: false
  /** Whether the protocol knows no heartbeats. */
  readonly silent?: true
  /** Whether it is carried by a WebSocket. */
  readonly socket?: true
  /** How it was set up, for the report. */
  readonly setup: string
}

export const contestants: readonly Contestant[] = [
  {
    title: 'AI SDK',
    package: 'ai',
    client: 'ai-sdk',
    origin: () => import('./origins/ai-sdk'),
    setup:
      '`AbstractChat`, which is what `useChat` holds, and `DefaultChatTransport` with the headers as a function; the server has the two endpoints of the guide on resumable streams. `useChat({ resume: true })` resumes when a page is loaded and when it becomes visible again; the page of this table is visible throughout.',
  },
  {
    title: 'TanStack AI',
    package: '@tanstack/ai-client',
    client: 'tanstack-ai',
    origin: () => import('./origins/tanstack-ai'),
    setup:
      '`ChatClient` and `fetchServerSentEvents` with its options as a function; the server is its own `toServerSentEventsResponse` with `memoryStream` as its delivery durability, a batch of 1.',
  },
  {
    title: 'LangGraph',
    package: '@langchain/langgraph-sdk',
    client: 'langgraph',
    origin: () => import('./origins/langgraph'),
    setup:
      '`client.runs.stream` of a resumable run that goes on after a disconnect, the token in `onRequest`, heartbeats as comments; the server has the three endpoints that the SDK uses for it. 1.15.0 is newer than 2.0.0, which the tag `latest` names.',
  },
  {
    title: 'Durable Streams',
    package: '@durable-streams/client',
    client: 'durable-streams',
    origin: () => import('./origins/durable-streams'),
    eventEnd: /event: control\n(?:data:.*\n)+\n/,
    comments: false,
    silent: true,
    setup:
      '`stream()` with `live: "sse"`, headers as a function and an `onError` that retries; the server is its own, `@durable-streams/server`. A data event and its control event count as one.',
  },
  {
    title: 'fetch-event-source',
    package: '@microsoft/fetch-event-source',
    client: 'fetch-event-source',
    origin: () => import('./origins/event-source'),
    setup:
      'The error handling of its README: a close and a refusal of 5xx are retried, 4xx is fatal; left with `signal` at the terminal event. Headers are an object: there is no function for them.',
  },
  {
    title: 'eventsource',
    package: 'eventsource',
    client: 'eventsource',
    origin: () => import('./origins/event-source'),
    setup:
      'Headers as its README sets them, in `fetch`, so that they are fresh each time; `close()` at the terminal event.',
  },
  {
    title: 'openai',
    package: 'openai',
    client: 'openai',
    origin: () => import('./origins/openai'),
    setup:
      '`chat.completions.stream()`, the key as a function, `timeout: 5_000`, two retries (the default). No endpoint of this protocol can be resumed, so at best it can say so.',
  },
  {
    title: 'Keepstream',
    package: '@keepstream/core',
    client: 'keepstream',
    origin: () => import('./origins/keepstream'),
    comments: false,
    setup:
      '`createStream` with `keepstream()`, headers as a function and `clocks: { stall: 5_000 }` in place of a minute; the server is `@keepstream/server` with a heartbeat of 150 ms. Everything else is as it comes.',
  },
  {
    title: 'Keepstream, WebSocket',
    package: '@keepstream/core',
    client: 'keepstream-socket',
    origin: () => import('./origins/keepstream-socket'),
    comments: false,
    socket: true,
    setup:
      'The same over one socket of `createSocket`, with the `WebSocket` of `ws`; the token is its first message. A clean close is a FIN.',
  },
]
