import { keepstream, type Message, type MessagePart, persistent, type StreamOptions } from '@keepstream/core'
import { pollTransport, whenBuffered } from '@keepstream/core/poll'
import { offline } from './offline'

const url = '/api/chat'
// The clocks are shorter than the defaults, so that a stall shows while somebody watches.
const clocks = { connect: 4_000, liveness: 3_000 }

/** The answer of the Lab, as a page would read it that cares for its answers. */
export const labStream: StreamOptions<MessagePart, Message> = {
  url,
  key: 'lab',
  protocol: keepstream(),
  // A page that is loaded again in the middle of an answer rejoins it.
  persist: persistent('lab'),
  fetch: offline.fetch,
  clocks,
  retry: { maxDelay: 6_000, jitterFactor: 0.25 },
  // Where a proxy collects the answer, it is asked for in pieces.
  via: [whenBuffered(pollTransport({ url, fetch: offline.fetch }), { patience: 2_000 })],
}
