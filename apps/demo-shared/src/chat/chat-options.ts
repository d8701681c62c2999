import { persistent } from '@keepstream/core'
import type { ChatOptions } from '@keepstream/core/chat'
import type { Journal } from './journal'
import type { Settings } from './settings'

// A page that is loaded again in the middle of an answer rejoins it.
const persist = persistent('chat')

/**
 * The conversation of the demo. The clocks are shorter than the defaults, so that a stall shows while somebody watches; the
 * delays stray less than by default, so that there is a countdown to see.
 */
export const chatOptions = (journal: Journal, settings: Settings): ChatOptions => ({
  url: '/api/chat',
  key: 'chat',
  persist,
  clocks: { connect: 4_000, liveness: 3_000 },
  retry: { maxDelay: 6_000, jitterFactor: 0.25 },
  messages: journal.messages,
  request: (messages) => journal.request(messages, settings),
})
