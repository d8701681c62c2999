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

function decode(frame: Frame, cursor: Cursor | undefined): readonly MessagePart[] | Control<MessagePart> {
  const { event } = frame
  if (event === 'bye' || event === 'reset') {
    const { reason = 'unknown', after = 0 } = parse(frame) as { reason?: string; after?: number }
    return event === 'bye' ? { type: 'bye', reason, after } : { type: 'reset', reason }
  }
  if (event === 'hello') return hello(frame, cursor)
  if (isDuplicate(frame, cursor)) return { type: 'duplicate' }
  return event === 'end' ? end(frame) : [part(event, parse(frame))]
}

function hello(frame: Frame, cursor: Cursor | undefined): Control<MessagePart> {
  const { heartbeat } = parse(frame) as { heartbeat?: number }
  if (cursor !== undefined && frame.id !== undefined) {
    const asked = place(cursor)
    const given = place(frame.id)
    if (asked?.epoch !== given?.epoch || asked?.last !== given?.last) throw hole(cursor, frame.id)
  }
  return { type: 'hello', heartbeat }
}

/** The data of an event by its name. Names that this version does not know are the application's own. */
function part(event: string, value: unknown): MessagePart {
  switch (event) {
    case 'text':
    case 'reasoning': {
      if (typeof value === 'string') return { type: event, text: value }
      const { text, choice } = (value ?? {}) as { text?: unknown; choice?: number }
      if (typeof text !== 'string') throw new StreamError('decode', `The data of the event \`${event}\` holds no text.`)
      return { type: event, text, ...(choice !== undefined && { choice }) }
    }
    case 'tool-call':
      return { ...(value as ToolCallPart), type: 'tool-call' }
    case 'usage':
      return { type: 'usage', usage: value as Usage }
    case 'finish':
      return { ...(value as { reason: string }), type: 'finish' }
    case 'snapshot':
    case 'retract':
      throw new StreamError(
        'decode',
        `The server sent \`${event}\`, which this version of the client does not know. Update @keepstream/core.`,
      )
    default:
      return { type: 'data', name: event, value }
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
  const { state, n, finishReason, usage, code = state, message } = parse(frame) as End
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
function place(id: string): Place | undefined {
  const dash = id.lastIndexOf('-')
  const dots = id.indexOf('..', dash)
  const first = Number(dots < 0 ? id.slice(dash + 1) : id.slice(dash + 1, dots))
  const last = dots < 0 ? first : Number(id.slice(dots + 2))
  return dash > 0 && first >= 0 && last >= first ? { epoch: id.slice(0, dash), first, last } : undefined
}

/** Whether the frame was seen before. Throws where entries are missing between the cursor and the frame. */
function isDuplicate({ id }: Frame, cursor: Cursor | undefined): boolean {
  if (cursor === undefined || id === undefined) return false
  const seen = place(cursor)
  const next = place(id)
  if (!seen || !next || seen.epoch !== next.epoch) throw hole(cursor, id)
  if (next.last <= seen.last) return true
  if (next.first !== seen.last + 1) throw hole(cursor, id)
  return false
}

function hole(cursor: string | undefined, id: string): StreamError {
  return new StreamError('hole', `Entries are missing between ${cursor} and ${id}; they are read again.`)
}

function parse({ event, data }: Frame): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new StreamError(
      'decode',
      `The data of the event \`${event}\` is not JSON. Is this endpoint a Keepstream server?`,
      { cause },
    )
  }
}
