import { catchUp } from '../catch-up'
import { closingError, type Exchange, httpError, privateHeaders, type Reply } from '../exchange'
import type { Hub, Visitor } from '../hub'
import type { ReadableLog } from '../log'
import { type Asked, askedAfter, locate } from '../position'
import { refusalError } from '../visitors'
import { admitToStream, visitorOf } from './admission'
import { type Form, readForm, shapes } from './form'
import { readPage } from './page'
import type { StreamReply } from './route'

/** `GET {route}/streams/{id}`: reads on from a position, as an event stream or as one page of JSON. */
export async function read(hub: Hub, path: string, id: string, exchange: Exchange): Promise<Reply | StreamReply> {
  const form = readForm(exchange)
  const { stream, principal } = await admitToStream(hub, exchange, 'read', path, id)
  const visitor = visitorOf(hub, principal, exchange)
  if (hub.state !== 'open') throw closingError()
  const reply = readLog(hub, stream, form, exchange, visitor)
  // Who polls reads too: the answer is not abandoned.
  return form === 'application/json' ? reply.finally(hub.visit(stream)) : reply
}

/** What a log answers to a visitor who may read it. `fresh`: where one begins that does not say. */
export async function readLog(
  hub: Hub,
  stream: ReadableLog,
  form: Form,
  exchange: Exchange,
  visitor: Visitor,
  fresh: 'start' | 'now' = 'start',
): Promise<Reply | StreamReply> {
  const asked = readAsked(exchange, fresh)
  if (hub.shared) await catchUp(stream, asked)
  const place = locate(asked, stream)
  if (form === 'application/json') {
    const refusal = hub.visitors.refusal(visitor)
    if (refusal) throw refusalError(refusal)
    hub.visitors.enter(visitor)
    return readPage(stream, place, exchange, visitor.expires).finally(() => hub.visitors.leave(visitor))
  }
  const exhausted = stream.terminal !== undefined && !place.reset && place.position >= stream.terminal.seq
  // A native EventSource stops for good on 204, and on nothing else.
  if (exhausted) return { status: 204, headers: privateHeaders }
  return { status: 200, ...shapes[form], stream, place, visitor }
}

/** The header wins: an EventSource comes back with a stale address and a fresh header. */
function readAsked(exchange: Exchange, fresh: 'start' | 'now'): Asked {
  const id = exchange.header('last-event-id') || exchange.query.get('after')
  if (id) return askedAfter(id)
  const from = exchange.query.get('from') ?? fresh
  if (from === 'start' || from === 'now') return { type: from }
  throw httpError(400, 'invalid_from', 'The parameter from is "start" or "now".')
}
