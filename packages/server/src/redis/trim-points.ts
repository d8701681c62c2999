/** Places in a stream at which it can be cut, so that its newest part stays about as large as it may be at least. */
export interface TrimPoints {
  /** An entry was appended, up to which the stream has `size` bytes. */
  readonly passed: (seq: number, size: number) => void
  /** The first entry to keep, where the stream holds more than it may. `earliest`: the first that it holds. */
  readonly due: (earliest: number, size: number) => number | undefined
  readonly trimmed: (earliest: number) => void
}

/** Above `maxBytes` a stream is cut to half of them, give or take an eighth. */
export function createTrimPoints(maxBytes: number): TrimPoints {
  const points: { readonly seq: number; readonly size: number }[] = []
  let measured = 0
  let trimmedSize = 0
  let asked = 0

  return {
    passed(seq, size) {
      if (size - measured < maxBytes / 8) return
      measured = size
      points.push({ seq, size })
    },
    due(earliest, size) {
      // Where the stream has no state to stand for it, it is asked again only after as much more.
      if (size - Math.max(trimmedSize, asked) <= maxBytes) return undefined
      asked = size - maxBytes / 2
      const point = points.findLast((candidate) => size - candidate.size >= maxBytes / 2)
      return point && point.seq + 1 > earliest ? point.seq + 1 : undefined
    },
    trimmed(earliest) {
      while (points[0] && points[0].seq < earliest) trimmedSize = points.shift()!.size
    },
  }
}
