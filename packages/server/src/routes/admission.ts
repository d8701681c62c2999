import { StreamError } from '@keepstream/core'
import { type Exchange, httpError, notFound } from '../exchange'
import type { Hub, Visitor } from '../hub'
import type { AuthorizationRequest, Authorize, Principal } from '../hub-options'
import type { Awaitable, StreamLog } from '../log'

const maximumKeyLength = 255

/** Whoever asks where nobody is asked about it: one object for all of them. */
const nobody: Principal = Object.freeze({})

function ask(
  { authorize }: Hub,
  question: Omit<AuthorizationRequest, 'request'>,
  exchange: Pick<Exchange, 'request'>,
): Awaitable<Principal | undefined> {
  return authorize ? askHook(authorize, { ...question, request: exchange.request }) : nobody
}

async function askHook(authorize: Authorize, question: AuthorizationRequest): Promise<Principal | undefined> {
  const principal: unknown = (await authorize(question)) || undefined
  if (principal === undefined || isPrincipal(principal)) return principal
  const remedy = 'Return { tenant?, user?, expires? } with strings and milliseconds, or nothing to deny.'
  throw new StreamError('option', `The option createHub.authorize returned something that is no principal. ${remedy}`)
}

/** Checked, because what is no principal would make everybody the same person. */
function isPrincipal(value: unknown): value is Principal {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { tenant, user, expires } = value as Record<keyof Principal, unknown>
  if (expires !== undefined && !(typeof expires === 'number' && expires >= 0)) return false
  return [tenant, user].every((name) => name === undefined || typeof name === 'string')
}

/** The principal that may do this on the route. Throws an `http` error with status 403 where it may not. */
export async function admit(
  hub: Hub,
  exchange: Pick<Exchange, 'request'>,
  verb: 'connect' | 'create' | 'list' | 'read' | 'stop',
  route: string,
): Promise<Principal> {
  const principal = await ask(hub, { verb, route }, exchange)
  if (!principal) throw httpError(403, 'forbidden', 'You may not do this.')
  return principal
}

/** The stream, if it exists on this route and belongs to whoever asks. Throws the same 404 whichever of them is not so. */
export async function admitToStream(
  hub: Hub,
  exchange: Exchange,
  verb: 'read' | 'stop',
  route: string,
  id: string,
): Promise<{ readonly stream: StreamLog; readonly principal: Principal }> {
  const found = await hub.find(id)
  const stream = found?.owner.route === route ? found : undefined
  // Asked also about a stream that does not exist, so that the time to answer does not tell.
  const principal = await ask(hub, { verb, route, ...(stream && { stream: { id, owner: stream.owner } }) }, exchange)
  if (!stream || !principal) throw notFound()
  if (hub.authorize && (principal.tenant !== stream.owner.tenant || principal.user !== stream.owner.user))
    throw notFound()
  return { stream, principal }
}

/** Who asks, as the bounds on connections and the clock of the credential see it. */
export function visitorOf(hub: Hub, principal: Principal, exchange: Exchange): Visitor {
  // To know an address is a call of the kernel, and to keep it a fifth of a kilobyte.
  const address = Number.isFinite(hub.limits.connectionsPerAddress) ? exchange.address : undefined
  if (principal === nobody && address === undefined) return nobody
  // A socket renews its credential without asking again for what it reads, and ends it all when it could not.
  return exchange.overSocket && !exchange.query.has('capability')
    ? { ...principal, address, expires: undefined }
    : { ...principal, address }
}

/** The `Idempotency-Key` of a request. Throws an `http` error with status 400 for one that is no key. */
export function readKey(exchange: Exchange): string | undefined {
  const key = exchange.header('idempotency-key')
  if (key === undefined) return undefined
  if (/^[\x21-\x7e]+$/.test(key) && key.length <= maximumKeyLength) return key
  throw httpError(400, 'invalid_key', `The Idempotency-Key must be 1 to ${maximumKeyLength} visible ASCII characters.`)
}

/** The key as the log knows it: two people who happen on the same key do not meet. */
export function scopedKey(route: string, { tenant, user }: Principal, key: string): string {
  return JSON.stringify([route, tenant ?? null, user ?? null, key])
}
