/** A place between two entries: after `seq` of the life `epoch`. */
export interface Position {
  readonly epoch: string
  readonly seq: number
}

/** Where a reader wants to begin. */
export type Asked =
  | { readonly type: 'start' }
  | { readonly type: 'now' }
  | { readonly type: 'after'; readonly position: Position }
  | { readonly type: 'unknown' }

/** What a log holds at this moment. An empty log has `earliest === head + 1`. */
export interface Extent {
  readonly epoch: string
  /** The first entry that can still be read. */
  readonly earliest: number
  /** The last entry. */
  readonly head: number
  /** Stands for the entries up to its own, where those are no longer kept. */
  readonly snapshot?: { readonly seq: number } | undefined
}

export type ResetReason = 'evicted' | 'epoch' | 'ahead' | 'unknown'

/** Where a reader begins, and whether that is where it wanted to. `reset` says why not. */
export interface Place {
  readonly position: number
  readonly resumed: boolean
  readonly reset?: ResetReason
}

const maximumLength = 64
const grammar = /^([A-Za-z0-9]{1,16})-(0|[1-9]\d{0,14})(?:\.\.([1-9]\d{0,14}))?$/

/** The place after the entry, or after the last of the joined entries, that an event id names. */
export function parsePosition(id: string): Position | undefined {
  if (id.length > maximumLength) return undefined
  const [, epoch, first, last = first] = grammar.exec(id) ?? []
  if (epoch === undefined || Number(last) < Number(first)) return undefined
  return { epoch, seq: Number(last) }
}

/** The wish to go on after the event that a client names. */
export function askedAfter(id: string): Asked {
  const position = parsePosition(id)
  return position ? { type: 'after', position } : { type: 'unknown' }
}

/** Where a reader that asked for `asked` begins in a log of this extent. Total: whatever was asked has an answer. */
export function locate(asked: Asked, extent: Extent): Place {
  const { epoch, earliest, head } = extent
  const start = earliest - 1
  const reset = (reason: ResetReason): Place => {
    // Looked at only here: a log may have to make it.
    const position = extent.snapshot?.seq ?? start
    return { position, resumed: false, reset: reason }
  }
  switch (asked.type) {
    case 'start':
      return start > 0 ? reset('evicted') : { position: 0, resumed: false }
    case 'now':
      return { position: head, resumed: false }
    case 'unknown':
      return reset('unknown')
    case 'after': {
      const { seq } = asked.position
      if (asked.position.epoch !== epoch) return reset('epoch')
      if (seq > head) return reset('ahead')
      return seq < start ? reset('evicted') : { position: seq, resumed: true }
    }
  }
}
