// Above 150 lines: a third is what each figure means, and all of them are of one tally.
import { type Inspected, type Inspection, inspect } from './inspect'
import { isActive, type Signal } from './session/transition'

/** How one answer went, over all of its attempts. Times are in milliseconds. */
export interface Statistics {
  /** From the start to the first part; absent until there is one. */
  readonly timeToFirstPart: number | undefined
  /** From the start to the end, or until now. */
  readonly duration: number
  readonly parts: number
  /** Parts a second between the first and the last one; absent below two. Most providers send a token in each. */
  readonly partsPerSecond: number | undefined
  /** Between two reads that brought parts. Percentiles are right to 5 %, since only a histogram is kept. */
  readonly gaps: { readonly p50: number; readonly p95: number; readonly max: number } | undefined
  readonly attempts: number
  /** Connections that were opened after another one was lost. */
  readonly reconnects: number
  /** Time without a connection after the first one. */
  readonly downtime: number
  /** Events that came again and were dropped. */
  readonly duplicates: number
  /** Bytes of the bodies as they reach us, which is after decompression; 0 where the transport does not count. */
  readonly bytes: number
  /** What carries the stream now, or did last: `fetch`, `websocket`, `poll`, … */
  readonly carrier: string | undefined
}

export interface Meter {
  readonly get: () => Statistics
  /** Ends the watching; what was measured stays. */
  readonly leave: () => void
}

/** Measures `stream` from its next start on, and anew from each start after it. */
export function measure(stream: Inspected): Meter {
  let tally = createTally(0)
  let now = () => tally.endedAt ?? performance.now()
  const leave = inspect((inspection) => {
    if (inspection.stream.get !== stream.get) return
    if (inspection.signal.type === 'started' && inspection.signal.fresh) tally = createTally(inspection.at)
    note(tally, inspection)
  })
  return {
    get: () => summarise(tally, now()),
    leave() {
      leave()
      const left = performance.now()
      now = () => tally.endedAt ?? left
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
  return { ...counts, ...times, opened: false, counting: none, carrier: undefined, gaps: [] }
}

function note(tally: Tally, { signal, snapshot, at }: Inspection): void {
  switch (signal.type) {
    case 'started':
      tally.endedAt = undefined
      break
    case 'connecting':
      tally.attempts++
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
      if (tally.opened) tally.droppedAt ??= at
      close(tally)
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
    duration: attempts === 0 ? 0 : now - startedAt,
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
