import { preferred } from '../accept'
import type { Sink } from '../cursor-reader'
import { type Exchange, eventStreamHeaders, httpError } from '../exchange'
import { ndjsonSink } from '../sinks/ndjson'

/** How a stream can be read: as events in two forms, or one page of JSON at a time. */
export type Form = 'text/event-stream' | 'application/json' | 'application/x-ndjson'

interface Shape {
  readonly headers: Readonly<Record<string, string>>
  readonly written?: ((sink: Sink) => Sink) | undefined
}

/** The head and the writing of what goes on. */
export const shapes: Readonly<Record<Exclude<Form, 'application/json'>, Shape>> = {
  'text/event-stream': { headers: eventStreamHeaders },
  'application/x-ndjson': {
    headers: { ...eventStreamHeaders, 'content-type': 'application/x-ndjson; charset=utf-8' },
    written: ndjsonSink,
  },
}

/** The form that the client would rather have. Throws an `http` error with status 406 where it takes none of them. */
export function readForm(exchange: Exchange): Form {
  const form = preferred<Form>(exchange.header('accept'), [
    'text/event-stream',
    'application/json',
    'application/x-ndjson',
  ])
  if (form) return form
  throw httpError(406, 'not_acceptable', 'Accept text/event-stream, application/json or application/x-ndjson.')
}
