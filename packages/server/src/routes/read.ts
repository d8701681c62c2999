import { preferred } from '../accept'
import { closingError, type Exchange, eventStreamHeaders, httpError, privateHeaders, type Reply } from '../exchange'
import type { Hub } from '../hub'
import { type Asked, locate, parsePosition } from '../position'
import { admitToStream } from './admission'
import { readPage } from './page'
import type { StreamReply } from './route'

/** `GET {route}/streams/{id}`: reads on from a position, as an event stream or as one page of JSON. */
export async function read(hub: Hub, path: string, id: string, exchange: Exchange): Promise<Reply | StreamReply> {
  const accepted = preferred(exchange.header('accept'), ['text/event-stream', 'application/json'])
  if (!accepted) throw httpError(406, 'not_acceptable', 'Accept text/event-stream or application/json.')
  const stream = await admitToStream(hub, exchange, 'read', path, id)
  if (hub.state !== 'open') throw closingError()
  const place = locate(readAsked(exchange), stream)
  if (accepted === 'application/json') return readPage(stream, place, exchange)
  const exhausted = stream.terminal !== undefined && !place.reset && place.position >= stream.terminal.seq
  // A native EventSource stops for good on 204, and on nothing else.
  if (exhausted) return { status: 204, headers: privateHeaders }
  return { status: 200, headers: eventStreamHeaders, stream, place }
}

/** The header wins: an EventSource comes back with a stale address and a fresh header. */
function readAsked(exchange: Exchange): Asked {
  const id = exchange.header('last-event-id') || exchange.query.get('after')
  if (id) {
    const position = parsePosition(id)
    return position ? { type: 'after', position } : { type: 'unknown' }
  }
  const from = exchange.query.get('from') ?? 'start'
  if (from === 'start' || from === 'now') return { type: from }
  throw httpError(400, 'invalid_from', 'The parameter from is "start" or "now".')
}
