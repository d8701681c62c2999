import type { Answer } from '../chat/conversation'
import { isRunning } from '../chat/conversation'
import type { ShellCopy } from '../copy/shell'

/** What the connection is doing, in words, and how worried to look. */
export interface Wire {
  readonly tone: 'calm' | 'good' | 'busy' | 'bad'
  readonly text: string
}

/** `now` is a time of `Date.now()`, for the countdown. */
export function describeWire(answer: Answer, now: number, { wire }: Pick<ShellCopy, 'wire'>): Wire {
  const { connection, status } = answer
  if (!isRunning(answer)) {
    const broken = (status === 'interrupted' || status === 'failed') && answer.error?.retryable
    return broken ? { tone: 'bad', text: wire.broken } : { tone: 'calm', text: wire.ready }
  }
  switch (connection.state) {
    case 'open':
      return { tone: 'good', text: wire.connected }
    case 'offline':
      return { tone: 'bad', text: wire.offline }
    case 'queued':
      return { tone: 'busy', text: wire.queued(connection.position) }
    case 'waiting': {
      const seconds = Math.ceil((connection.retryAt - now) / 1_000)
      const { attempt } = connection
      return { tone: 'busy', text: seconds > 0 ? wire.waiting(attempt, seconds) : wire.reconnecting(attempt) }
    }
    default: {
      const again = connection.attempt > 1 || answer.data.text !== ''
      return { tone: 'busy', text: again ? wire.reconnecting(connection.attempt) : wire.connecting }
    }
  }
}
