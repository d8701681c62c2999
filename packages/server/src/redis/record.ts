import { type End, entryId, type Terminal } from '../entry'
import type { Owner, Snapshot } from '../log'
import type { Reply } from './commands'

/** What Redis knows of a stream. */
export interface StreamRecord {
  readonly id: string
  readonly epoch: string
  /** Counts the owners of the stream, so that an earlier one can write no more. */
  readonly term: string
  readonly head: number
  readonly earliest: number
  readonly size: number
  readonly createdAt: number
  readonly owner: Owner
  readonly terminal: Terminal | undefined
  /** The seq of its snapshot, where it has one. */
  readonly snapshotSeq: number | undefined
  /** Its idempotency key. */
  readonly key: string | undefined
}

/** What the process needs that takes a stream over. */
export interface Taken extends StreamRecord {
  readonly snapshot: Snapshot | undefined
  readonly input: string | undefined
  readonly fingerprint: string | undefined
  /** How somebody asked that it end. */
  readonly stop: End | undefined
}

/** How a stream stands, as the look script tells it. */
export type Sight =
  /** `overdue`: its owner has not been heard of for too long. `left`: milliseconds until it is forgotten. */
  | {
      readonly state: 'found'
      readonly record: StreamRecord
      readonly overdue: boolean
      readonly left: number
      readonly snapshot: Snapshot | undefined
    }
  /** It cannot be found, but its owner may be about to write it again. */
  | { readonly state: 'wait' }
  | { readonly state: 'absent' }
  /** It cannot be found, and nobody will write it again. */
  | { readonly state: 'over' }

const some = (text: unknown) => (text === '' ? undefined : (text as string))

function readRecord(id: string, fields: Reply): StreamRecord {
  const [epoch, term, head, earliest, size, created, owner, end, snapshotSeq, key] = fields as readonly string[]
  const seq = Number(head)
  const data = some(end)
  return {
    id,
    epoch: epoch!,
    term: term!,
    head: seq,
    earliest: Number(earliest),
    size: Number(size),
    createdAt: Number(created),
    owner: JSON.parse(owner!) as Owner,
    terminal: data ? { seq, id: entryId(epoch!, seq), data: JSON.parse(data) as Terminal['data'] } : undefined,
    snapshotSeq: some(snapshotSeq) ? Number(snapshotSeq) : undefined,
    key: some(key),
  }
}

export function readSight(id: string, reply: Reply): Sight {
  const [state, overdue, left, data, ...fields] = reply
  if (state !== 'found') return { state: state as 'wait' | 'absent' }
  const record = readRecord(id, fields)
  const snapshot = some(data) ? { seq: record.snapshotSeq!, data: data as string } : undefined
  return { state, record, overdue: Number(overdue) === 1, left: Number(left), snapshot }
}

/** Nothing where somebody else was first, or it is over. */
export function readTaken(id: string, reply: Reply): Taken | undefined {
  const [outcome, ...fields] = reply
  if (outcome !== 'taken') return undefined
  const record = readRecord(id, fields)
  const [data, input, fingerprint, stop] = fields.slice(10).map(some)
  const snapshot = data === undefined ? undefined : { seq: record.snapshotSeq!, data }
  return { ...record, snapshot, input, fingerprint, stop: stop ? (JSON.parse(stop) as End) : undefined }
}

/** The fields of a stream that never change, as the scripts that write it take them. */
export function fixedFields(stream: {
  readonly epoch: string
  readonly owner: Owner
  readonly key: string | undefined
  readonly fingerprint: string | undefined
  readonly input: string | undefined
}): string[] {
  const { epoch, owner, key, fingerprint, input } = stream
  const fields = { epoch, owner: JSON.stringify(owner), key, fingerprint, input }
  return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
}

/** Entries as they are published: the life that they belong to, the number of the first, and event and data in turn. */
export interface Published {
  readonly epoch: string
  readonly first: number
  readonly entries: readonly { readonly event: string; readonly data: string }[]
  /** The first entry that is still kept, where older ones made room for these. */
  readonly earliest?: number | undefined
}

/** Whatever else comes over a channel is no message: what it may have told is found at the next check. */
export function readPublished(message: string): Published | undefined {
  try {
    const [epoch, first, ...parts] = JSON.parse(message) as [string, number, ...(string | number)[]]
    const earliest = typeof parts[0] === 'number' ? parts[0] : undefined
    const rest = (earliest === undefined ? parts : parts.slice(1)) as string[]
    const entries = []
    for (let index = 0; index < rest.length; index += 2) entries.push({ event: rest[index]!, data: rest[index + 1]! })
    return { epoch, first, entries, earliest }
  } catch {
    return undefined
  }
}
