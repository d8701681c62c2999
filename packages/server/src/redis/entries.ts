import { createParser } from '@keepstream/core/sse'
import { type Blocks, createBlocks } from '../blocks'
import { type EntryInput, encodeEntry } from '../entry'
import type { Slice } from '../log'
import type { Commands } from './commands'

/** How many entries one command fetches at most: their reply is what Redis holds up for others. */
const mostFetched = 1000

export interface Fetched {
  /** The number of the first entry. */
  readonly first: number
  readonly entries: readonly EntryInput[]
}

/** Entries after `after`, about `maxBytes` of them where each has `average` bytes. Nothing where Redis has none. */
export async function fetchEntries(
  commands: Pick<Commands, 'request'>,
  log: string,
  after: number,
  maxBytes: number,
  average: number,
): Promise<Fetched | undefined> {
  const count = Math.max(1, Math.min(mostFetched, Math.ceil(maxBytes / Math.max(1, average))))
  const reply = await commands.request(['XRANGE', log, `${after + 1}-0`, '+', 'COUNT', String(count)])
  const rows = reply as readonly (readonly [id: string, fields: readonly [event: string, data: string]])[]
  const [oldest] = rows
  if (!oldest) return undefined
  return {
    first: Number.parseInt(oldest[0], 10),
    entries: rows.map(([, [event, data]]) => ({ event, data })),
  }
}

/** The bytes of entries as every process makes them: the same for the same life and number. */
export function encodeEntries(epoch: string, { first, entries }: Fetched, maxBytes: number): Slice {
  const blocks = createBlocks({ epoch, after: first - 1 })
  for (const entry of entries) blocks.append(encodeEntry(epoch, blocks.last + 1, entry))
  return blocks.read(first - 1, maxBytes)
}

/** The entries after `after` as they were appended, read back from their bytes. */
export function recoverEntries(blocks: Pick<Blocks, 'read' | 'last'>, after: number): EntryInput[] {
  const entries: EntryInput[] = []
  for (let seq = after; seq < blocks.last; seq++) {
    // At least one entry, and not a byte more: joined pieces of text come apart again.
    const [frame] = createParser().feed(blocks.read(seq, 1).bytes)
    entries.push({ event: frame!.event, data: frame!.data })
  }
  return entries
}
