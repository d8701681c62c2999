import { type Attached, createReader, type Host, type Reader, type Sink } from './cursor-reader'
import type { HubEvent } from './hub-options'
import type { ReadableLog, StreamLog } from './log'
import { openingBytes } from './opening'
import type { Place } from './position'
import { turnAway } from './turned-away'
import type { Visitor, Visitors } from './visitors'
import type { Wheel } from './wheel'

/** How many read what is produced here. */
export interface Readership {
  readers: number
  /** When the last reader left. */
  unreadSince: number
}

/** Who reads, and when that one has to go, and why. */
interface Visit {
  readonly visitor: Visitor
  readonly work: Readership | undefined
  readonly since: number
  readonly until: number
  readonly reason: 'auth' | 'age'
}

export interface AttachmentOptions {
  /** What is produced here, by the ids of the streams. */
  readonly running: ReadonlyMap<string, Readership>
  readonly visitors: Visitors
  readonly wheel: Wheel
  /** The interval of heartbeats, in milliseconds. */
  readonly heartbeat: number
  /** How long one connection may last, in milliseconds, give or take 20 %. */
  readonly connectionAge: number
  readonly retryDelay: () => number
  readonly now: () => number
  readonly random: () => number
  readonly report: (event: HubEvent) => void
  /** Called before somebody is attached. False: nobody can stay. */
  readonly admit: () => boolean
}

/** Everybody who is connected: let in where there is room, accompanied by heartbeats, and sent away at their time. */
export interface Attachments {
  readonly readers: ReadonlySet<Reader>
  /**
   * Lets a connection read from `place` on, at its own pace, to the end, or until the visitor's credential expires. To
   * leave is not to stop. Where there is no room for the visitor, it is told `bye` `busy`.
   */
  readonly attach: (stream: ReadableLog, place: Place, sink: Sink, visitor?: Visitor) => Reader
  /**
   * Counts somebody who reads without being attached, such as by polls, so that the stream is not taken for abandoned.
   * Returns a function for when that is over.
   */
  readonly visit: (stream: StreamLog) => () => void
}

const nobody: Visitor = Object.freeze({})

const about = ({ id, owner }: ReadableLog, { transport = 'http' }: Sink) => ({
  stream: id,
  route: owner.route,
  transport,
})

export function createAttachments(options: AttachmentOptions): Attachments {
  const { running, visitors, wheel, heartbeat, connectionAge, retryDelay, now, random, report, admit } = options
  const readers = new Set<Reader>()

  /** Counts a reader of what is produced here, if it still is. */
  function enter(work: Readership | undefined): void {
    if (work) work.readers++
  }

  function leave(work: Readership | undefined): void {
    if (work && --work.readers === 0) work.unreadSince = now()
  }

  function visitOf(visitor: Visitor, work: Readership | undefined): Visit {
    const { expires = Number.POSITIVE_INFINITY } = visitor
    const age = connectionAge * (0.8 + 0.4 * random())
    const since = Math.round(now())
    const until = Math.ceil(since + Math.min(age, expires))
    return { visitor, work, since, until, reason: expires < age ? 'auth' : 'age' }
  }

  /** Beats for a reader, or sends it away at its time. Returns when to ask again, in milliseconds. */
  function accompany(reader: Attached<Visit>): number | undefined {
    const { until, reason } = reader.visit
    const left = until - wheel.time
    if (left > 0) return Math.min(reader.beat(heartbeat), left)
    // Who is cut by the clock of his own credential comes back alone, and at once.
    reader.bye(reason, reason === 'auth' ? 0 : retryDelay())
    return undefined
  }

  const host: Host<Visit> = {
    clock: wheel,
    retryDelay,
    accompany,
    onClose(reader) {
      const { stream, sink, entries, bytes, position, parked, visit } = reader
      visitors.leave(visit.visitor)
      wheel.callOff(reader)
      leave(visit.work)
      // Gone before it was attached, it never was full. And what was sent last may fill the connection of one that has all.
      const full = readers.delete(reader) && parked && !(stream.terminal && position >= stream.terminal.seq)
      const duration = Math.round(now() - visit.since)
      report({ type: 'detached', ...about(stream, sink), entries, bytes, full, duration })
    },
  }

  return {
    readers,
    attach(stream, place, sink, visitor = nobody) {
      const opening = openingBytes(stream, place, { heartbeat, retry: retryDelay() })
      const refusal = visitors.refusal(visitor)
      if (refusal) {
        const { status, reason, after } = refusal
        report({ type: 'refused', route: stream.owner.route, status, code: reason })
        return turnAway(sink, opening, after)
      }
      visitors.enter(visitor)
      const work = running.get(stream.id)
      enter(work)
      report({ type: 'attached', ...about(stream, sink), ...place })
      const admitted = admit()
      const visit = visitOf(visitor, work)
      const reader = createReader({ stream, sink, position: place.position, opening, host, visit })
      // A client can be gone before it was attached.
      if (reader.closed) return reader
      readers.add(reader)
      if (admitted) wheel.set(reader, Math.min(heartbeat, visit.until - visit.since))
      else reader.bye('drain', retryDelay())
      return reader
    },
    visit({ id }) {
      const work = running.get(id)
      enter(work)
      return () => leave(work)
    },
  }
}
