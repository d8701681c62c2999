import type { Client } from './reading'

/** Every client, loaded when it is asked for: a process has one alone. */
export const clients = {
  'ai-sdk': () => import('./clients/ai-sdk'),
  'tanstack-ai': () => import('./clients/tanstack-ai'),
  langgraph: () => import('./clients/langgraph'),
  'durable-streams': () => import('./clients/durable-streams'),
  'fetch-event-source': () => import('./clients/fetch-event-source'),
  eventsource: () => import('./clients/eventsource'),
  openai: () => import('./clients/openai'),
  keepstream: () => import('./clients/keepstream'),
  'keepstream-socket': () => import('./clients/keepstream-socket'),
} satisfies Record<string, () => Promise<{ readonly read: Client }>>

export type ClientName = keyof typeof clients
