import { StreamError } from '../errors'
import type { Cursor, Frame } from '../frame'
import { check, settings } from '../option'
import { keepstream } from './keepstream'
import type { Control, Protocol } from './protocol'

/** One message of a topic. Its `event` tells the type of its `data`. */
export type TopicMessage<TEvents extends object = Readonly<Record<string, unknown>>> = {
  readonly [TEvent in keyof TEvents & string]: {
    readonly type: 'message'
    readonly event: TEvent
    readonly data: TEvents[TEvent]
    /** Its place in the topic: no two messages have the same, so that a list can be keyed by it. */
    readonly id: string | undefined
  }
}[keyof TEvents & string]

/** A place where messages are missing for good: whoever reads was away for longer than the topic keeps them. */
export interface TopicGap {
  readonly type: 'gap'
  /** `evicted`: there were too many; `epoch`: the server has lost them, as by a restart; `ahead` and `unknown`: see R16. */
  readonly reason: string
}

export type TopicPart<TEvents extends object = Readonly<Record<string, unknown>>> = TopicMessage<TEvents> | TopicGap

/** What a topic has said to this reader. */
export interface TopicState<TEvents extends object = Readonly<Record<string, unknown>>> {
  /** The latest messages in the order of the topic, and the gaps between them. */
  readonly items: readonly TopicPart<TEvents>[]
  readonly latest: TopicMessage<TEvents> | undefined
  /** How many messages there were, also those that are not kept any more. */
  readonly count: number
}

export interface TopicOptions {
  /** The names of the events that count; others are passed over. Default: all. */
  readonly events?: readonly string[]
  /** How many messages and gaps are kept; the oldest go first. Default 200; at least 1. */
  readonly keep?: number
}

/**
 * A topic of a Keepstream server: messages without an end, read with `GET`. Who comes back after a cut is given what was
 * missed; where that is no longer kept, a gap says so and what came before it stays. `TEvents` is the data of each event by
 * its name, as the caller expects it; it is not checked. When a message was sent, only its data can tell.
 */
export function topic<TEvents extends object = Readonly<Record<string, unknown>>>(
  options: TopicOptions = {},
): Protocol<TopicPart<TEvents>, TopicState<TEvents>> {
  const { events, keep } = settings('', defaults, options, 1)
  check(!events || Array.isArray(events), 'events', events, 'an array of event names')

  function decode(
    frame: Frame,
    cursor: Cursor | undefined,
  ): readonly TopicPart<TEvents>[] | Control<never> | undefined {
    const decoded = wire.decode(controls.includes(frame.event) ? frame : { ...frame, ...anything }, cursor)
    if (decoded && 'type' in decoded) {
      // A part and no reset: what was read is still true.
      return decoded.type === 'reset' ? [{ type: 'gap', reason: decoded.reason }] : (decoded as Control<never>)
    }
    if (events && !events.includes(frame.event)) return undefined
    return [{ type: 'message', event: frame.event, data: parse(frame), id: frame.id } as TopicMessage<TEvents>]
  }

  function reduce(state: TopicState<TEvents>, part: TopicPart<TEvents>): TopicState<TEvents> {
    const { items, latest, count } = state
    if (part.type === 'message') return { items: [...items, part].slice(-keep), latest: part, count: count + 1 }
    // With nothing between them, two gaps are one.
    const before = items.at(-1)?.type === 'gap' ? items.slice(0, -1) : items
    return { items: [...before, part].slice(-keep), latest, count }
  }

  const { accept, terminated, durable } = wire
  const initial = () => ({ items: [], latest: undefined, count: 0 })
  return { name: 'topic', accept, terminated, durable, initial, reduce, decode }
}

const defaults = { events: undefined as readonly string[] | undefined, keep: 200 }

const wire = keepstream()

// All others are the application's own, also those by which a model's answer tells its text (R8).
const controls: readonly string[] = ['hello', 'reset', 'snapshot', 'retract', 'end', 'bye']

/** Of an entry of which only the place is looked at. */
const anything = { event: 'message', data: 'null' }

function parse({ event, data }: Frame): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    const sentence = `The data of the event \`${event}\` is not JSON. Is this endpoint a topic of a Keepstream server?`
    throw new StreamError('decode', sentence, { cause })
  }
}
