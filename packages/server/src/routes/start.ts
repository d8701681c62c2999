import { catchUp } from '../catch-up'
import { closingError, type Exchange, httpError, jsonReply, type Reply } from '../exchange'
import { fingerprintOf } from '../fingerprint'
import type { HandlerSettings } from '../handler-options'
import type { Hub } from '../hub'
import type { Limits } from '../limits'
import { type Asked, askedAfter, locate } from '../position'
import { refusalError } from '../visitors'
import { admit, readKey, scopedKey, visitorOf } from './admission'
import { readForm, shapes } from './form'
import { type Route, type StreamReply, validate } from './route'

/** `POST {route}`: starts an answer, or joins the one that its key already has. */
export async function start(
  hub: Hub,
  path: string,
  route: Route,
  exchange: Exchange,
  { requireIdempotencyKey }: Pick<HandlerSettings, 'requireIdempotencyKey'>,
): Promise<Reply | StreamReply> {
  const form = readForm(exchange)
  const key = readKey(exchange)
  if (key === undefined && requireIdempotencyKey) {
    throw httpError(400, 'key_missing', 'Send an Idempotency-Key, a new one for each action of a person.')
  }
  const principal = await admit(hub, exchange, 'create', path)
  const visitor = visitorOf(hub, principal, exchange)
  const body = await readJson(exchange, hub.limits)
  const input = await validate(route.input, body)
  const identity = key !== undefined && {
    key: scopedKey(path, principal, key),
    fingerprint: await fingerprintOf(['POST', path, principal.tenant ?? null, principal.user ?? null, body]),
  }
  const owner = { route: path, tenant: principal.tenant, user: principal.user }
  if (hub.state !== 'open') throw closingError()
  const refusal = form === 'application/json' ? undefined : hub.visitors.refusal(visitor)
  if (refusal) throw refusalError(refusal)
  const produce = (context: Parameters<Route['produce']>[0]) => route.produce(context)
  const { snapshots, timeout } = route
  const { stream, created } = await hub.start({ owner, ...identity, input, produce, snapshots, timeout })

  const location = `${path}/streams/${stream.id}`
  const headers = { location, 'stream-id': stream.id, ...(!created && { 'idempotent-replayed': 'true' }) }
  if (form === 'application/json') return jsonReply(created ? 202 : 200, { id: stream.id, location }, headers)
  // A client that never learned where its answer lives repeats the start, and may have read a part of it already.
  const seen = exchange.header('last-event-id')
  const asked: Asked = seen ? askedAfter(seen) : { type: 'start' }
  if (hub.shared) await catchUp(stream, asked)
  const place = locate(asked, stream)
  const { written, ...shape } = shapes[form]
  return { status: created ? 201 : 200, headers: { ...shape.headers, ...headers }, written, stream, place, visitor }
}

async function readJson(exchange: Exchange, { bodyBytes, bodyTimeout }: Limits): Promise<unknown> {
  const type = exchange.header('content-type') ?? ''
  const encoding = exchange.header('content-encoding') ?? 'identity'
  // A bound on what is sent bounds nothing of what it expands to.
  if (encoding.trim().toLowerCase() !== 'identity')
    throw httpError(415, 'unsupported_encoding', 'Send the input as it is, without Content-Encoding.')
  // Insisted on: a page of another site can send anything else with its visitor's cookies, but not this.
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)) {
    throw httpError(415, 'unsupported_media_type', 'Send the input as JSON, with Content-Type: application/json.')
  }
  const bytes = await exchange.body(bodyBytes, bodyTimeout)
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (isWithin(deepest, value)) return value
  } catch {
    throw httpError(400, 'invalid_json', 'The body is not JSON.')
  }
  throw httpError(400, 'invalid_json', `The body is nested more than ${deepest} levels deep.`)
}

// Schemas, fingerprints and whoever writes it again go down by recursion, and would run out of stack at some thousands.
const deepest = 500

function isWithin(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((inner) => isWithin(levels - 1, inner))
}
