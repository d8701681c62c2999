import { type Runner, runners } from './run'

/** Something that happened, to one of those who read or to all. */
export type NoteKind = 'fault' | 'lost' | 'again' | 'resumed' | 'duplicates' | 'reset' | 'finished' | 'failed'

export interface Note {
  /** Counted from 0, for lists. */
  readonly id: number
  /** In seconds since the start. */
  readonly at: number
  readonly kind: NoteKind
  /** Absent: it happened to all. */
  readonly runner?: Runner
  /** How many characters it had by then. */
  readonly reached: number
  /** What more there is to say: the name of a fault, the code of an error, a count. */
  readonly detail?: string
}

/** Seconds, and at each of them how many characters each had. */
export type Rows = readonly [times: readonly number[], ...values: readonly (readonly number[])[]]

export interface Timeline {
  readonly rows: () => Rows
  readonly notes: () => readonly Note[]
  readonly begin: () => void
  /** Takes down how far each is. */
  readonly sample: (reached: Readonly<Record<Runner, number>>) => void
  /** Takes down what happened. Of `duplicates` in a row the counts are added up. */
  readonly note: (kind: NoteKind, runner?: Runner, detail?: string) => void
  /** Seconds since the start. */
  readonly elapsed: () => number
  readonly subscribe: (listener: () => void) => () => void
}

// Twenty a second are more than anybody sees. Of more rows than that, every other one is forgotten.
const interval = 0.05
const mostRows = 2_400
const mostNotes = 200

/** What is drawn and listed of one run. `now`: milliseconds of a clock that only goes forward. */
export function createTimeline(now: () => number = () => performance.now()): Timeline {
  let began = now()
  let rows: number[][] = []
  let notes: readonly Note[] = []
  let count = 0
  const listeners = new Set<() => void>()
  const elapsed = () => (now() - began) / 1_000
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }

  function begin(): void {
    began = now()
    rows = [[0], ...runners.map(() => [0])]
    notes = []
    count = 0
    tell()
  }
  begin()

  return {
    rows: () => rows as unknown as Rows,
    notes: () => notes,
    begin,
    elapsed,
    sample(reached) {
      const at = elapsed()
      const [times, ...values] = rows as [number[], ...number[][]]
      // The last row moves on until it is old enough to stay.
      const last = times.length - 1
      const place = last > 0 && at - times[last - 1]! < interval ? last : times.length
      times[place] = at
      for (const [index, runner] of runners.entries()) values[index]![place] = reached[runner]
      if (times.length > mostRows) rows = rows.map((list) => list.filter((_, index) => index % 2 === 0))
      tell()
    },
    note(kind, runner, detail) {
      const last = notes.at(-1)
      if (kind === 'duplicates' && last?.kind === kind && last.runner === runner) {
        const sum = Number(last.detail) + Number(detail)
        notes = [...notes.slice(0, -1), { ...last, detail: String(sum) }]
        return tell()
      }
      const values = rows[runner ? runners.indexOf(runner) + 1 : 0]!
      const reached = runner ? (values.at(-1) ?? 0) : 0
      const note = { id: count++, at: elapsed(), kind, reached, ...(runner && { runner }), ...(detail && { detail }) }
      notes = [...notes, note].slice(-mostNotes)
      tell()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
