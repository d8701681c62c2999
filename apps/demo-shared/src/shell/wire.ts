import type { Snapshot } from '@keepstream/core'
import type { ShellCopy } from '../copy/shell'

/** What of a snapshot tells how its connection is, whatever its data is. */
export type Connected = Pick<Snapshot<unknown>, 'status' | 'connection' | 'error'>

export const isRunning = ({ status }: Pick<Connected, 'status'>): boolean =>
  status === 'pending' || status === 'streaming'

/** What the connection is doing, in words, and how worried to look. */
export interface Wire {
  readonly tone: 'calm' | 'good' | 'busy' | 'bad'
  readonly text: string
}

/** `now` is a time of `Date.now()`, for the countdown. */
export function describeWire(
  { connection, status, error }: Connected,
  now: number,
  { wire }: Pick<ShellCopy, 'wire'>,
): Wire {
  if (!isRunning({ status })) {
    const broken = (status === 'interrupted' || status === 'failed') && error?.retryable
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
      const again = connection.attempt > 1 || status === 'streaming'
      return { tone: 'busy', text: again ? wire.reconnecting(connection.attempt) : wire.connecting }
    }
  }
}
