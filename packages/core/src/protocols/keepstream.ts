// Above 150 lines: the whole wire in one place, its ids and its ends.
import { StreamError } from '../errors'
import type { Cursor, Frame } from '../frame'
import {
  initialMessage,
  type Message,
  type MessagePart,
  reduceMessage,
  type ToolCallPart,
  type Usage,
} from '../message'
import type { Control, Outcome, Protocol } from './protocol'

/** The wire of `@keepstream/server` (PROTOCOL.md): a log with contiguous ids, so that every hole and repetition shows. */
export function keepstream(): Protocol<MessagePart, Message> {
  return protocol
}

const protocol: Protocol<MessagePart, Message> = {
  name: 'keepstream',
  accept: 'text/event-stream',
  terminated: true,
  durable: true,
  initial: initialMessage,
  reduce: reduceMessage,
  decode,
}

type Decoded = readonly MessagePart[] | Control<MessagePart, Message>

function decode(frame: Frame, cursor: Cursor | undefined): Decoded {
  const { event } = frame
  if (event === 'bye') throw bye(frame)
  if (event === 'reset') return { type: 'reset', reason: fields<{ reason: string }>(frame).reason }
  if (event === 'hello') return hello(frame, cursor)
  // Stands for all entries up to its id, so that it follows any cursor.
  if (event === 'snapshot') return replacement(frame, parse(frame))
  if (isDuplicate(frame, cursor)) return { type: 'duplicate' }
  if (event === 'retract') return replacement(frame, fields<{ state?: unknown }>(frame).state)
  return event === 'end' ? end(frame) : [part(frame)]
}

function bye(frame: Frame): StreamError {
  const { reason, after = 0 } = fields<{ reason: string; after?: number }>(frame)
  const sentence = `The server closes the connection for a moment (${reason}).`
  // Never 0: that is what the engine says of itself.
  return new StreamError('network', sentence, { reason, retryAfter: after || 1 })
}

/** What the answer is from now on; nothing is the beginning. */
function replacement(frame: Frame, state: unknown): Decoded {
  const reset = { type: 'reset', reason: frame.event } as const
  if (state === undefined) return reset
  if (typeof Object(state).text !== 'string') throw malformed(frame)
  return { ...reset, data: { ...initialMessage(), ...(state as Message) } }
}

function hello(frame: Frame, cursor: Cursor | undefined): Control<MessagePart> {
  // No id: the place that was asked for could not be had, and a reset follows, which commits a new one.
  // An earlier place is well: what was seen before comes again and is dropped, as where a start had to be repeated.
  if (cursor !== undefined && frame.id !== undefined && distance(cursor, frame.id).last > 0)
    throw hole(cursor, frame.id)
  const { heartbeat, head = 0 } = fields<{ heartbeat?: number; head?: number }>(frame)
  return {
    type: 'hello',
    heartbeat,
    ...(head > 0 && { behind: (reached) => reached !== undefined && place(reached).last < head }),
  }
}

/** The data of an event by its name. Names that this version does not know are the application's own. */
function part(frame: Frame): MessagePart {
  const { event } = frame
  switch (event) {
    case 'text':
    case 'reasoning': {
      const value = parse(frame)
      if (typeof value === 'string') return { type: event, text: value }
      const { text, choice } = fields<{ text?: unknown; choice?: number }>(frame)
      if (typeof text !== 'string') throw malformed(frame)
      return { type: event, text, ...(choice !== undefined && { choice }) }
    }
    case 'tool-call': {
      const piece = fields<ToolCallPart>(frame)
      // Without a number it is a call of its own, or the one with that id.
      if (typeof (piece.index ?? piece.id ?? piece.name) !== (piece.index === undefined ? 'string' : 'number'))
        throw malformed(frame)
      return { ...piece, type: event }
    }
    case 'usage':
      return { type: event, usage: fields<Usage>(frame) }
    case 'finish': {
      const finish = fields<{ reason: string }>(frame)
      if (typeof finish.reason !== 'string') throw malformed(frame)
      return { ...finish, type: event }
    }
    default:
      return { type: 'data', name: event, value: parse(frame) }
  }
}

interface End {
  readonly state: 'done' | 'error' | 'stopped' | 'lost' | 'timeout'
  /** The number of entries before this one. */
  readonly n: number
  readonly finishReason?: string
  readonly usage?: Usage
  readonly code?: string
  readonly message?: string
}

function end(frame: Frame): Control<MessagePart> {
  const { state, n, finishReason, usage, code = state, message } = fields<End>(frame)
  const position = frame.id === undefined ? undefined : place(frame.id)
  if (position && n !== position.first - 1) throw hole(frame.id, `${position.epoch}-${n}`)
  const parts: MessagePart[] = []
  if (usage) parts.push({ type: 'usage', usage })
  if (finishReason !== undefined) parts.push({ type: 'finish', reason: finishReason })
  return { type: 'end', parts, outcome: outcome(state, code, message) }
}

function outcome(state: End['state'], reason: string, message: string | undefined): Outcome {
  if (state === 'done' || state === 'stopped') return { state }
  const error = new StreamError('server', message ?? `The server ended the answer (${reason}).`, { reason })
  return { state: state === 'lost' ? 'interrupted' : 'failed', error }
}

interface Place {
  readonly epoch: string
  readonly first: number
  readonly last: number
}

/** `<epoch>-<seq>` or, for joined entries, `<epoch>-<first>..<last>`. */
function place(id: string): Place {
  const dash = id.lastIndexOf('-')
  const dots = id.indexOf('..', dash)
  const last = Number(id.slice(dots < 0 ? dash + 1 : dots + 2))
  return { epoch: id.slice(0, dash), first: dots < 0 ? last : Number(id.slice(dash + 1, dots)), last }
}

/** How many entries after the cursor the first and the last one of `id` are, which must be of the same life of the log. */
function distance(cursor: Cursor, id: string): Pick<Place, 'first' | 'last'> {
  const seen = place(cursor)
  const { epoch, first, last } = place(id)
  const ahead = { first: first - seen.last, last: last - seen.last }
  // Also false where one of the two is no number.
  if (epoch === seen.epoch && ahead.last > -Infinity) return ahead
  throw hole(cursor, id)
}

/** Whether the frame was seen before. Throws where entries are missing between the cursor and the frame. */
function isDuplicate({ id }: Frame, cursor: Cursor | undefined): boolean {
  if (cursor === undefined || id === undefined) return false
  const { first, last } = distance(cursor, id)
  if (last > 0 && first !== 1) throw hole(cursor, id)
  return last <= 0
}

function hole(cursor: string | undefined, id: string): StreamError {
  return new StreamError('hole', `Entries are missing between ${cursor} and ${id}; they are read again.`)
}

/** The data of an event that is an object. Who looks for a field of it looks at its type too, where that matters. */
function fields<T>(frame: Frame): T {
  const value = parse(frame)
  if (typeof value === 'object' && value) return value as T
  throw malformed(frame)
}

function parse(frame: Frame): unknown {
  try {
    return JSON.parse(frame.data)
  } catch (cause) {
    throw malformed(frame, cause)
  }
}

function malformed({ event }: Frame, cause?: unknown): StreamError {
  const sentence = `The data of the event \`${event}\` is not what a Keepstream server sends. Is this endpoint one?`
  return new StreamError('decode', sentence, { cause })
}
