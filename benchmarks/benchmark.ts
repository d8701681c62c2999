/** What one benchmark module found out: a table of ratios, never of times, which other machines could not reproduce. */
export interface Benchmark {
  /** Its key in results.json, such as `parser`. */
  readonly name: string
  /** The sentence above the table: what is compared with what, and what 1 means. */
  readonly title: string
  readonly rows: readonly BenchmarkRow[]
}

export interface BenchmarkRow {
  /** Its key in results.json, such as `openai-16k`. */
  readonly name: string
  /** What was measured, for the table. */
  readonly what: string
  /** Where the figure is no ratio: the goal is one of milliseconds, bytes or counts. */
  readonly unit?: 'ms' | 'bytes' | 'times'
  /** The figure that the goal is about. */
  readonly ratio: number
  /** What `ratio` must reach (`atLeast`) or keep to (`atMost`). */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number }
  /** Others measured in the same run, as ratios to the same baseline, for the reader. */
  readonly others?: Readonly<Record<string, number>>
}

/** Whether a row keeps its goal; a row without one does. */
export function reachesGoal({ ratio, goal }: BenchmarkRow): boolean {
  if (goal === undefined) return true
  return 'atLeast' in goal ? ratio >= goal.atLeast : ratio <= goal.atMost
}
