// Above 150 lines: half of it is the documentation of the state and its parts.
import { StreamError } from '../errors'
import type { Cursor, Frame } from '../frame'
import { settings } from '../option'
import { keepstream } from './keepstream'
import type { Control, Outcome, Protocol } from './protocol'

/** One increment of a task. */
export type TaskPart =
  | { readonly type: 'status'; readonly status: string; readonly message?: string }
  | TaskProgress
  | ({ readonly type: 'log' } & TaskLogEntry)
  | { readonly type: 'result'; readonly value: unknown }
  /** What happened in a part of the task that has a progress of its own. */
  | { readonly type: 'child'; readonly id: string; readonly name?: string; readonly part: TaskPart }
  | { readonly type: 'end'; readonly state: TaskEnd; readonly failure?: TaskFailure }
  /** The application's own event. */
  | { readonly type: 'data'; readonly name: string; readonly value: unknown }

export interface TaskProgress {
  readonly type: 'progress'
  /** From 0 to 100. Default: `step` of `steps`. */
  readonly percent?: number
  readonly step?: number
  readonly steps?: number
  readonly message?: string
  /** As estimated, in milliseconds. */
  readonly timeLeft?: number
}

export interface TaskLogEntry {
  readonly message: string
  readonly level?: string
  /** Milliseconds since 1970. */
  readonly time?: number
}

export interface TaskFailure {
  /** The server's own word for it. */
  readonly reason: string | undefined
  /** A sentence for a person. */
  readonly message: string
}

type TaskEnd = 'done' | 'stopped' | 'failed' | 'interrupted'

/** A task as far as it has come. */
export interface TaskState<TResult = unknown> {
  /** `pending` until anything happens, then `running` or the task's own word, and in the end how it ended. */
  readonly status: 'pending' | 'running' | TaskEnd | (string & {})
  /** The number of steps that were taken, or of the one under way: as the task counts. */
  readonly step: number
  /** How many steps there are, where the task said so. */
  readonly steps: number | undefined
  /** From 0 to 100. Never goes back, whatever the task says. */
  readonly percent: number
  /** What the task said last about what it is doing. */
  readonly message: string | undefined
  /** As estimated with the latest progress, in milliseconds. */
  readonly timeLeft: number | undefined
  /** The latest entries. */
  readonly log: readonly TaskLogEntry[]
  /** In the order in which they began; 256 at most, what happens in further ones is not kept. */
  readonly children: readonly TaskChild[]
  readonly result: TResult | undefined
  /** Why the task failed or was interrupted. */
  readonly failure: TaskFailure | undefined
  /** The latest value of each of the application's own events. */
  readonly data: Readonly<Record<string, unknown>>
}

export interface TaskChild extends TaskState {
  readonly id: string
  readonly name: string | undefined
}

export interface TaskOptions {
  /** How many entries of the log are kept; the oldest go first. Default 200. */
  readonly log?: number
}

/**
 * A long job on the Keepstream wire, durable like an answer. Its events are `status` (a word, or `{status, message?}`),
 * `progress` (a percentage, or `{percent?, step?, steps?, message?, timeLeft?}`), `log` (a sentence, or
 * `{message, level?, time?}`), `result` (any JSON) and `child` (`{id, name?, event, data}`: an event of a part of the task;
 * `end` with `{state, code?, message?}` ends that part). `TResult` is what the caller expects; it is not checked.
 */
export function task<TResult = unknown>(options: TaskOptions = {}): Protocol<TaskPart, TaskState<TResult>> {
  const { log } = settings('', { log: 200 }, options)
  const reduce = (state: TaskState<TResult>, part: TaskPart) => reduceTask(state, part, log) as TaskState<TResult>
  const { accept, terminated, durable } = wire
  return { name: 'task', accept, terminated, durable, initial: () => initial as TaskState<TResult>, reduce, decode }
}

const wire = keepstream()
const mostChildren = 256
const ends: readonly unknown[] = ['done', 'stopped', 'failed', 'interrupted'] satisfies TaskEnd[]

const initial: TaskState = {
  status: 'pending',
  step: 0,
  steps: undefined,
  percent: 0,
  message: undefined,
  timeLeft: undefined,
  log: [],
  children: [],
  result: undefined,
  failure: undefined,
  data: {},
}

function decode(frame: Frame, cursor: Cursor | undefined): readonly TaskPart[] | Control<TaskPart> | undefined {
  const decoded = wire.decode(frame, cursor)
  if (!decoded || !('type' in decoded)) {
    return decoded?.map((part) => (part.type === 'data' ? read(part.name, part.value) : own(part.type, part)))
  }
  // Of a message: nothing of a task could be read from it.
  if ('data' in decoded) throw wrong(frame.event)
  if (decoded.type !== 'end') return decoded as Control<TaskPart>
  const { parts } = decoded
  const { state, error }: Outcome = decoded.outcome
  const failure = error && { failure: { reason: error.reason, message: error.message } }
  return { ...decoded, parts: [...parts.map((part) => own(part.type, part)), { type: 'end', state, ...failure }] }
}

const own = (name: string, value: unknown): TaskPart => ({ type: 'data', name, value })

/** The part that an event stands for, whether it is of the task itself or of a child. */
function read(name: string, value: unknown): TaskPart {
  switch (name) {
    case 'status': {
      const { status, message } = object(name, typeof value === 'string' ? { status: value } : value)
      if (typeof status !== 'string') throw wrong(name)
      return { type: name, status, ...words(name, { message }) }
    }
    case 'progress': {
      const given = object(name, typeof value === 'number' ? { percent: value } : value)
      const { percent, step, steps, timeLeft, message } = given
      return { type: name, ...numbers(name, { percent, step, steps, timeLeft }), ...words(name, { message }) }
    }
    case 'log': {
      const { message, level, time } = object(name, typeof value === 'string' ? { message: value } : value)
      if (typeof message !== 'string') throw wrong(name)
      return { type: name, message, ...words(name, { level }), ...numbers(name, { time }) }
    }
    case 'result':
      return { type: name, value }
    case 'child': {
      const { id, name: called, event, data } = object(name, value)
      if (typeof id !== 'string' || typeof event !== 'string') throw wrong(name)
      return { type: name, id, ...words(name, { name: called }), part: event === 'end' ? end(data) : read(event, data) }
    }
    default:
      return own(name, value)
  }
}

/** The end of a child. What is no known end is a failure, never done. */
function end(value: unknown): TaskPart {
  const { state, code = state, message } = object('child', value)
  const known = (ends.includes(state) ? state : state === 'lost' ? 'interrupted' : 'failed') as TaskEnd
  if (known === 'done' || known === 'stopped') return { type: 'end', state: known }
  const failure = { reason: typeof code === 'string' ? code : undefined, message: `${message ?? 'This part failed.'}` }
  return { type: 'end', state: known, failure }
}

function object(event: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value) return value as Record<string, unknown>
  throw wrong(event)
}

/** Those of the fields that are there, which must be of that type. */
function fields<T>(event: string, given: Record<string, unknown>, type: string): Record<string, T> {
  const present = Object.entries(given).filter(([, value]) => value !== undefined && value !== null)
  if (present.some(([, value]) => typeof value !== type)) throw wrong(event)
  return Object.fromEntries(present) as Record<string, T>
}
const words = (event: string, given: Record<string, unknown>) => fields<string>(event, given, 'string')
const numbers = (event: string, given: Record<string, unknown>) => fields<number>(event, given, 'number')

const wrong = (event: string) =>
  new StreamError('decode', `The data of the event \`${event}\` is not what a task sends. Is this endpoint one?`)

function reduceTask<TState extends TaskState>(before: TState, part: TaskPart, log: number): TState {
  const state = before.status === 'pending' ? { ...before, status: 'running' } : before
  switch (part.type) {
    case 'status':
      return { ...state, status: part.status, message: part.message ?? state.message }
    case 'progress': {
      const { step = state.step, steps = state.steps, message = state.message, timeLeft } = part
      const { percent = steps ? (step / steps) * 100 : 0 } = part
      return { ...state, step, steps, message, timeLeft, percent: Math.max(state.percent, Math.min(percent, 100)) }
    }
    case 'log': {
      const { type, ...entry } = part
      return { ...state, log: log > 0 ? [...state.log, entry].slice(-log) : [] }
    }
    case 'result':
      return { ...state, result: part.value }
    case 'child': {
      const children = state.children.slice()
      const known = children.findIndex(({ id }) => id === part.id)
      const index = known < 0 ? children.length : known
      if (index === mostChildren) return state
      const child = children[index] ?? { ...initial, id: part.id, name: undefined }
      children[index] = reduceTask({ ...child, name: part.name ?? child.name }, part.part, log)
      return { ...state, children }
    }
    case 'end': {
      const percent = part.state === 'done' ? 100 : state.percent
      return { ...state, status: part.state, percent, timeLeft: undefined, failure: part.failure }
    }
    default:
      return { ...state, data: { ...state.data, [part.name]: part.value } }
  }
}
