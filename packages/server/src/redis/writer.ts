// Above 150 lines: one loop brings Redis to where memory is, whatever it has lost or refused in between.
import type { Blocks } from '../blocks'
import type { Terminal } from '../entry'
import type { Snapshot } from '../log'
import type { Commands } from './commands'
import { recoverEntries } from './entries'
import type { GroupCommit } from './group-commit'
import type { Keys } from './keys'
import type { Pending } from './pending'
import { fixedFields, type Taken } from './record'
import { appendScript, restoreScript, sealScript, trimScript } from './scripts'
import type { TrimPoints } from './trim-points'

export interface Ending {
  readonly terminal: Terminal
  /** How long the stream is kept after it, in milliseconds. */
  readonly retention: number
}

export interface WriterOptions {
  readonly taken: Omit<Taken, 'terminal' | 'stop' | 'snapshotSeq'>
  readonly commands: Pick<Commands, 'run'>
  readonly keys: Keys
  readonly groupCommit: GroupCommit
  readonly leaseTimeout: number
  /** All entries, as far as memory holds them; the terminal entry not before Redis has it. */
  readonly blocks: Pick<Blocks, 'first' | 'last' | 'read'>
  /** What Redis does not have, the terminal entry included. */
  readonly pending: Pending
  readonly trimPoints: TrimPoints
  /** The bytes of all entries. */
  readonly size: () => number
  /** How the stream is to end, once it is. */
  readonly ending: () => Ending | undefined
  readonly summarize: () => string | undefined
  /** Redis was found to have forgotten something: it may have forgotten more. */
  readonly onGap: () => void
  /** It was written again, after `from`. */
  readonly onHealed: (from: number, to: number) => void
  readonly onWritten: () => void
  readonly onTrimmed: () => void
  readonly onEnded: (ending: Ending) => void
  readonly onFenced: () => void
  /** `sealed`: also as the last words of the stream, which are written whatever the memory says. */
  readonly onFailed: (error: unknown, sealed: boolean) => void
}

/** Writes a stream to Redis: one command at a time, with whatever has gathered meanwhile. */
export interface Writer {
  /** The last entry that Redis is known to have. */
  readonly flushed: number
  /** The first entry that can be read, here or there. */
  readonly earliest: number
  readonly snapshot: Snapshot | undefined
  /** Whether Redis may lack what it was given. */
  readonly suspect: boolean
  /** Something was added to what is pending. */
  readonly schedule: () => void
  /** Redis lacks something: everything that it may lack is written again. */
  readonly heal: () => void
  /** As `heal`, of a stream that is over. Resolves when that is done, or was in vain. */
  readonly remember: () => Promise<void>
  /** Entries before `seq` are lost, in memory and in Redis. */
  readonly forgo: (seq: number) => void
  /** Writes no more. */
  readonly stop: () => void
}

/** So much is written without waiting for the interval. */
const urgentBytes = 16 * 1024

export function createWriter(options: WriterOptions): Writer {
  const { taken, commands, keys, groupCommit, blocks, pending, trimPoints } = options
  const { id, epoch, term, owner, key } = taken
  const streamKeys = [keys.log(id), keys.meta(id), keys.leases, keys.live(owner), ...(key ? [keys.key(key)] : [])]
  let { earliest, snapshot } = taken
  let flushed = taken.head
  let begun = false
  let busy = false
  let suspect = false
  let stopped = false

  function schedule(): void {
    if (busy || stopped || (pending.length === 0 && !suspect)) return
    if (!begun || suspect || urgent()) groupCommit.soon(flush)
    else groupCommit.later(flush)
  }

  const urgent = () => options.ending() !== undefined || pending.bytes >= urgentBytes

  async function flush(): Promise<void> {
    if (busy || stopped) return
    let sealed = false
    busy = true
    begun = true
    try {
      do {
        sealed = options.ending() !== undefined
        if (suspect) await restore()
        else if (pending.length > 0) await write()
      } while (!stopped && (suspect || (pending.length > 0 && urgent())))
    } catch (error) {
      if (!stopped) options.onFailed(error, sealed)
    } finally {
      busy = false
      schedule()
    }
  }

  async function write(): Promise<void> {
    const { entries, size } = pending.batch()
    const ending = options.ending()
    const last = entries.length === pending.length ? ending : undefined
    const [outcome] = await commands.run(ending ? sealScript : appendScript, {
      keys: streamKeys,
      args: [
        ...[id, epoch, term, flushed + 1, keys.channel(id), size],
        ...[last ? JSON.stringify(last.terminal.data) : '', last?.retention ?? 0],
        ...entries.flatMap(({ event, data }) => [event, data]),
      ],
    })
    if (stopped) return
    if (outcome === 'fenced') options.onFenced()
    else if (outcome === 'gap') doubt()
    else {
      pending.remove(entries.length)
      flushed += entries.length
      options.onWritten()
      if (last) options.onEnded(last)
      else await summarize()
    }
  }

  function doubt(): void {
    suspect = true
    options.onGap()
  }

  /** Redis lacks entries, or half of the stream, or knows nothing of it. What memory holds is written again. */
  async function restore(): Promise<void> {
    const before = flushed
    const ending = options.ending()
    // Without its end a stream is not over, so that is always written last.
    const top = ending?.terminal.seq === blocks.last ? blocks.last - 1 : blocks.last
    const [outcome, head, first] = await commands.run(restoreScript, {
      keys: streamKeys,
      args: [
        ...[id, epoch, term, Math.min(blocks.first - 1, top), top, options.leaseTimeout, taken.createdAt],
        ...[snapshot?.seq ?? '', snapshot?.data ?? ''],
        ...fixedFields(taken),
      ],
    })
    if (stopped) return
    // Also where it is over, and its process has nothing left to lose.
    suspect = false
    if (outcome === 'fenced') {
      options.onFenced()
      return
    }
    flushed = Number(head)
    earliest = Number(first)
    if (outcome === 'over') {
      pending.remove(pending.length)
      if (ending) options.onEnded(ending)
      return
    }
    // Redis may have more than it is known to have, where the answer to a write was lost: that waits no longer.
    pending.remove(Math.max(0, flushed - before))
    pending.restore(recoverEntries({ read: blocks.read, last: before }, flushed), options.size())
    options.onHealed(flushed, Math.max(flushed, before))
  }

  /** Old entries make room in Redis where their state can stand for them. */
  async function summarize(): Promise<void> {
    const first = trimPoints.due(earliest, options.size())
    const data = first === undefined ? undefined : options.summarize()
    if (first === undefined || data === undefined) return
    const summary: Snapshot = { seq: blocks.last, data }
    while (flushed < summary.seq && !stopped && !suspect && pending.length > 0) await write()
    if (flushed < summary.seq || stopped) return
    const args = [epoch, term, first, summary.seq, data]
    const [outcome] = await commands.run(trimScript, { keys: [keys.log(id), keys.meta(id)], args })
    if (outcome !== 'ok') return
    snapshot = summary
    earliest = first
    trimPoints.trimmed(first)
    options.onTrimmed()
  }

  return {
    get flushed() {
      return flushed
    },
    get earliest() {
      return earliest
    },
    get snapshot() {
      return snapshot
    },
    get suspect() {
      return suspect
    },
    schedule,
    heal() {
      suspect = true
      schedule()
    },
    async remember() {
      suspect = true
      await flush()
    },
    forgo(seq) {
      earliest = Math.max(earliest, seq)
    },
    stop() {
      stopped = true
    },
  }
}
