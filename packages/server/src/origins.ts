import { StreamError } from '@keepstream/core'
import type { Exchange, Reply } from './exchange'
import { httpError, privateHeaders } from './exchange'

export interface OriginOptions {
  /** Origins of pages that may ask and read, exactly as browsers send them. */
  readonly origins: readonly string[]
  /** Whether their requests may bring cookies. */
  readonly credentials: boolean
  /** Request headers that they may send, in addition to those of the protocol. */
  readonly headers: readonly string[]
}

/** What pages of other origins may do (CORS), and what nobody may do on their visitors' behalf. */
export interface Origins {
  /** Throws an `http` error with status 403 for a request that a browser makes on behalf of a page that is not listed. */
  readonly check: (exchange: Exchange) => void
  /** What lets the page that asks read the answer. */
  readonly headers: (exchange: Exchange) => Readonly<Record<string, string>>
  /** The reply to a browser that asks before it asks (a preflight). */
  readonly preflight: (exchange: Exchange, methods: readonly string[]) => Reply | undefined
}

const requestHeaders = ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID']
const responseHeaders = ['Stream-Id', 'Location', 'Retry-After', 'Idempotent-Replayed']

export function createOrigins({ origins, credentials, headers: further }: OriginOptions): Origins {
  const listed = new Set(origins)
  const allowedHeaders = [...requestHeaders, ...further].join(', ')

  function headers(exchange: Exchange): Readonly<Record<string, string>> {
    const origin = exchange.header('origin')
    if (origin === undefined || !listed.has(origin)) return {}
    return {
      // Never `*`: with it a list would be a list of everybody.
      'access-control-allow-origin': origin,
      'access-control-expose-headers': responseHeaders.join(', '),
      ...(credentials && { 'access-control-allow-credentials': 'true' }),
    }
  }

  return {
    headers,
    check(exchange) {
      // Of a socket the handshake has been checked, against a list of its own.
      if (exchange.overSocket) return
      const origin = exchange.header('origin')
      if (origin !== undefined && listed.has(origin)) return
      // A browser says by itself where a request comes from, and lets no page say otherwise.
      const site = exchange.header('sec-fetch-site')
      if (site === 'same-origin' || (origin === undefined && (site === undefined || site === 'none'))) return
      throw httpError(403, 'forbidden_origin', 'Pages of this origin may not ask here.')
    },
    preflight(exchange, methods) {
      const granted = headers(exchange)
      if (!granted['access-control-allow-origin']) return undefined
      if (exchange.header('access-control-request-method') === undefined) return undefined
      return {
        status: 204,
        headers: {
          ...privateHeaders,
          ...granted,
          allow: methods.join(', '),
          'access-control-allow-methods': methods.join(', '),
          'access-control-allow-headers': allowedHeaders,
          'access-control-max-age': '600',
        },
      }
    },
  }
}

/** Throws an `option` error unless `value` is a list of origins as browsers send them. */
export function checkOrigins(name: string, value: unknown): void {
  const remedy = 'Give scheme, host and port in lower case, without a path, as in ["https://chat.example"]'
  if (!Array.isArray(value)) throw new StreamError('option', `The option ${name} is no list. ${remedy}.`)
  for (const origin of value) {
    // Custom schemes are those of applications that bring their own browser.
    if (typeof origin === 'string' && /^[a-z][a-z0-9+.-]*:\/\/[^/\s*A-Z]+$/.test(origin)) continue
    const what = `no list of origins: it has ${JSON.stringify(origin)}`
    throw new StreamError('option', `The option ${name} is ${what}. ${remedy}.`)
  }
}
