import type { Frame } from '../src/index'

/** The frames of a Keepstream server, as its parser gives them. Ids are of the life `e` unless they say more. */
const id = (position: number | string) => (typeof position === 'number' ? `e-${position}` : position)

export const hello = (position: number | string, heartbeat?: number, resumed = false): Frame => ({
  event: 'hello',
  id: id(position),
  data: JSON.stringify({ v: 1, resumed, ...(heartbeat !== undefined && { heartbeat }) }),
})

/** Of a server that has entries up to `head`. */
export const helloWith = (head: number, position = 0): Frame => ({
  event: 'hello',
  id: id(position),
  data: JSON.stringify({ v: 1, position, head, state: 'live', resumed: position > 0 }),
})

export const text = (position: number | string, value: string): Frame => ({
  event: 'text',
  id: id(position),
  data: JSON.stringify(value),
})

export const end = (position: number, state = 'done', more: object = {}): Frame => ({
  event: 'end',
  id: id(position),
  data: JSON.stringify({ state, n: position - 1, ...more }),
})

/** What a server says whose log does not hold the position that was asked for: a hello without an id, and a reset. */
export const reset = (position: number | string, reason = 'evicted'): readonly Frame[] => [
  { event: 'hello', data: JSON.stringify({ v: 1, resumed: false }) },
  { event: 'reset', id: id(position), data: JSON.stringify({ reason }) },
]

/** What the entries up to `position` come to. */
export const snapshot = (position: number, value: string): Frame => ({
  event: 'snapshot',
  id: id(position),
  data: JSON.stringify({ text: value, reasoning: '', toolCalls: [], data: {}, alternatives: [] }),
})

/** An entry that takes back what came after another, which left `value`. */
export const retract = (position: number, after: number, value?: string): Frame => ({
  event: 'retract',
  id: id(position),
  data: JSON.stringify({ after, ...(value !== undefined && { state: JSON.parse(snapshot(after, value).data) }) }),
})

export const bye = (after: unknown, reason = 'drain'): Frame => ({
  event: 'bye',
  data: JSON.stringify({ reason, after }),
})
