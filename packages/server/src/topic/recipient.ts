import { StreamError } from '@keepstream/core'
import { type Exchange, httpError } from '../exchange'
import type { Principal } from '../hub-options'
import type { Audience } from './topic-options'

/** Whose messages are meant. Of everybody's: nobody in particular. */
export interface Recipient {
  readonly tenant?: string | undefined
  readonly user?: string | undefined
  readonly client?: string | undefined
}

// 128 random bits as base64url, such as the client's own keys: what cannot be guessed may be asked for without a user.
const clientName = /^[\w-]{22,64}$/

/** Whose messages a request asks for. Throws an `http` error where it may have nobody's, or does not say whose. */
export function recipientOf(audience: Audience, { tenant, user }: Principal, exchange: Exchange): Recipient {
  if (audience === 'everyone') return {}
  if (audience === 'user') {
    if (user !== undefined) return { tenant, user }
    throw httpError(403, 'forbidden', 'These are the messages of a user. Sign in first.')
  }
  const client = exchange.query.get('client') ?? ''
  if (clientName.test(client)) return { tenant, user, client }
  throw httpError(400, 'invalid_client', 'The parameter client is 22 to 64 random characters of A-Z a-z 0-9 _ and -.')
}

/** What an application gave as recipient, checked: a message to nobody would be lost without a word. */
export function checkRecipient(audience: Audience, given: Recipient = {}): Recipient {
  if (typeof given !== 'object' || given === null) throw unaddressed(audience)
  const { tenant, user, client } = given
  const wrong = Object.entries(given).some(([name, value]) => {
    const known = audience === 'everyone' ? false : name === 'tenant' || name === 'user' || name === audience
    return value !== undefined && !(known && typeof value === 'string')
  })
  if (wrong) throw unaddressed(audience)
  if (audience === 'user' && user === undefined) throw unaddressed(audience)
  if (audience === 'client' && !clientName.test(client ?? '')) throw unaddressed(audience)
  return { tenant, user, client }
}

const remedies: Record<Audience, string> = {
  everyone: 'Give no recipient, or make the topic with { audience: "user" } or { audience: "client" }.',
  user: 'Give { user } with what authorize returns as user, and { tenant } where it returns one.',
  client: 'Give { client } with the name that the client reads by, and { user, tenant } where authorize returns them.',
}

const unaddressed = (audience: Audience) =>
  new StreamError('option', `This is no recipient of a topic for ${audience}. ${remedies[audience]}`)
