import type { Frame } from '@keepstream/core'

/** Frames of the Keepstream protocol, of one log with the epoch `k`. */
export const hello = (position = 0): Frame => ({
  event: 'hello',
  data: JSON.stringify({ v: 1, epoch: 'k', position, resumed: position > 0 }),
  id: `k-${position}`,
})

/** The entry of text with the number `position`. */
export const text = (position: number, piece: string): Frame => entry(position, 'text', piece)

/** One entry of text for each piece, numbered from `first`. */
export function texts(first: number, ...pieces: readonly string[]): readonly Frame[] {
  return pieces.map((piece, index) => text(first + index, piece))
}

/** The terminal entry with the number `position`. */
export const end = (position: number, data: object = { state: 'done' }): Frame => ({
  event: 'end',
  data: JSON.stringify({ ...data, n: position - 1 }),
  id: `k-${position}`,
})

/** The entry with the number `position`, of an event with a name. */
export const entry = (position: number, event: string, data: unknown): Frame => ({
  event,
  data: JSON.stringify(data),
  id: `k-${position}`,
})
