import { keepstream, type Message, type MessagePart, persistent, type StreamOptions } from '@keepstream/core'

/**
 * The stream of the demo. The clocks are shorter than the defaults, so that a stall shows while somebody watches; the
 * delays stray less than by default, so that there is a countdown to see.
 */
export const chat: StreamOptions<MessagePart, Message> = {
  url: '/api/chat',
  key: 'chat',
  protocol: keepstream(),
  // A page that is loaded again in the middle of an answer rejoins it.
  persist: persistent('chat'),
  clocks: { connect: 4_000, liveness: 3_000 },
  retry: { maxDelay: 6_000, jitterFactor: 0.25 },
}
