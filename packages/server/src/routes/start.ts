import { preferred } from '../accept'
import { closingError, type Exchange, eventStreamHeaders, httpError, jsonReply, type Reply } from '../exchange'
import { fingerprintOf } from '../fingerprint'
import type { Hub } from '../hub'
import type { Limits } from '../limits'
import { locate } from '../position'
import { admit, readKey, scopedKey } from './admission'
import { type Route, type StreamReply, validate } from './route'

/** `POST {route}`: starts an answer, or joins the one that its key already has. */
export async function start(hub: Hub, path: string, route: Route, exchange: Exchange): Promise<Reply | StreamReply> {
  const accepted = preferred(exchange.header('accept'), ['text/event-stream', 'application/json'])
  if (!accepted) throw httpError(406, 'not_acceptable', 'Accept text/event-stream or application/json.')
  const key = readKey(exchange)
  const principal = await admit(hub, exchange, 'create', path)
  const body = await readJson(exchange, hub.limits)
  const input = await validate(route.input, body)
  const identity = key !== undefined && {
    key: scopedKey(path, principal, key),
    fingerprint: await fingerprintOf(['POST', path, principal.tenant ?? null, principal.user ?? null, body]),
  }
  const owner = { route: path, tenant: principal.tenant, user: principal.user }
  if (hub.state !== 'open') throw closingError()
  const produce = (context: Parameters<Route['produce']>[0]) => route.produce(context)
  const { stream, created } = await hub.start({ owner, ...identity, input, produce, snapshots: route.snapshots })

  const location = `${path}/streams/${stream.id}`
  const headers = { location, 'stream-id': stream.id, ...(!created && { 'idempotent-replayed': 'true' }) }
  if (accepted === 'application/json') return jsonReply(created ? 202 : 200, { id: stream.id, location }, headers)
  const place = locate({ type: 'start' }, stream)
  return { status: created ? 201 : 200, headers: { ...eventStreamHeaders, ...headers }, stream, place }
}

async function readJson(exchange: Exchange, { bodyBytes, bodyTimeout }: Limits): Promise<unknown> {
  const type = exchange.header('content-type') ?? ''
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
