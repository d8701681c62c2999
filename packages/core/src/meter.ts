// Above 150 lines: a third is what each figure means, and all of them are of one tally.
import { type Inspected, type Inspection, inspect } from './inspect'
import { check } from './option'
import { isActive, type Signal } from './session/transition'

/** How one answer went, over all of its attempts. Times are in milliseconds. */
export interface Statistics {
  /** From the start to the first part, the time in a queue included; absent until there is one. */
  readonly timeToFirstPart: number | undefined
  /** From the start to the end, or until now. 0 before the first start. */
  readonly duration: number
  readonly parts: number
  /**
   * Parts a second between the first and the last one; absent below two. Most providers send a token in each; a server that
   * gathers what is due sends several, so that this counts too few.
   */
  readonly partsPerSecond: number | undefined
  /**
   * Between two reads that brought parts, cuts included. Percentiles are at most 5 % (or 0.1 ms) above the true ones, since
   * only a histogram is kept.
   */
  readonly gaps: { readonly p50: number; readonly p95: number; readonly max: number } | undefined
  readonly attempts: number
  /** Connections that were opened after another one was lost. */
  readonly reconnects: number
  /** Time without a connection after the first one, while the answer was not over. */
  readonly downtime: number
  /** Events that came again and were dropped. */
  readonly duplicates: number
  /** Bytes of the bodies as they reach us, which is after decompression; 0 where the transport does not count. */
  readonly bytes: number
  /** What carries the stream now, or did last: `fetch`, `websocket`, `poll`, … */
  readonly carrier: string | undefined
}

export interface Meter {
  /** The statistics of this moment, a new object each time: ask as often as you show them. */
  readonly get: () => Statistics
  /** Ends the watching; what was measured stays. */
  readonly leave: () => void
}

/** Measures `stream` from its next start or resume on, and anew from each start after it. It watches until `leave` is called. */
export function measure(stream: Inspected): Meter {
  check(typeof stream?.get === 'function', 'stream', stream, 'a stream, as createStream or registry.get returns it')
  let tally: Tally | undefined
  let now = () => performance.now()
  const leave = inspect((inspection) => {
    const { signal, at } = inspection
    if (inspection.stream.get !== stream.get) return
    if (signal.type === 'cleared') tally = undefined
    if (signal.type === 'started' && (signal.fresh || !tally)) tally = createTally(at)
    // Of what began before anybody measured, the times would be wrong.
    if (tally) note(tally, inspection)
  })
  return {
    get: () => (tally ? summarise(tally, tally.endedAt ?? now()) : nothing),
    leave() {
      leave()
      const left = now()
      now = () => left
    },
  }
}

interface Tally {
  startedAt: number
  endedAt: number | undefined
  firstAt: number | undefined
  lastAt: number
  droppedAt: number | undefined
  opened: boolean
  /** Whether a connection that begins is another attempt. One goes on after it has waited in a queue. */
  between: boolean
  parts: number
  attempts: number
  reconnects: number
  downtime: number
  duplicates: number
  /** Of connections that are over. */
  bytes: number
  /** Of the one that is open. */
  counting: () => number
  carrier: string | undefined
  readonly gaps: number[]
  longest: number
}

const none = () => 0

function createTally(startedAt: number): Tally {
  const counts = { parts: 0, attempts: 0, reconnects: 0, downtime: 0, duplicates: 0, bytes: 0, longest: 0 }
  const times = { startedAt, endedAt: undefined, firstAt: undefined, lastAt: startedAt, droppedAt: undefined }
  return { ...counts, ...times, opened: false, between: true, counting: none, carrier: undefined, gaps: [] }
}

function note(tally: Tally, { signal, snapshot, at }: Inspection): void {
  switch (signal.type) {
    case 'started':
      tally.endedAt = undefined
      tally.between = true
      break
    case 'connecting':
      if (tally.between) tally.attempts++
      tally.between = false
      break
    case 'opened':
      open(tally, signal, at)
      break
    case 'received':
      tally.duplicates += signal.duplicates ?? 0
      if (signal.parts.length > 0) receive(tally, signal.parts.length, at)
      break
    case 'dropped':
    case 'detached':
    case 'interrupted':
    case 'failed':
      drop(tally, at)
      break
  }
  if (signal.type === 'started' || isActive(snapshot.status)) return
  close(tally)
  tally.endedAt ??= at
}

function open(tally: Tally, { carrier, bytes = none }: Extract<Signal<unknown>, { type: 'opened' }>, at: number): void {
  close(tally)
  tally.counting = bytes
  tally.carrier = carrier
  if (tally.droppedAt !== undefined) {
    tally.downtime += at - tally.droppedAt
    tally.reconnects++
  }
  tally.droppedAt = undefined
  tally.opened = true
}

function drop(tally: Tally, at: number): void {
  close(tally)
  tally.between = true
  if (tally.opened) tally.droppedAt ??= at
}

/** A connection that is over is only remembered by its number. */
function close(tally: Tally): void {
  tally.bytes += tally.counting()
  tally.counting = none
}

function receive(tally: Tally, parts: number, at: number): void {
  if (tally.firstAt === undefined) tally.firstAt = at
  else {
    const gap = at - tally.lastAt
    const place = placeOf(gap)
    tally.gaps[place] = (tally.gaps[place] ?? 0) + 1
    tally.longest = Math.max(tally.longest, gap)
  }
  tally.parts += parts
  tally.lastAt = at
}

// Logarithmic buckets, each 5 % wider than the one before: from 0.1 ms to a day they are 421, however long an answer is.
const least = 0.1
const growth = 1.05
const most = 86_400_000

const placeOf = (gap: number) =>
  gap <= least ? 0 : Math.ceil(Math.log(Math.min(gap, most) / least) / Math.log(growth))

function percentile(gaps: readonly number[], share: number): number {
  let left = share * gaps.reduce((sum, count) => sum + count, 0)
  for (const [place, count = 0] of gaps.entries()) {
    left -= count
    if (left <= 0) return least * growth ** place
  }
  return 0
}

function summarise(tally: Tally, now: number): Statistics {
  const { startedAt, firstAt, lastAt, droppedAt, parts, gaps, longest } = tally
  const { attempts, reconnects, downtime, duplicates, bytes, counting, carrier } = tally
  const span = firstAt === undefined ? 0 : lastAt - firstAt
  const within = (milliseconds: number) => Math.min(milliseconds, longest)
  return {
    timeToFirstPart: firstAt === undefined ? undefined : firstAt - startedAt,
    duration: now - startedAt,
    parts,
    partsPerSecond: span > 0 ? ((parts - 1) / span) * 1_000 : undefined,
    gaps:
      gaps.length > 0
        ? { p50: within(percentile(gaps, 0.5)), p95: within(percentile(gaps, 0.95)), max: longest }
        : undefined,
    attempts,
    reconnects,
    downtime: downtime + (droppedAt === undefined ? 0 : now - droppedAt),
    duplicates,
    bytes: bytes + counting(),
    carrier,
  }
}

/** What there is before the first start. */
export const nothing: Statistics = /* @__PURE__ */ summarise(/* @__PURE__ */ createTally(0), 0)
