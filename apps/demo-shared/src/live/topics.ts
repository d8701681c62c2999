import { type StreamOptions, type TopicPart, type TopicState, topic } from '@keepstream/core'
import { tabs } from '@keepstream/core/tabs'

/** What the server publishes, of both topics. */
export interface Told {
  readonly text: string
  readonly from?: string
  /** A time of the server's clock. */
  readonly at: number
}

export interface Announcements {
  readonly announcement: Told
}

export interface Notes {
  readonly note: Told
}

type Topic<TEvents extends object> = StreamOptions<TopicPart<TEvents>, TopicState<TEvents>>

/** A topic may be silent for hours, and never ends; the server's heartbeat tells whether it is there. */
const patient = {
  method: 'GET',
  clocks: { connect: 4_000, firstEvent: Infinity, stall: Infinity, liveness: 3_000 },
  // The delays stray less than by default, so that there is a countdown to see.
  retry: { maxRetries: Infinity, maxDelay: 6_000, jitterFactor: 0.25 },
} as const

/** What everybody hears. All tabs of a browser share one connection, so that many of them leave it connections for the rest. */
export const announcements: Topic<Announcements> = {
  ...patient,
  url: '/api/announcements?from=start',
  key: 'announcements',
  protocol: topic<Announcements>(),
  ...tabs('announcements'),
}

/** What is told to this client alone. */
export const inboxOf = (client: string): Topic<Notes> => ({
  ...patient,
  url: `/api/inbox?from=start&client=${client}`,
  key: `inbox-${client}`,
  protocol: topic<Notes>(),
})
