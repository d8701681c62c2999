import { StreamError, type Usage } from '@keepstream/core'
import { format } from '@keepstream/core/sse'

/** What a producer appends: the name of an event, and its value as JSON text. */
export interface EntryInput {
  readonly event: string
  readonly data: string
}

/** How a stream can be over. `lost`: whoever produced it is gone, and the log is cut short. */
export type EndState = 'done' | 'error' | 'stopped' | 'lost' | 'timeout'

/** The outcome of a stream, as its terminal entry tells it. */
export interface End {
  readonly state: EndState
  readonly finishReason?: string | undefined
  readonly usage?: Usage | undefined
  /** One word that code can switch on, where the stream did not end well. */
  readonly code?: string | undefined
  /** A sentence fit for the person who waits. */
  readonly message?: string | undefined
}

/** The terminal entry: `n` counts the entries before it, so that a reader can tell whether it has them all. */
export interface Terminal {
  readonly seq: number
  readonly id: string
  readonly data: End & { readonly n: number }
}

export const entryId = (epoch: string, seq: number): string => `${epoch}-${seq}`

/** The bytes of an entry as readers get them: made once, shared by all. */
export const encodeEntry = (epoch: string, seq: number, { event, data }: EntryInput): string =>
  format({ id: entryId(epoch, seq), event, data })

export const terminalOf = (epoch: string, seq: number, end: End): Terminal => ({
  seq,
  id: entryId(epoch, seq),
  data: { ...end, n: seq - 1 },
})

/** `open`, `error` and `message` belong to a native EventSource, the others to the protocol. */
const reserved = new Set(['open', 'error', 'message', 'hello', 'reset', 'snapshot', 'retract', 'end', 'bye'])
const eventName = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/

export const isEventName = (name: string): boolean =>
  typeof name === 'string' && eventName.test(name) && !reserved.has(name)

/** A value as an entry. Throws an `option` error for a name that readers could mistake, and for what JSON cannot say. */
export function createEntry(event: string, value: unknown): EntryInput {
  if (!isEventName(event)) {
    throw new StreamError(
      'option',
      `The event name ${JSON.stringify(String(event).slice(0, 80))} is reserved or malformed: use up to 64 of A-Z a-z 0-9 . _ : - and none of ${[...reserved].join(', ')}.`,
    )
  }
  return { event, data: toJson(event, value) }
}

function toJson(event: string, value: unknown): string {
  let cause: unknown
  try {
    const data: string | undefined = JSON.stringify(value)
    if (data !== undefined) return data
  } catch (error) {
    cause = error
  }
  throw new StreamError('option', `The value of the event "${event}" cannot be written as JSON.`, { cause })
}
