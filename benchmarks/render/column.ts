import { type ContestantName, contestantOf } from './contestants'

/** What a contestant took, or that it did not come to an end in time. */
export type Figure = number | 'does not end'

/** One thing that was measured of many. */
export interface Column {
  /** Its key in render.json, such as `flood`. */
  readonly name: string
  /** The head of its column, unit included. */
  readonly what: string
  /** What Keepstream's own must keep to, by how they show the text. Absent: no goal. */
  readonly goal?: { readonly useStream?: number; readonly StreamText: number }
  readonly figures: ReadonlyMap<ContestantName, Figure>
}

/** Whether a contestant keeps the goal of a column; one without a goal or a figure does. */
export function reachesGoal({ goal, figures }: Column, name: ContestantName): boolean {
  const { own } = contestantOf(name)
  const [most, figure] = [own && goal?.[own], figures.get(name)]
  if (most === undefined || figure === undefined) return true
  return typeof figure === 'number' && rounded(figure) <= most
}

export const rounded = (figure: number) => Number(figure.toFixed(2))
