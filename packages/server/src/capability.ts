import { StreamError } from '@keepstream/core'
import type { Authorize, Principal } from './hub-options'
import { checkDuration, checkFunction, checkNames } from './option'

export interface CapabilityOptions {
  /**
   * The keys, at least 32 bytes each, that no client knows. The first one signs, all of them are accepted: to change keys,
   * put the new one first, and take the old one out when the last capability that it signed has expired.
   */
  readonly secrets: readonly (string | Uint8Array)[]
  /** Milliseconds since 1970, for a capability may be used in another process. Default `Date.now`. */
  readonly now?: () => number
}

/** What a capability allows, to whoever holds it. */
export interface Grant extends Pick<Principal, 'tenant' | 'user'> {
  /** The id of the stream. */
  readonly stream: string
  /** Default `read`. */
  readonly verb?: 'read' | 'stop'
  /** How long it is good, in milliseconds. Default 10 minutes. What was opened with it ends then, too. */
  readonly expires?: number
}

/** Addresses that are their own credential, for an `EventSource`, which can send no header. */
export interface Capabilities {
  /** What to append to the address of a stream: `?capability=…`. Of the owner of the stream, or it opens nothing. */
  readonly sign: (grant: Grant) => Promise<string>
  /** The hook of a hub that accepts capabilities, and asks `authorize` about every other request. */
  readonly or: (authorize: Authorize) => Authorize
}

const shortest = 32
const longest = 2048
const encoder = new TextEncoder()
const verbs = ['read', 'stop']

/**
 * Capabilities signed with HMAC-SHA-256 over tenant, user, stream, verb and expiry. They stand in an address, so they are
 * for one stream, one verb and a short time; and nothing here writes an address anywhere.
 */
export function createCapabilities(options: CapabilityOptions): Capabilities {
  checkNames('createCapabilities', options, ['secrets', 'now'])
  const { secrets, now = Date.now } = options
  checkFunction('createCapabilities.now', now)
  const keys = readSecrets(secrets).map((secret) =>
    crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']),
  )

  async function sign({ stream, verb = 'read', tenant, user, expires = 600_000 }: Grant): Promise<string> {
    // Without a stream it would be good for what has none in its address: a topic, and every stop by a key.
    if (typeof stream !== 'string' || !/^[^/]+$/.test(stream))
      throw new StreamError('option', 'The option sign.stream is no id of a stream. Give that of the one to be opened.')
    for (const [name, value] of Object.entries({ tenant, user })) {
      if (value !== undefined && typeof value !== 'string')
        throw new StreamError(
          'option',
          `The option sign.${name} is ${typeof value}, no text. Give what authorize returned.`,
        )
    }
    if (!verbs.includes(verb))
      throw new StreamError('option', `The option sign.verb is ${verb}. Give "read" or "stop".`)
    checkDuration('sign.expires', expires)
    // JSON has no word for what never ends, and an address that is good for ever is a leak.
    if (!Number.isFinite(expires))
      throw new StreamError('option', 'The option sign.expires is Infinity. Give a time that ends.')
    const claims = encoder.encode(
      JSON.stringify([tenant ?? null, user ?? null, stream, verb, Math.round(now() + expires)]),
    )
    const signature = await crypto.subtle.sign('HMAC', (await keys[0])!, claims)
    return `${toBase64Url(claims)}.${toBase64Url(new Uint8Array(signature))}`
  }

  /** The principal that it speaks for, if it is good for this stream and verb. */
  async function verify(capability: string, stream: string, verb: string): Promise<Principal | undefined> {
    if (capability.length > longest) return undefined
    const parts = capability.split('.')
    const [claims, signature] = parts.map(fromBase64Url)
    if (!claims || !signature || parts.length > 2) return undefined
    // `verify` compares in constant time, and every key is tried, whichever it is.
    const results = await Promise.all(
      keys.map(async (key) => crypto.subtle.verify('HMAC', await key, signature, claims)),
    )
    if (!results.includes(true)) return undefined
    const [tenant, user, ...said] = JSON.parse(new TextDecoder().decode(claims)) as [string?, string?, ...unknown[]]
    const expires = Number(said[2]) - now()
    if (said[0] !== stream || said[1] !== verb || !(expires > 0)) return undefined
    return { tenant: tenant ?? undefined, user: user ?? undefined, expires }
  }

  return {
    sign,
    or: (authorize) => async (question) => {
      const { pathname, searchParams } = new URL(question.request.url)
      const capability = searchParams.get('capability')
      if (capability === null || !verbs.includes(question.verb)) return authorize(question)
      // Of the address and not of what was found, so that a stream that does not exist takes as long.
      const [, stream] = /\/streams\/([^/]+)(?:\/stop)?$/.exec(pathname) ?? []
      return stream === undefined ? undefined : verify(capability, stream, question.verb)
    },
  }
}

function readSecrets(secrets: unknown): Uint8Array<ArrayBuffer>[] {
  const remedy = `Give keys of ${shortest} bytes or more, such as the output of "openssl rand -base64 32"`
  const bytes = Array.isArray(secrets)
    ? secrets.map((secret) => (typeof secret === 'string' ? encoder.encode(secret) : secret))
    : []
  // What is wrong with a secret is said without the secret.
  if (bytes.length === 0 || !bytes.every((secret) => secret instanceof Uint8Array && secret.length >= shortest)) {
    throw new StreamError(
      'option',
      `The option createCapabilities.secrets has none, or one that is too short. ${remedy}.`,
    )
  }
  return bytes.map((secret) => Uint8Array.from(secret))
}

const toBase64Url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  // Bits at the end that count for nothing would make several texts of one capability.
  return toBase64Url(bytes) === text ? bytes : undefined
}
