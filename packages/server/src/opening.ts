import { format } from '@keepstream/core/sse'
import { entryId, type Terminal } from './entry'
import type { Snapshot } from './log'
import type { Extent, Place, ResetReason } from './position'

export interface Rhythm {
  /** The interval of heartbeats, in milliseconds. */
  readonly heartbeat: number
  /** How long this reader shall wait before it comes back, in milliseconds: jittered, so that a storm spreads. */
  readonly retry: number
}

const encoder = new TextEncoder()

/** The first events of a connection: where it begins, and whether that is where its reader wanted to. */
export function openingBytes(
  stream: Extent & { readonly terminal: Terminal | undefined; readonly snapshot?: Snapshot | undefined },
  { position, resumed, reset }: Place,
  { heartbeat, retry }: Rhythm,
): Uint8Array {
  const { epoch, earliest, head, terminal } = stream
  const state = terminal?.data.state ?? 'live'
  // JSON has no word for one that never comes.
  const beats = Number.isFinite(heartbeat) ? heartbeat : undefined
  const data = JSON.stringify({ v: 1, epoch, position, head, state, resumed, heartbeat: beats })
  const event = 'hello'
  if (reset === undefined) return encoder.encode(format({ retry, id: entryId(epoch, position), event, data }))
  // Without an id before a reset: a cut between the two would leave the client at a place that it was never told of.
  return encoder.encode(format({ retry, event, data }) + resetEvents(epoch, earliest - 1, reset, stream.snapshot))
}

/**
 * Tells that what the client has is void, or that entries up to `position` can no longer be read; and what they came to,
 * where a snapshot says so. Only that makes a reset without loss.
 */
export function resetEvents(epoch: string, position: number, reason: ResetReason, snapshot?: Snapshot): string {
  const data = JSON.stringify(resetData(position, reason))
  // Cut off from its snapshot it must lead to it again, and from any other place the entries before would be missed.
  const reset = format({ id: entryId(epoch, snapshot ? 0 : position), event: 'reset', data })
  return snapshot ? reset + format({ id: entryId(epoch, snapshot.seq), event: 'snapshot', data: snapshot.data }) : reset
}

export const resetData = (position: number, reason: ResetReason) => ({ reason, earliest: position + 1 })
