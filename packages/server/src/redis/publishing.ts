import { StreamError } from '@keepstream/core'
import { type EntryInput, encodeEntry, entryId } from '../entry'
import { createEpoch, createStreamId } from '../ids'
import type { TopicAddress } from '../log'
import type { Commands } from './commands'
import { classify } from './failure'
import type { TopicKeys } from './keys'
import { publishScript } from './topic-scripts'

export interface PublishingOptions {
  readonly commands: Commands
  readonly keys: TopicKeys
  /** What may wait for Redis, in bytes. */
  readonly maxPendingBytes: number
}

/** For how long Redis knows what a process has published last, in milliseconds: longer than the process repeats it. */
const memory = 10 * 60_000

/** The bytes of an entry beside its event, its data and its number. */
const epoch = createEpoch()
const overhead = encodeEntry(epoch, 1, { event: 'e', data: '1' }).length - 3

export const noRoom = (cause?: unknown) =>
  new StreamError('too-large', 'The server holds too much at once.', { reason: 'log_full', cause })

/** Publishes for this process: one message of a topic after the other, so that Redis can tell a repetition by its number. */
export function createPublishing({ commands, keys, maxPendingBytes }: PublishingOptions) {
  const publisher = createStreamId()
  /** The last of each topic that is under way. */
  const last = new Map<string, Promise<unknown>>()
  let serial = 0
  let pending = 0

  async function send({ key, keep }: TopicAddress, entries: readonly EntryInput[]): Promise<string> {
    try {
      const [, life, seq] = await commands.ask(publishScript, {
        keys: [keys.log(key), keys.meta(key), keys.publisher(key, publisher)],
        args: [
          ...[createEpoch(), ++serial, memory, keys.channel(key), keep.entries, keep.bytes, keep.idle, overhead],
          ...entries.flatMap(({ event, data }) => [event, data]),
        ],
      })
      return entryId(life as string, Number(seq))
    } catch (error) {
      throw classify(error) === 'full' ? noRoom(error) : error
    }
  }

  return async (topic: TopicAddress, entries: readonly EntryInput[]): Promise<string> => {
    const { key } = topic
    const bytes = entries.reduce((sum, { event, data }) => sum + event.length + data.length, 0)
    // A single one may be larger.
    if (pending > 0 && pending + bytes > maxPendingBytes) throw noRoom()
    pending += bytes
    let abandoned = false
    const turn = Promise.resolve(last.get(key)).then(() => (abandoned ? undefined : send(topic, entries)))
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (last.get(key) === settled) last.delete(key)
      })
    last.set(key, settled)
    try {
      return (await commands.inTime(turn))!
    } finally {
      // Who has waited for too long in the row is told so, and published no more.
      abandoned = true
      pending -= bytes
    }
  }
}
